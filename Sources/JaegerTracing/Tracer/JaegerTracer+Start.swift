public import Tracing

/// Starting spans.
extension JaegerTracer {
    /// Starts a span as the child of a context, or with nil in a new trace; the current span is not used.
    ///
    /// - Parameters:
    ///   - operationName: The operation, a name of low cardinality.
    ///   - parent: The parent's context. A context without a valid trace starts a new trace with its baggage.
    ///   - kind: The role of the span, recorded as the tag `span.kind`.
    ///   - tags: The first tags of the span; they are passed to the sampler of a new trace.
    public func startSpan(
        _ operationName: String, childOf parent: SpanContext?,
        ofKind kind: SpanKind = .internal, tags: [SpanTag] = []
    ) -> JaegerSpan {
        start(operationName, under: parent?.asParent(), kind, tags) { .now(isRecorded: $0) }
    }

    /// Starts a span as the child of another span of this process.
    public func startSpan(
        _ operationName: String, childOf parent: JaegerSpan,
        ofKind kind: SpanKind = .internal, tags: [SpanTag] = []
    ) -> JaegerSpan {
        start(operationName, under: parent.asParent(), kind, tags) { .now(isRecorded: $0) }
    }

    /// Starts a span that has several causes, or one that does not wait for it to end.
    ///
    /// Its parent, whose trace, decision and baggage it inherits, is the first `childOf` reference with a valid trace,
    /// otherwise the first reference with one. The others, and a parent that does not wait, are added as references.
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

    /// Starts a span as the child of a received context; its service context also contains the other values of
    /// `outerContext`.
    package func startSpan(
        _ operationName: String, childOf parent: SpanContext?,
        within outerContext: ServiceContext?, ofKind kind: SpanKind
    ) -> JaegerSpan {
        start(
            operationName, under: parent?.asParent(), kind, [], outerContext?.withoutSpan
        ) { .now(isRecorded: $0) }
    }

    /// Starts a span as the child of the span in a service context, whose other values its service context contains,
    /// too.
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
        _ outerContext: ServiceContext? = nil, _ makeStart: (_ isRecorded: Bool) -> SpanStart
    ) -> JaegerSpan {
        let name = truncated(operationName)
        let beginning =
            switch consume parent {
            case let parent? where isPassThrough: passThrough(parent.resolved())
            case let parent?: begin(name, under: parent, kind, tags)
            case nil where isPassThrough: passThrough(SpanContext(baggage: [:]))
            case nil: begin(name, kind, tags)
            }
        let start = makeStart(beginning.isRecorded)
        metrics.started(
            beginning.sampling, isNewTrace: beginning.isNewTrace,
            isJoined: !beginning.isNewTrace && beginning.identity.isParentRemote)
        let span = JaegerSpan(self, kind, name, beginning, start, outerContext)
        if !tags.isEmpty { span.setFirstTags(tags) }
        if isObserved { observer?.spanStarted(span) }
        return span
    }

    private func truncated(_ operationName: String) -> String {
        guard operationName.utf8.count > limits.maxOperationNameBytes else { return operationName }
        metrics.exceeded(.operationNameBytes)
        var name = operationName
        name.trim(toBytes: limits.maxOperationNameBytes)
        return name
    }
}

extension JaegerTracer: Tracer {
    /// Starts a span as the child of the span in the context, for swift-distributed-tracing.
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
