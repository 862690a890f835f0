public import Metrics
public import Tracing

/// Makes the spans of one service: a backend of swift-distributed-tracing that speaks Jaeger.
///
/// It decides with its sampler, reads and writes contexts with its propagation and hands finished
/// spans to its reporter, which it may share with other tracers. It never waits and never throws.
public final class JaegerTracer: Sendable {
    /// The service, as every span of this tracer carries it.
    public let process: TracedProcess
    /// How contexts travel.
    public let propagation: JaegerPropagation
    /// How much a span may hold.
    public let limits: SpanLimits
    let reporter: any SpanReporter
    let metrics: TracerMetrics
    private let sampler: any Sampler
    private let traceIDWidth: TraceIDWidth
    private let idGenerator: IDGenerator

    /// Makes a tracer.
    ///
    /// - Parameters:
    ///   - serviceName: The name under which the traces are found.
    ///   - reporter: Where finished spans go.
    ///   - sampler: Decides on new traces; all are sampled by default.
    ///   - processTags: Facts about the process; they win over `jaeger.version`, `hostname`, `ip`.
    ///   - traceIDWidth: 64 bits only for old services, which know no more.
    ///   - propagation: The names of the header fields, and limits on baggage.
    ///   - limits: How much a span may hold.
    ///   - idGenerator: Where ids come from; the one of the process by default.
    ///   - metricsFactory: Where the tracer counts; bootstrap the metrics system before.
    public init(
        serviceName: String,
        reporter: any SpanReporter,
        sampler: any Sampler = ConstSampler(true),
        processTags: [Tag] = [],
        traceIDWidth: TraceIDWidth = .bits128,
        propagation: JaegerPropagation = JaegerPropagation(),
        limits: SpanLimits = SpanLimits(),
        idGenerator: IDGenerator = .shared,
        metricsFactory: any MetricsFactory = MetricsSystem.factory
    ) {
        process = TracedProcess(
            serviceName: serviceName, tags: Self.allProcessTags(overriddenBy: processTags))
        self.reporter = reporter
        self.sampler = sampler
        self.traceIDWidth = traceIDWidth
        self.propagation = propagation
        self.limits = limits
        self.idGenerator = idGenerator
        metrics = TracerMetrics(factory: metricsFactory)
    }

    private static func allProcessTags(overriddenBy own: [Tag]) -> [Tag] {
        var tags = [Tag("jaeger.version", .string("Spoor-" + SpoorVersion.current))]
        if let name = Host.name { tags.append(Tag("hostname", .string(name))) }
        if let address = Host.address { tags.append(Tag("ip", .string(address))) }
        tags.removeAll { tag in own.contains { $0.key == tag.key } }
        return tags + own
    }

    // MARK: Starting spans

    /// Starts a span under a parent, or with nil in a new trace: what is current does not matter.
    ///
    /// - Parameters:
    ///   - operationName: What the span does, of low cardinality.
    ///   - parent: The parent's context. One without a valid trace starts a new trace that takes
    ///     its baggage along.
    ///   - relation: `followsFrom` if the parent does not wait for the span: it is its parent all
    ///     the same, and the relation is noted as a reference.
    ///   - kind: The role of the span, kept as tag `span.kind`.
    ///   - tags: The first tags of the span.
    public func startSpan(
        _ operationName: String,
        childOf parent: SpanContext?,
        relation: SpanReference.Kind = .childOf,
        ofKind kind: SpanKind = .internal,
        tags: [Tag] = []
    ) -> JaegerSpan {
        let span = start(operationName, parent, relation, kind, nil) { .now(isSampled: $0) }
        for tag in tags { span.setTag(tag.key, tag.value) }
        return span
    }

    /// Starts a span whose service context also holds what the surroundings hold.
    package func startSpan(
        _ operationName: String,
        childOf parent: SpanContext?,
        within surroundings: ServiceContext?,
        ofKind kind: SpanKind
    ) -> JaegerSpan {
        start(
            operationName, parent, .childOf, kind, surroundings?.withoutSpanContext
        ) { .now(isSampled: $0) }
    }

    private func start(
        _ operationName: String,
        _ parent: SpanContext?,
        _ relation: SpanReference.Kind,
        _ kind: SpanKind,
        _ surroundings: ServiceContext?,
        _ makeStart: (_ isSampled: Bool) -> SpanStart
    ) -> JaegerSpan {
        var name = operationName
        if name.trim(toBytes: limits.operationNameBytesMax) {
            metrics.exceeded(.operationNameBytes)
        }
        var tags = kind.tags
        let identity: SpanContext
        var reference: SpanReference?
        if let parent, parent.isValid {
            identity = SpanContext(
                traceID: parent.traceID, spanID: idGenerator.makeSpanID(),
                parentID: parent.spanID, flags: TraceFlags(received: parent.flags.rawValue),
                baggage: parent.baggage)
            if relation == .followsFrom {
                reference = SpanReference(
                    relation, traceID: parent.traceID, spanID: parent.spanID)
            }
        } else {
            identity = makeRoot(name, takingAlong: parent, tags: &tags)
        }
        metrics.started(
            isSampled: identity.isSampled, isNewTrace: identity.parentID == nil,
            isJoined: parent?.isRemote ?? false)
        return JaegerSpan(
            tracer: self, identity: identity, operationName: name, surroundings: surroundings,
            start: makeStart(identity.isSampled), tags: tags, reference: reference)
    }

    /// Makes the identity of the first span of a new trace.
    private func makeRoot(
        _ operationName: String, takingAlong received: SpanContext?, tags: inout [Tag]
    ) -> SpanContext {
        let traceID = idGenerator.makeTraceID(traceIDWidth)
        var root = SpanContext(
            traceID: traceID, spanID: idGenerator.makeSpanID(), baggage: received?.baggage ?? [:])
        if let debugID = received?.debugID, let name = propagation.debugIDField {
            root.flags = [.sampled, .debug]
            tags.append(Tag(name, .string(debugID)))
        } else {
            let decision = sampler.decide(traceID: traceID, operationName: operationName)
            guard decision.isSampled else { return root }
            root.flags = .sampled
            tags += decision.tags
        }
        return root
    }
}

extension JaegerTracer: Tracer {
    /// Starts a span under the one in the context, as swift-distributed-tracing asks for it.
    public func startSpan<Instant: TracerInstant>(
        _ operationName: String,
        context: @autoclosure () -> ServiceContext,
        ofKind kind: SpanKind,
        at instant: @autoclosure () -> Instant,
        function: String,
        file fileID: String,
        line: UInt
    ) -> JaegerSpan {
        let context = context()
        return start(
            operationName, context.spanContext, .childOf, kind, context.withoutSpanContext
        ) { .at(instant, isSampled: $0) }
    }

    /// The span of this tracer that put its context there, until it ends.
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
}

extension SpanKind {
    /// The role of a span as tag.
    fileprivate var tags: [Tag] {
        switch self {
        case .server: [Tag("span.kind", "server")]
        case .client: [Tag("span.kind", "client")]
        case .producer: [Tag("span.kind", "producer")]
        case .consumer: [Tag("span.kind", "consumer")]
        case .internal: [Tag("span.kind", "internal")]
        }
    }
}
