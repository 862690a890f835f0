import Synchronization

/// Buffers the spans of one trace in this process until it is decided whether they are reported.
///
/// It exists for a trace whose sampler has not decided, and for an unsampled trace with a flight recorder; other traces
/// have none. The spans of the trace own it. Spans that end before the decision are held here; the decision is made at
/// the latest when the local root ends, the first span of the trace in this process.
///
/// The lock of a trace is never acquired under the lock of one of its spans. Under its lock a trace calls ``HeldSpans``
/// and ``OpenTraces``, which call nothing else under theirs. Samplers, reporters and observers are called without any
/// lock, which a test checks.
final class LocalTrace: Sendable {
    /// Whether the spans are reported.
    ///
    /// The status only changes to a later one of this list; the last two are final.
    enum Status: UInt8, AtomicRepresentable {
        /// The sampler has not decided.
        case undecided
        /// The trace is not sampled; the flight recorder decides when the local root ends.
        case unsampled
        /// The spans are reported.
        case reported
        /// The spans are not reported, and later spans are not recorded.
        case discarded

        var isPending: Bool { self == .undecided || self == .unsampled }
    }

    private struct State {
        /// The parameters of the most recent call of the sampler; nil once it has decided.
        var parameters: SamplingParameters?
        /// The tags of the local root that record the decision.
        var tags: [SpanTag] = []
        /// The spans that have ended so far.
        var spans: [FinishedSpan] = []
        /// The number of the trace in ``HeldSpans``, if it has held spans.
        var sequenceNumber: UInt64?
        /// The number of the trace in ``OpenTraces``, if a context was created before its status was final.
        var number: UInt64?
        var hasFailed = false
        var hasRootEnded = false
    }

    /// The id of the local root.
    let rootID: SpanID
    private let held: HeldSpans
    private let current: Atomic<Status>
    private let state: Mutex<State>

    /// Creates a local trace: undecided with parameters for the sampler, unsampled without them.
    init(_ held: HeldSpans, rootID: SpanID, parameters: SamplingParameters?) {
        self.held = held
        self.rootID = rootID
        current = Atomic(parameters == nil ? .unsampled : .undecided)
        state = Mutex(State(parameters: parameters))
    }

    deinit {
        if let number = state.withLock({ $0.number }) { OpenTraces.remove(number) }
    }

    /// The current status.
    var status: Status { current.load(ordering: .relaxed) }

    /// The label under which the spans are counted.
    var sampling: TracerMetrics.Sampling {
        switch status {
        case .undecided: .delayed
        case .reported: .sampled
        case .unsampled, .discarded: .unsampled
        }
    }

    /// The reference that contexts hold to the trace while its status is not final; otherwise nil.
    var pendingSampling: PendingSampling? {
        state.withLock { state in
            let status = self.status
            guard status.isPending else { return nil }
            let number = state.number ?? OpenTraces.add(self)
            state.number = number
            return PendingSampling(localTrace: number, isUndecided: status == .undecided)
        }
    }

    // MARK: The sampler's decision

    /// Calls the sampler again with the new name and tags of the local root.
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

    /// Makes the sampler decide if it has not, because the context leaves the process.
    ///
    /// - Returns: Whether the trace is sampled.
    @discardableResult
    func resolve() -> Bool {
        if status == .undecided, var parameters = state.withLock({ $0.parameters }) {
            parameters.mustDecide = true
            conclude(held.sampler.decide(parameters))
        }
        return status == .reported
    }

    private func conclude(_ decision: SamplingDecision) {
        let (spans, outcome) = state.withLock { state -> ([FinishedSpan], HeldSpanOutcome) in
            // If two calls of the sampler are concurrent, the first one that returns decides.
            guard status == .undecided else { return ([], .discarded) }
            if decision.isSampled { return (finalize(&state, .reported, decision.tags), .reported) }
            guard held.flightRecorder != nil else {
                return (finalize(&state, .discarded), .discarded)
            }
            state.parameters = nil
            current.store(.unsampled, ordering: .relaxed)
            return ([], .discarded)
        }
        dispose(of: spans, outcome)
    }

    // MARK: Other decisions

    /// Reports the spans: sampling was forced.
    func report() {
        conclude(.reported, .reported)
    }

    /// Discards the spans: `sampling.priority` is 0.
    func discard() {
        conclude(.discarded, .discarded)
    }

    /// Releases the held spans because a limit is reached; the sampler must decide now if it has not.
    func evict() {
        resolve()
        conclude(.discarded, .evicted)
    }

    private func conclude(_ status: Status, _ outcome: HeldSpanOutcome) {
        let spans = state.withLock { state in
            self.status.isPending ? finalize(&state, status) : []
        }
        dispose(of: spans, outcome)
    }

    /// Sets the final status.
    ///
    /// - Returns: The held spans, to be passed to ``dispose(of:_:)`` after the lock is released.
    private func finalize(
        _ state: inout State, _ status: Status, _ tags: [SpanTag] = []
    ) -> [FinishedSpan] {
        current.store(status, ordering: .relaxed)
        state.parameters = nil
        state.tags = tags
        if let sequenceNumber = state.sequenceNumber { held.remove(sequenceNumber) }
        state.sequenceNumber = nil
        if status == .reported, let number = state.number { OpenTraces.recordReported(number) }
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

    // MARK: Ended spans

    /// Adds a span that has ended; the end of the local root makes the decision final.
    func end(_ span: FinishedSpan, isRoot: Bool) {
        if isRoot { resolve() }
        var span = span
        let hasFailed = span.hasFailed
        var earlier: [FinishedSpan] = []
        var evicted: [LocalTrace] = []
        let outcome: HeldSpanOutcome? = state.withLock { state in
            if isRoot && status.isPending {
                let reason = held.flightRecorder?.reason(
                    hasFailed: hasFailed || state.hasFailed, root: span)
                if let reason {
                    earlier = finalize(&state, .reported, Self.tags(reason))
                } else {
                    earlier = finalize(&state, .discarded)
                }
            }
            let isLate = state.hasRootEnded
            if isRoot {
                span.tags += state.tags
                state.hasRootEnded = true
            }
            switch status {
            case .reported: return .reported
            case .discarded: return isLate ? .late : .discarded
            case .undecided, .unsampled:
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
