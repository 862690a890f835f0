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
    public let propagation: Propagation
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
    ///   - propagation: The formats in which contexts travel, and limits on baggage.
    ///   - limits: How much a span may hold.
    ///   - idGenerator: Where ids come from; the one of the process by default.
    ///   - metricsFactory: Where the tracer counts; bootstrap the metrics system before.
    public init(
        serviceName: String,
        reporter: any SpanReporter,
        sampler: any Sampler = ConstSampler(true),
        processTags: [Tag] = [],
        traceIDWidth: TraceIDWidth = .bits128,
        propagation: Propagation = Propagation(),
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
        start(operationName, parent, .childOf, kind, surroundings?.takeApart().rest) {
            .now(isSampled: $0)
        }
    }

    private func start(
        _ operationName: String,
        _ parent: SpanContext?,
        _ relation: SpanReference.Kind,
        _ kind: SpanKind,
        _ surroundings: ServiceContext?,
        _ makeStart: (_ isSampled: Bool) -> SpanStart
    ) -> JaegerSpan {
        guard let parent, parent.isValid else {
            return startRoot(operationName, parent, kind, surroundings, makeStart)
        }
        let identity = SpanIdentity(
            traceID: parent.traceID, spanID: idGenerator.makeSpanID(), parentID: parent.spanID)
        let flags = TraceFlags(received: parent.flags.rawValue)
        let isSampled = flags.contains(.sampled)
        let start = makeStart(isSampled)
        var record = SpanRecord(
            operationName: cut(operationName), flags: flags, baggage: parent.baggage,
            startNanosecondsSinceEpoch: start.nanosecondsSinceEpoch)
        if isSampled {
            record.begin(kind.tag)
            if relation == .followsFrom {
                _ = record.append(
                    SpanReference(relation, traceID: parent.traceID, spanID: parent.spanID), limits)
            }
        }
        metrics.started(isSampled: isSampled, isNewTrace: false, isJoined: parent.isRemote)
        return JaegerSpan(
            self, identity, record, isSampled: isSampled, startMonotonic: start.monotonic,
            surroundings: surroundings)
    }

    /// Starts the first span of a new trace, which takes along what was received without a trace.
    private func startRoot(
        _ operationName: String,
        _ received: SpanContext?,
        _ kind: SpanKind,
        _ surroundings: ServiceContext?,
        _ makeStart: (_ isSampled: Bool) -> SpanStart
    ) -> JaegerSpan {
        let name = cut(operationName)
        let identity = SpanIdentity(
            traceID: idGenerator.makeTraceID(traceIDWidth), spanID: idGenerator.makeSpanID(),
            parentID: SpanID(0))
        let decision = decide(identity.traceID, name, kind, received?.debugID)
        let start = makeStart(decision.flags.contains(.sampled))
        var record = SpanRecord(
            operationName: name, flags: decision.flags, baggage: received?.baggage ?? Baggage(),
            startNanosecondsSinceEpoch: start.nanosecondsSinceEpoch)
        let isSampled = decision.flags.contains(.sampled)
        if isSampled {
            record.begin(kind.tag)
            for tag in decision.tags { record.append(tag) }
        }
        metrics.started(isSampled: isSampled, isNewTrace: true, isJoined: false)
        return JaegerSpan(
            self, identity, record, isSampled: isSampled, startMonotonic: start.monotonic,
            surroundings: surroundings)
    }

    /// Decides on a new trace: a debug id bypasses the sampler.
    private func decide(
        _ traceID: TraceID, _ operationName: String, _ kind: SpanKind, _ debugID: String?
    ) -> (flags: TraceFlags, tags: [Tag]) {
        if let debugID, let name = propagation.debugIDField {
            return ([.sampled, .debug], [Tag(name, .string(debugID))])
        }
        let decision = sampler.decide(
            SamplingCandidate(traceID: traceID, operationName: operationName, kind: kind))
        return (decision.isSampled ? .sampled : [], decision.tags)
    }

    private func cut(_ operationName: String) -> String {
        guard operationName.utf8.count > limits.operationNameBytesMax else { return operationName }
        metrics.exceeded(.operationNameBytes)
        var name = operationName
        name.trim(toBytes: limits.operationNameBytesMax)
        return name
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
        let (parent, rest) = context().takeApart()
        return start(operationName, parent, .childOf, kind, rest) {
            .at(instant, isSampled: $0)
        }
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
    fileprivate var tag: Tag {
        switch self {
        case .server: Tag("span.kind", "server")
        case .client: Tag("span.kind", "client")
        case .producer: Tag("span.kind", "producer")
        case .consumer: Tag("span.kind", "consumer")
        case .internal: Tag("span.kind", "internal")
        }
    }
}
