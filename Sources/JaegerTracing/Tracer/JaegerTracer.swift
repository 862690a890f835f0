public import CoreMetrics
public import Tracing

/// Creates the spans of one service: a Jaeger backend of swift-distributed-tracing.
///
/// It decides with its sampler, extracts and injects contexts with its propagation and passes finished spans to its
/// reporter, which may be shared with other tracers. It never blocks and does not throw.
public final class JaegerTracer: Sendable {
    /// The service, which each span of this tracer refers to.
    public let process: TracedProcess
    /// The formats in which contexts are propagated.
    public let propagation: Propagation
    /// The limits of a span.
    public let limits: SpanLimits
    /// The names of the HTTP tags that middlewares with this tracer record by default.
    public let conventions: SemanticConventions
    let reporter: any SpanReporter
    let metrics: TracerMetrics
    let sampler: any Sampler
    let debugThrottler: (any DebugThrottler)?
    let flightRecorder: FlightRecorder?
    let heldSpans: HeldSpans
    let usesZipkinSharedSpans: Bool
    let observer: (any SpanObserver)?
    /// Whether there is an observer; cheaper to check than the observer itself.
    package let isObserved: Bool
    let isPassThrough: Bool
    let traceIDWidth: TraceIDWidth
    let idGenerator: IDGenerator

    /// Creates a tracer.
    ///
    /// - Parameters:
    ///   - serviceName: The name under which the traces are found.
    ///   - reporter: The destination of finished spans.
    ///   - sampler: Decides on new traces; all are sampled by default.
    ///   - configuration: The process tags, propagation, limits and other options.
    public init(
        serviceName: String,
        reporter: any SpanReporter,
        sampler: any Sampler = ConstSampler(true),
        configuration: JaegerTracerConfiguration = JaegerTracerConfiguration()
    ) {
        process = TracedProcess(
            serviceName: serviceName,
            tags: Self.allProcessTags(
                clientID: configuration.idGenerator.makeSpanID(),
                overriddenBy: configuration.processTags))
        self.reporter = reporter
        self.sampler = sampler
        traceIDWidth = configuration.traceIDWidth
        propagation = configuration.propagation
        limits = configuration.limits
        debugThrottler = configuration.debugThrottler
        flightRecorder = configuration.flightRecorder
        usesZipkinSharedSpans = configuration.usesZipkinSharedSpans
        conventions = configuration.conventions
        observer = configuration.observer
        isPassThrough = configuration.isPassThrough
        isObserved = configuration.observer != nil && !configuration.isPassThrough
        idGenerator = configuration.idGenerator
        metrics = TracerMetrics(
            factory: isPassThrough ? NOOPMetricsHandler.instance : configuration.metricsFactory)
        heldSpans = HeldSpans(sampler, flightRecorder, reporter, metrics)
    }

    private static func allProcessTags(
        clientID: SpanID, overriddenBy own: [SpanTag]
    ) -> [SpanTag] {
        var tags = [
            SpanTag("jaeger.version", .string("Spoor-" + SpoorVersion.current)),
            SpanTag("client-uuid", .string(clientID.description)),
        ]
        if let name = Host.name { tags.append(SpanTag("hostname", .string(name))) }
        if let address = Host.address { tags.append(SpanTag("ip", .string(address))) }
        tags.removeAll { tag in own.contains { $0.key == tag.key } }
        return tags + own
    }
}

/// The options of a ``JaegerTracer``; each has a default.
public struct JaegerTracerConfiguration: Sendable {
    /// The tags of the process.
    ///
    /// They replace `jaeger.version`, `hostname`, `ip` and `client-uuid`, which the tracer sets; the last one differs for
    /// each tracer.
    public var processTags: [SpanTag] = []
    /// The width of new trace ids; 64 bits only for services that cannot read 128.
    public var traceIDWidth = TraceIDWidth.bits128
    /// The formats in which contexts are read and written, and the limits on baggage.
    public var propagation = Propagation()
    /// The limits of each span.
    public var limits = SpanLimits()
    /// The limiter of traces that a debug id or `sampling.priority` forces to be sampled; nil for no limit.
    ///
    /// A trace beyond the limit is sampled as usual, and counted.
    public var debugThrottler: (any DebugThrottler)?
    /// The flight recorder, which reports failed and slow traces that were not sampled; nil, the default, costs
    /// nothing.
    public var flightRecorder: FlightRecorder?
    /// Whether a server span takes the id of the client's span, as in Zipkin, instead of becoming its child.
    public var usesZipkinSharedSpans = false
    /// The attribute names of HTTP spans that middlewares with this tracer create.
    public var conventions = SemanticConventions.openTracing
    /// The observer of the start and the end of every span; nil, the default, costs nothing.
    public var observer: (any SpanObserver)?
    /// Whether the tracer only propagates contexts.
    ///
    /// Each span then has the context of its parent, unchanged, including the span id and the sampling decision; a span
    /// without a parent has an empty context, so that services downstream decide. Nothing is recorded, counted, observed or
    /// forced; the sampler and the reporter are not called.
    public var isPassThrough = false
    /// The source of new ids.
    public var idGenerator = IDGenerator.shared
    /// The factory of the tracer's counters; bootstrap the metrics system before.
    public var metricsFactory: any MetricsFactory = MetricsSystem.factory

    /// Creates a configuration with the defaults.
    public init() {}
}

extension JaegerTracer {
    /// Returns the span of this tracer in the context; nil after its end.
    public func activeSpan(identifiedBy context: ServiceContext) -> JaegerSpan? {
        guard let span = context.jaegerSpan, span.tracer === self, !span.hasEnded else {
            return nil
        }
        return span
    }

    /// Requests a flush of the reporter and returns immediately.
    ///
    /// This is the function of the protocol `Tracer`, which is synchronous; ``flush()`` waits.
    public func forceFlush() {
        reporter.requestFlush()
    }

    /// Flushes the reporter; returns when every span that ended before the call is sent or dropped.
    public func flush() async {
        await reporter.forceFlush()
    }

    /// Shuts down the sampler and the reporter: pending spans are sent, or dropped and counted when the timeout expires.
    ///
    /// Spans that end later are dropped, also those of other tracers that share the reporter; call ``flush()`` of the
    /// other tracers first.
    ///
    /// - Parameter timeout: The maximum time to wait; the reporter's own timeout if nil.
    public func shutdown(timeout: Duration? = nil) async {
        sampler.shutdown()
        await reporter.shutdown(timeout: timeout)
    }
}
