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
    ///     - serviceName: The name under which the traces are found.
    ///     - reporter: Where finished spans go.
    ///     - sampler: Decides on new traces; all are sampled by default.
    ///     - processTags: Facts about the process; they win over `jaeger.version`, `hostname`,
    ///     `ip` and `client-uuid`, which differs from process to process and from tracer to tracer.
    ///     - traceIDWidth: 64 bits only for old services, which know no more.
    ///     - propagation: The formats in which contexts travel, and limits on baggage.
    ///     - limits: How much a span may hold.
    ///     - debugThrottler: How often a debug id or `sampling.priority` may force a trace to be
    ///     sampled; as often as it likes if nil. What is denied is sampled as usual, and counted.
    ///     - flightRecorder: Whether failed and slow traces are reported though they were not sampled;
    ///     nil for no, which costs nothing.
    ///     - usesZipkinSharedSpans: Whether a server span takes the id of the client's span, as in Zipkin,
    ///     instead of becoming its child; for systems that grew up so.
    ///     - conventions: Under which names middlewares with this tracer tell of HTTP.
    ///     - observer: Notified of the start and the end of every span; nil costs nothing.
    ///     - isPassThrough: Whether the tracer is switched off. Its spans then hand the parent's context
    ///     on as it is, span id and decision included, and have none without a parent, so that
    ///     services further on decide by themselves. Nothing is recorded, counted, observed or
    ///     forced; sampler and reporter are not asked.
    ///     - idGenerator: Where ids come from; the one of the process by default.
    ///     - metricsFactory: Where the tracer counts; bootstrap the metrics system before.
    public init(
        serviceName: String,
        reporter: any SpanReporter,
        sampler: any Sampler = ConstSampler(true),
        processTags: [SpanTag] = [],
        traceIDWidth: TraceIDWidth = .bits128,
        propagation: Propagation = Propagation(),
        limits: SpanLimits = SpanLimits(),
        debugThrottler: (any DebugThrottler)? = nil,
        flightRecorder: FlightRecorder? = nil,
        usesZipkinSharedSpans: Bool = false,
        conventions: SemanticConventions = .openTracing,
        observer: (any SpanObserver)? = nil,
        isPassThrough: Bool = false,
        idGenerator: IDGenerator = .shared,
        metricsFactory: any MetricsFactory = MetricsSystem.factory
    ) {
        process = TracedProcess(
            serviceName: serviceName,
            tags: Self.allProcessTags(
                clientID: idGenerator.makeSpanID(), overriddenBy: processTags))
        self.reporter = reporter
        self.sampler = sampler
        self.traceIDWidth = traceIDWidth
        self.propagation = propagation
        self.limits = limits
        self.debugThrottler = debugThrottler
        self.flightRecorder = flightRecorder
        self.usesZipkinSharedSpans = usesZipkinSharedSpans
        self.conventions = conventions
        self.observer = observer
        isObserved = observer != nil && !isPassThrough
        self.isPassThrough = isPassThrough
        self.idGenerator = idGenerator
        metrics = TracerMetrics(
            factory: isPassThrough ? NOOPMetricsHandler.instance : metricsFactory)
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

extension JaegerTracer {
    /// Returns the span of this tracer in the context; nil after its end.
    public func activeSpan(identifiedBy context: ServiceContext) -> JaegerSpan? {
        guard let span = context.jaegerSpan, span.tracer === self, !span.hasEnded else {
            return nil
        }
        return span
    }

    /// Asks the reporter to send what is pending; returns at once.
    public func forceFlush() {
        reporter.flushSoon()
    }

    /// Returns when every span that ended before the call is sent or dropped.
    public func flush() async {
        await reporter.flush()
    }

    /// Closes the sampler and the reporter: what is pending is sent, or dropped and counted when the time is up.
    ///
    /// Spans that end later are dropped, also those of other tracers that share the reporter: of several, ``flush()`` the
    /// others first.
    ///
    /// - Parameter timeout: How long to wait at the most; the reporter's own time if nil.
    public func close(within timeout: Duration? = nil) async {
        sampler.close()
        await reporter.close(within: timeout)
    }
}
