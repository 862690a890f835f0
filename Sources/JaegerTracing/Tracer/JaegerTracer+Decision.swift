import Tracing

/// Which trace a new span belongs to, and whether that is sampled.
extension JaegerTracer {
    /// Decides on a span with this parent.
    func begin(
        _ operationName: String, under parent: SpanContext?, _ kind: SpanKind, _ tags: [Tag]
    ) -> SpanBeginning {
        var beginning = SpanBeginning(identity(under: parent, kind), under: parent)
        if let parent, parent.isValid, !parent.isSamplingDeferred, parent.debugID == nil {
            follow(parent, &beginning)
        } else {
            decide(operationName, parent, kind, tags, &beginning)
        }
        return beginning
    }

    private func identity(under parent: SpanContext?, _ kind: SpanKind) -> SpanIdentity {
        guard let parent, parent.isValid else {
            return SpanIdentity(
                traceID: idGenerator.makeTraceID(traceIDWidth), spanID: idGenerator.makeSpanID(),
                parentID: SpanID(0), isParentRemote: false, hasRandomTraceID: true)
        }
        let isShared = sharesRPCSpans && kind == .server && parent.isRemote
        return SpanIdentity(
            traceID: parent.traceID,
            spanID: isShared ? parent.spanID : idGenerator.makeSpanID(),
            parentID: isShared ? parent.parentID ?? SpanID(0) : parent.spanID,
            isParentRemote: parent.isRemote, hasRandomTraceID: parent.hasRandomTraceID)
    }

    /// Joins a trace that is decided on, or at least being decided on in this process.
    private func follow(_ parent: SpanContext, _ beginning: inout SpanBeginning) {
        guard !beginning.flags.contains(.sampled) else { return }
        if let trace = parent.local.trace {
            switch trace.verdict {
            case .undecided, .watched: beginning.localTrace = trace
            case .kept: beginning.flags.insert(.sampled)
            case .forgotten: break
            }
        } else if parent.isRemote {
            watch(&beginning)
        }
    }

    /// Decides on a trace that nobody has decided on, or that was asked for by a debug id.
    private func decide(
        _ operationName: String, _ parent: SpanContext?, _ kind: SpanKind, _ tags: [Tag],
        _ beginning: inout SpanBeginning
    ) {
        if let debugID = parent?.debugID, let name = propagation.debugIDField,
            allowsDebug(operationName)
        {
            beginning.flags.formUnion([.sampled, .debug])
            beginning.tags = [Tag(name, .string(debugID))]
            return
        }
        if let parent, !parent.isSamplingDeferred {
            // A decision came along, with a trace or without.
            return follow(parent, &beginning)
        }
        let candidate = SamplingCandidate(
            traceID: beginning.identity.traceID, operationName: operationName, kind: kind,
            tags: tags)
        let decision = sampler.decide(candidate)
        if !decision.isFinal {
            beginning.localTrace = LocalTrace(
                self, rootID: beginning.identity.spanID, candidate: candidate)
        } else if decision.isSampled {
            beginning.flags.insert(.sampled)
            beginning.tags = decision.tags
        } else {
            watch(&beginning)
        }
    }

    /// Has the flight recorder watch an unsampled trace from its local root on, if there is one.
    private func watch(_ beginning: inout SpanBeginning) {
        guard flightRecorder != nil else { return }
        beginning.localTrace = LocalTrace(
            self, rootID: beginning.identity.spanID, candidate: nil)
    }

    /// Whether one more trace may become debug; a refusal is counted.
    func allowsDebug(_ operationName: String) -> Bool {
        guard let debugThrottler, !debugThrottler.isAllowed(operationName: operationName) else {
            return true
        }
        metrics.debugThrottled()
        return false
    }
}
