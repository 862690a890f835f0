import JaegerTracing
import Tracing

extension SamplingParameters {
    /// Returns parameters of which only those relevant to a test are set.
    static func stub(
        _ operationName: String = "op", low: UInt64 = 1, kind: SpanKind = .internal,
        tags: [SpanTag] = [], mustDecide: Bool = false
    ) -> SamplingParameters {
        SamplingParameters(
            traceID: TraceID(low: low), operationName: operationName, kind: kind, tags: tags,
            mustDecide: mustDecide)
    }
}
