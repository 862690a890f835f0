import JaegerTracing
import CoreMetrics

extension JaegerTracer {
    /// Returns a tracer with defaults for everything that is not relevant to a test.
    static func stub(
        reporter: any SpanReporter = NullReporter(),
        sampler: any Sampler = ConstSampler(true),
        processTags: [SpanTag] = [],
        traceIDWidth: TraceIDWidth = .bits128,
        propagation: Propagation = Propagation(),
        limits: SpanLimits = SpanLimits(),
        debugThrottler: (any DebugThrottler)? = nil,
        flightRecorder: FlightRecorder? = nil,
        usesZipkinSharedSpans: Bool = false,
        observer: (any SpanObserver)? = nil,
        metricsFactory: any MetricsFactory = NOOPMetricsHandler.instance
    ) -> JaegerTracer {
        JaegerTracer(
            serviceName: "stub", reporter: reporter, sampler: sampler, processTags: processTags,
            traceIDWidth: traceIDWidth, propagation: propagation, limits: limits,
            debugThrottler: debugThrottler, flightRecorder: flightRecorder,
            usesZipkinSharedSpans: usesZipkinSharedSpans, observer: observer,
            metricsFactory: metricsFactory)
    }
}

extension FinishedSpan {
    /// The value of a tag, if the span has it.
    subscript(tag key: String) -> TagValue? { tags.first { $0.key == key }?.value }
}
