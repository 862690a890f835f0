import Tracing

/// Determines the trace of a new span, and whether it is sampled.
extension JaegerTracer {
    /// Decides on the first span of a new trace.
    func begin(
        _ operationName: String, _ kind: SpanKind, _ tags: [SpanTag]
    ) -> SpanBeginning {
        var beginning = SpanBeginning(identity: newIdentity(), isNewTrace: true)
        sample(operationName, kind, tags, &beginning)
        return beginning
    }

    /// Decides on a span with a parent, whose local trace it joins.
    func begin(
        _ operationName: String, under parent: consuming SpanParent, _ kind: SpanKind,
        _ tags: [SpanTag]
    ) -> SpanBeginning {
        let isValid = parent.context.isValid
        var beginning = SpanBeginning(
            identity: isValid ? identity(under: parent, kind) : newIdentity(),
            isNewTrace: !isValid, flags: TraceFlags(received: parent.context.flags.rawValue),
            baggage: parent.context.baggage, extras: parent.context.extras,
            localTrace: parent.localTrace)
        // A trace state belongs to its trace.
        if !isValid { beginning.extras.traceState = nil }
        if force(operationName, &beginning) { return beginning }
        if parent.context.isSamplingDeferred {
            sample(operationName, kind, tags, &beginning)
        } else {
            // A decision was received, with or without a trace.
            follow(isRemote: parent.context.isRemote, &beginning)
        }
        return beginning
    }

    /// Creates the beginning of a span that propagates a context unchanged; an empty context is not propagated.
    func passThrough(_ context: SpanContext) -> SpanBeginning {
        let identity = SpanIdentity(
            traceID: context.traceID, spanID: context.spanID,
            parentID: context.parentID ?? SpanID(0), isParentRemote: context.isRemote,
            hasRandomTraceID: context.hasRandomTraceID,
            isSamplingDeferred: context.isSamplingDeferred)
        return SpanBeginning(
            identity: identity, isNewTrace: false, isPassThrough: true, flags: context.flags,
            baggage: context.baggage, extras: context.extras)
    }

    private func newIdentity() -> SpanIdentity {
        SpanIdentity(
            traceID: idGenerator.makeTraceID(traceIDWidth), spanID: idGenerator.makeSpanID(),
            parentID: SpanID(0), isParentRemote: false, hasRandomTraceID: true)
    }

    private func identity(
        under parent: borrowing SpanParent, _ kind: SpanKind
    ) -> SpanIdentity {
        let isShared = usesZipkinSharedSpans && kind == .server && parent.context.isRemote
        return SpanIdentity(
            traceID: parent.context.traceID,
            spanID: isShared ? parent.context.spanID : idGenerator.makeSpanID(),
            parentID: isShared ? parent.context.parentID ?? SpanID(0) : parent.context.spanID,
            isParentRemote: parent.context.isRemote,
            hasRandomTraceID: parent.context.hasRandomTraceID)
    }

    /// Marks the span as debug if there is a debug id, which is consumed.
    ///
    /// - Returns: Whether the sampling decision is made.
    private func force(_ operationName: String, _ beginning: inout SpanBeginning) -> Bool {
        guard let debugID = beginning.extras.debugID else { return false }
        beginning.extras.debugID = nil
        guard let name = propagation.debugIDHeader, allowsDebug(operationName) else { return false }
        beginning.localTrace = nil
        beginning.flags.formUnion([.sampled, .debug])
        beginning.tags = [SpanTag(name, .string(debugID))]
        return true
    }

    /// Joins a trace that is decided on, or whose decision is pending in this process.
    private func follow(isRemote: Bool, _ beginning: inout SpanBeginning) {
        let isSampled = beginning.flags.contains(.sampled)
        if let trace = beginning.localTrace {
            let status = trace.status
            if status == .reported { beginning.flags.insert(.sampled) }
            if isSampled || !status.isPending { beginning.localTrace = nil }
        } else if isRemote && !isSampled {
            watch(&beginning)
        }
    }

    /// Calls the sampler for a trace that is undecided.
    private func sample(
        _ operationName: String, _ kind: SpanKind, _ tags: [SpanTag],
        _ beginning: inout SpanBeginning
    ) {
        beginning.localTrace = nil
        let parameters = SamplingParameters(
            traceID: beginning.identity.traceID, operationName: operationName, kind: kind,
            tags: tags)
        let decision = sampler.decide(parameters)
        if !decision.isFinal {
            beginning.localTrace = LocalTrace(
                heldSpans, rootID: beginning.identity.spanID, parameters: parameters)
        } else if decision.isSampled {
            beginning.flags.insert(.sampled)
            beginning.tags = decision.tags
        } else {
            watch(&beginning)
        }
    }

    /// Lets the flight recorder, if there is one, retain an unsampled trace from its local root on.
    private func watch(_ beginning: inout SpanBeginning) {
        guard flightRecorder != nil else { return }
        beginning.localTrace = LocalTrace(
            heldSpans, rootID: beginning.identity.spanID, parameters: nil)
    }

    /// Returns whether another trace may become debug; counts it if not.
    func allowsDebug(_ operationName: String) -> Bool {
        guard let debugThrottler, !debugThrottler.isAllowed(operationName: operationName) else {
            return true
        }
        metrics.debugThrottled()
        return false
    }
}
