import JaegerTracing
import Tracing

extension SamplingCandidate {
    /// A candidate that sets only what a test is about.
    static func stub(
        _ operationName: String = "op", low: UInt64 = 1, kind: SpanKind = .internal,
        tags: [SpanTag] = [], isLastChance: Bool = false
    ) -> SamplingCandidate {
        SamplingCandidate(
            traceID: TraceID(low: low), operationName: operationName, kind: kind, tags: tags,
            isLastChance: isLastChance)
    }
}
