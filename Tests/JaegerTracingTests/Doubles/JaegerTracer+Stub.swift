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
        var configuration = JaegerTracerConfiguration()
        configuration.processTags = processTags
        configuration.traceIDWidth = traceIDWidth
        configuration.propagation = propagation
        configuration.limits = limits
        configuration.debugThrottler = debugThrottler
        configuration.flightRecorder = flightRecorder
        configuration.usesZipkinSharedSpans = usesZipkinSharedSpans
        configuration.observer = observer
        configuration.metricsFactory = metricsFactory
        return JaegerTracer(
            serviceName: "stub", reporter: reporter, sampler: sampler,
            configuration: configuration)
    }
}

extension FinishedSpan {
    /// The value of a tag, if the span has it.
    subscript(tag key: String) -> TagValue? { tags.first { $0.key == key }?.value }
}
