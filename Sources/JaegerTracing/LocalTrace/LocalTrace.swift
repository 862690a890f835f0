import Synchronization

/// The spans that one trace has in this process, while it is undecided whether they are reported.
///
/// It exists while a sampler has not decided, or while a flight recorder holds an unsampled trace; traces that are
/// decided on immediately have none. It is owned by the spans of the trace. Spans that end in the meantime are held
/// here until the decision, at the latest until the local root ends. No lock of a span is held while the lock of its
/// trace is acquired; a trace holds its own lock while it calls ``HeldSpans`` and ``OpenTraces``, which call nothing
/// else under their locks. Samplers, reporters and observers are called without any lock, which a test checks.
final class LocalTrace: Sendable {
    /// The decision on the spans; it only moves downwards in this list, and the last two are final.
    enum Verdict: UInt8, AtomicRepresentable {
        /// The sampler has not decided.
        case undecided
        /// The trace is not sampled, but may be reported when the local root ends.
        case watched
        /// The spans are reported.
        case kept
        /// The spans are not reported, and need not be recorded.
        case forgotten

        var isOpen: Bool { self == .undecided || self == .watched }
    }

    private struct State {
        /// The parameters for the last call of the sampler; nil once it has decided.
        var parameters: SamplingParameters?
        /// The tags of the local root that record the decision.
        var tags: [SpanTag] = []
        /// The spans that have ended so far.
        var spans: [FinishedSpan] = []
        /// The number of the trace in ``HeldSpans``, if it has held spans.
        var sequenceNumber: UInt64?
        /// The number of the trace in ``OpenTraces``, if a context was created while it was open.
        var number: UInt64?
        var hasFailed = false
        var hasRootEnded = false
    }

    /// The id of the local root, the first span of the trace in this process.
    let rootID: SpanID
    private let held: HeldSpans
    private let current: Atomic<Verdict>
    private let state: Mutex<State>

    /// Creates an undecided trace with parameters for the sampler, or without them one that the flight recorder holds.
    init(_ held: HeldSpans, rootID: SpanID, parameters: SamplingParameters?) {
        self.held = held
        self.rootID = rootID
        current = Atomic(parameters == nil ? .watched : .undecided)
        state = Mutex(State(parameters: parameters))
    }

    deinit {
        if let number = state.withLock({ $0.number }) { OpenTraces.remove(number) }
    }

    /// The decision on the spans, as far as it is known.
    var verdict: Verdict { current.load(ordering: .relaxed) }

    /// The label under which the spans are counted.
    var sampling: TracerMetrics.Sampling {
        switch verdict {
        case .undecided: .delayed
        case .kept: .sampled
        case .watched, .forgotten: .unsampled
        }
    }

    /// The reference of a context to the trace while it is undecided; nil if it is decided.
    var pendingSampling: PendingSampling? {
        state.withLock { state in
            let verdict = self.verdict
            guard verdict.isOpen else { return nil }
            let number = state.number ?? OpenTraces.add(self)
            state.number = number
            return PendingSampling(localTrace: number, isUndecided: verdict == .undecided)
        }
    }

    // MARK: The sampler's decision

    /// Calls the sampler again, because the local root has another name or other tags.
    func reconsider(_ operationName: String, _ tags: [SpanTag]) {
        let parameters: SamplingParameters? = state.withLock { state in
            if let first = state.parameters?.operationName, first != operationName {
                state.parameters?.operationName = operationName
                state.parameters?.isRenamed = true
            }
            state.parameters?.tags = tags
            return state.parameters
        }
        guard let parameters else { return }
        let decision = held.sampler.decide(parameters)
        if decision.isFinal { conclude(decision) }
    }

    /// Requires a decision of the sampler if it is still undecided, because the context leaves the process.
    ///
    /// - Returns: Whether the trace is sampled.
    @discardableResult
    func resolve() -> Bool {
        if verdict == .undecided, var parameters = state.withLock({ $0.parameters }) {
            parameters.mustDecide = true
            conclude(held.sampler.decide(parameters))
        }
        return verdict == .kept
    }

    private func conclude(_ decision: SamplingDecision) {
        let (spans, outcome) = state.withLock { state -> ([FinishedSpan], HeldSpanOutcome) in
            // Of two concurrent calls the first to return decides.
            guard verdict == .undecided else { return ([], .forgotten) }
            if decision.isSampled { return (close(&state, .kept, decision.tags), .reported) }
            guard held.flightRecorder != nil else {
                return (close(&state, .forgotten), .forgotten)
            }
            state.parameters = nil
            current.store(.watched, ordering: .relaxed)
            return ([], .forgotten)
        }
        dispose(of: spans, outcome)
    }

    // MARK: Other verdicts

    /// Reports the spans, because the trace was requested explicitly.
    func keep() {
        conclude(.kept, .reported)
    }

    /// Discards the spans, because the trace is explicitly not wanted.
    func forget() {
        conclude(.forgotten, .forgotten)
    }

    /// Releases the spans because the limits are reached; a sampler that has not decided must decide now.
    func evict() {
        resolve()
        conclude(.forgotten, .evicted)
    }

    private func conclude(_ verdict: Verdict, _ outcome: HeldSpanOutcome) {
        let spans = state.withLock { state in
            self.verdict.isOpen ? close(&state, verdict) : []
        }
        dispose(of: spans, outcome)
    }

    /// Sets the final decision.
    ///
    /// - Returns: The spans that were held, to be passed to ``dispose(of:_:)`` after the lock is released.
    private func close(
        _ state: inout State, _ verdict: Verdict, _ tags: [SpanTag] = []
    ) -> [FinishedSpan] {
        current.store(verdict, ordering: .relaxed)
        state.parameters = nil
        state.tags = tags
        if let sequenceNumber = state.sequenceNumber { held.remove(sequenceNumber) }
        state.sequenceNumber = nil
        if verdict == .kept, let number = state.number { OpenTraces.noteKept(number) }
        let spans = state.spans
        state.spans = []
        return spans
    }

    private func dispose(of spans: [FinishedSpan], _ outcome: HeldSpanOutcome) {
        guard !spans.isEmpty else { return }
        held.metrics.held(outcome, by: spans.count)
        guard outcome == .reported else { return }
        for var span in spans {
            span.flags.insert(.sampled)
            held.reporter.report(span)
        }
    }

    // MARK: Ends

    /// Adds a span that has ended; the end of the local root makes the decision final.
    func end(_ span: FinishedSpan, isRoot: Bool) {
        if isRoot { resolve() }
        var span = span
        let hasFailed = span.hasFailed
        var earlier: [FinishedSpan] = []
        var evicted: [LocalTrace] = []
        let outcome: HeldSpanOutcome? = state.withLock { state in
            if isRoot && verdict.isOpen {
                let reason = held.flightRecorder?.reason(
                    hasFailed: hasFailed || state.hasFailed, root: span)
                if let reason {
                    earlier = close(&state, .kept, Self.tags(reason))
                } else {
                    earlier = close(&state, .forgotten)
                }
            }
            let isLate = state.hasRootEnded
            if isRoot {
                span.tags += state.tags
                state.hasRootEnded = true
            }
            switch verdict {
            case .kept: return .reported
            case .forgotten: return isLate ? .late : .forgotten
            case .undecided, .watched:
                state.hasFailed = state.hasFailed || hasFailed
                state.spans.append(span)
                let entry = held.add(
                    self, at: state.sequenceNumber, byteCount: span.memoryByteCount)
                state.sequenceNumber = entry.sequenceNumber
                evicted = entry.evicted
                return nil
            }
        }
        for trace in evicted { trace.evict() }
        if let outcome {
            dispose(of: earlier, outcome)
            dispose(of: [span], outcome)
        }
    }

    private static func tags(_ reason: String) -> [SpanTag] {
        SamplingDecision.tags(type: "flightrecorder", parameter: .string(reason))
    }
}
