import JaegerTracing
import Tracing

extension SamplingParameters {
    /// A candidate that sets only what a test is about.
    static func stub(
        _ operationName: String = "op", low: UInt64 = 1, kind: SpanKind = .internal,
        tags: [SpanTag] = [], mustDecide: Bool = false
    ) -> SamplingParameters {
        SamplingParameters(
            traceID: TraceID(low: low), operationName: operationName, kind: kind, tags: tags,
            mustDecide: mustDecide)
    }
}
