import Synchronization

/// The spans that one trace has in this process, while it is open whether they are reported.
///
/// There is one while a sampler has not decided, or while a flight recorder watches an unsampled trace; traces decided on at
/// once have none. The spans of the trace own it. Those that end meanwhile are held here, until the verdict, at the latest when
/// the local root ends. No lock of a span is held while that of its trace is taken; a trace holds its own while it calls
/// ``HeldSpans`` and ``OpenTraces``, which call nobody while they hold theirs. Samplers, reporters and observers are called
/// without any, which a test checks.
final class LocalTrace: Sendable {
    /// What is to become of the spans; it goes downwards here, and from the last two nowhere.
    enum Verdict: UInt8, AtomicRepresentable {
        /// The sampler has not made up its mind.
        case undecided
        /// Not sampled, but the end of the local root may show that it was worth a report.
        case watched
        /// The spans are reported.
        case kept
        /// The spans are not reported, and need not be recorded.
        case forgotten

        var isOpen: Bool { self == .undecided || self == .watched }
    }

    private struct State {
        /// What the sampler is asked about at its last chance; nil once it has decided.
        var candidate: SamplingParameters?
        /// What the local root is to tell of the verdict.
        var tags: [SpanTag] = []
        /// What has ended so far.
        var spans: [FinishedSpan] = []
        /// Where the trace stands in ``HeldSpans``, if it ever held spans.
        var place: UInt64?
        /// What contexts call the trace (``OpenTraces``), if any was made while it was open.
        var number: UInt64?
        var hasFailed = false
        var hasRootEnded = false
    }

    /// The span that the trace began with in this process.
    let rootID: SpanID
    private let held: HeldSpans
    private let current: Atomic<Verdict>
    private let state: Mutex<State>

    /// Begins with a candidate that the sampler has not decided on, or else to be watched.
    init(_ held: HeldSpans, rootID: SpanID, candidate: SamplingParameters?) {
        self.held = held
        self.rootID = rootID
        current = Atomic(candidate == nil ? .watched : .undecided)
        state = Mutex(State(candidate: candidate))
    }

    deinit {
        if let number = state.withLock({ $0.number }) { OpenTraces.remove(number) }
    }

    /// What is to become of the spans, as far as is known.
    var verdict: Verdict { current.load(ordering: .relaxed) }

    /// The same, as it is counted.
    var sampling: TracerMetrics.Sampling {
        switch verdict {
        case .undecided: .delayed
        case .kept: .sampled
        case .watched, .forgotten: .unsampled
        }
    }

    /// How a context refers to the trace while it is open; nil if it is not.
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

    /// Asks the sampler again, now that the local root has another name or other tags.
    func reconsider(_ operationName: String, _ tags: [SpanTag]) {
        let candidate: SamplingParameters? = state.withLock { state in
            if let first = state.candidate?.operationName, first != operationName {
                state.candidate?.operationName = operationName
                state.candidate?.isRenamed = true
            }
            state.candidate?.tags = tags
            return state.candidate
        }
        guard let candidate else { return }
        let decision = held.sampler.decide(candidate)
        if decision.isFinal { conclude(decision) }
    }

    /// Gives the sampler its last chance, if it is still undecided: the context leaves the process.
    ///
    /// - Returns: Whether the trace is sampled.
    @discardableResult
    func settle() -> Bool {
        if verdict == .undecided, var candidate = state.withLock({ $0.candidate }) {
            candidate.mustDecide = true
            conclude(held.sampler.decide(candidate))
        }
        return verdict == .kept
    }

    private func conclude(_ decision: SamplingDecision) {
        let (spans, outcome) = state.withLock { state -> ([FinishedSpan], HeldSpanOutcome) in
            // Of two that ask at once, the first to come back has decided.
            guard verdict == .undecided else { return ([], .forgotten) }
            if decision.isSampled { return (close(&state, .kept, decision.tags), .reported) }
            guard held.flightRecorder != nil else {
                return (close(&state, .forgotten), .forgotten)
            }
            state.candidate = nil
            current.store(.watched, ordering: .relaxed)
            return ([], .forgotten)
        }
        dispose(of: spans, outcome)
    }

    // MARK: Other verdicts

    /// Keeps the spans: somebody asked for the trace.
    func keep() {
        conclude(.kept, .reported)
    }

    /// Forgets the spans: somebody does not want the trace.
    func forget() {
        conclude(.forgotten, .forgotten)
    }

    /// Lets go of the spans, because there is no room; a sampler that has not decided must do so now.
    func evict() {
        settle()
        conclude(.forgotten, .evicted)
    }

    private func conclude(_ verdict: Verdict, _ outcome: HeldSpanOutcome) {
        let spans = state.withLock { state in
            self.verdict.isOpen ? close(&state, verdict) : []
        }
        dispose(of: spans, outcome)
    }

    /// Gives the verdict.
    ///
    /// - Returns: The spans that were held, for ``dispose(of:_:)`` after the lock.
    private func close(
        _ state: inout State, _ verdict: Verdict, _ tags: [SpanTag] = []
    ) -> [FinishedSpan] {
        current.store(verdict, ordering: .relaxed)
        state.candidate = nil
        state.tags = tags
        if let place = state.place { held.remove(place) }
        state.place = nil
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

    /// Takes a span that has ended; the end of the local root brings the verdict.
    func end(_ span: FinishedSpan, isRoot: Bool) {
        if isRoot { settle() }
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
                    self, at: state.place, byteCount: span.memoryByteCount)
                state.place = entry.place
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
