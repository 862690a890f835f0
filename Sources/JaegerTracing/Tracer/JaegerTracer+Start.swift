public import Tracing

/// Starting spans.
extension JaegerTracer {
    /// Starts a span under a parent, or with nil in a new trace: what is current does not matter.
    ///
    /// - Parameters:
    ///   - operationName: What the span does, of low cardinality.
    ///   - parent: The parent's context. One without a valid trace starts a new trace that takes
    ///     its baggage along.
    ///   - kind: The role of the span, kept as tag `span.kind`.
    ///   - tags: The first tags of the span; the sampler of a new trace sees them.
    public func startSpan(
        _ operationName: String, childOf parent: SpanContext?,
        ofKind kind: SpanKind = .internal, tags: [SpanTag] = []
    ) -> JaegerSpan {
        start(operationName, under: parent?.asParent(), kind, tags) { .now(isRecorded: $0) }
    }

    /// Starts a span under another of this process.
    public func startSpan(
        _ operationName: String, childOf parent: JaegerSpan,
        ofKind kind: SpanKind = .internal, tags: [SpanTag] = []
    ) -> JaegerSpan {
        start(operationName, under: parent.asParent(), kind, tags) { .now(isRecorded: $0) }
    }

    /// Starts a span that has several causes, or one that does not wait for it.
    ///
    /// Its parent, whose trace, decision and baggage it inherits, is the first `childOf` reference
    /// that names a trace, or else the first reference that does. The others, and a parent that does
    /// not wait, are noted as references.
    public func startSpan(
        _ operationName: String, references: [CausalReference],
        ofKind kind: SpanKind = .internal, tags: [SpanTag] = []
    ) -> JaegerSpan {
        let place = references.indexOfParent
        let span = startSpan(
            operationName, childOf: place.map { references[$0].context }, ofKind: kind, tags: tags)
        for (index, reference) in references.enumerated() {
            if index == place && reference.kind == .childOf { continue }
            span.addReference(reference.kind, to: reference.context)
        }
        return span
    }

    /// Starts a span under a received context; its service context also holds what the surroundings hold.
    package func startSpan(
        _ operationName: String, childOf parent: SpanContext?,
        within surroundings: ServiceContext?, ofKind kind: SpanKind
    ) -> JaegerSpan {
        start(
            operationName, under: parent?.asParent(), kind, [], surroundings?.withoutSpan
        ) { .now(isRecorded: $0) }
    }

    /// Starts a span under the one in a service context, the rest of which its own holds too.
    package func startSpan(
        _ operationName: String, within context: ServiceContext?, ofKind kind: SpanKind
    ) -> JaegerSpan {
        guard let parts = context?.split() else {
            return start(operationName, under: nil, kind, []) { .now(isRecorded: $0) }
        }
        return start(operationName, under: parts.parent, kind, [], parts.rest) {
            .now(isRecorded: $0)
        }
    }

    private func start(
        _ operationName: String, under parent: consuming SpanParent?, _ kind: SpanKind,
        _ tags: [SpanTag],
        _ surroundings: ServiceContext? = nil, _ makeStart: (_ isRecorded: Bool) -> SpanStart
    ) -> JaegerSpan {
        let name = cut(operationName)
        let beginning =
            switch consume parent {
            case let parent? where isPassThrough: passOn(parent.resolved())
            case let parent?: begin(name, under: parent, kind, tags)
            case nil where isPassThrough: passOn(SpanContext(baggage: [:]))
            case nil: begin(name, kind, tags)
            }
        let start = makeStart(beginning.isRecorded)
        metrics.started(
            beginning.sampling, isNewTrace: beginning.isNewTrace,
            isJoined: !beginning.isNewTrace && beginning.identity.isParentRemote)
        let span = JaegerSpan(self, kind, name, beginning, start, surroundings)
        if !tags.isEmpty { span.setFirstTags(tags) }
        if isObserved { observer?.spanStarted(span) }
        return span
    }

    private func cut(_ operationName: String) -> String {
        guard operationName.utf8.count > limits.maxOperationNameBytes else { return operationName }
        metrics.exceeded(.operationNameBytes)
        var name = operationName
        name.trim(toBytes: limits.maxOperationNameBytes)
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
        let parts = context().split()
        return start(operationName, under: parts.parent, kind, [], parts.rest) {
            .at(instant, isRecorded: $0)
        }
    }
}
