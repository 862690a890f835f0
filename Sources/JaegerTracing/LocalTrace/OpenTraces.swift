import Synchronization

/// The table of the local traces that span contexts refer to by number: a context is a plain value without references.
///
/// A trace gets a number when a context is created from one of its spans before its status is final. New spans whose
/// parent is such a context join the trace. The table holds weak references. For contexts that outlive the spans of
/// their trace it records which of the last 4096 numbers were reported; contexts with older numbers count as unsampled.
enum OpenTraces {
    /// The result of a lookup.
    enum Found {
        /// The trace exists, decided or not.
        case trace(LocalTrace)
        /// The trace is released, and its spans were reported.
        case reported
    }

    private struct Reference {
        weak var trace: LocalTrace?
    }

    private struct State {
        var lastNumber: UInt64 = 0
        var traces: [UInt64: Reference] = [:]
        /// The numbers of reported traces, indexed by their lowest bits; empty until there is one.
        var reported: [UInt64] = []
    }

    private static let maxReportedCount: UInt64 = 4096
    private static let state = Mutex(State())

    /// Adds a trace and returns its number, starting at 1.
    static func add(_ trace: LocalTrace) -> UInt64 {
        state.withLock { state in
            state.lastNumber += 1
            state.traces[state.lastNumber] = Reference(trace: trace)
            return state.lastNumber
        }
    }

    /// Records that the spans of a trace were reported.
    static func recordReported(_ number: UInt64) {
        state.withLock { state in
            if state.reported.isEmpty {
                state.reported = Array(repeating: 0, count: Int(maxReportedCount))
            }
            state.reported[Int(number % maxReportedCount)] = number
        }
    }

    /// Removes a released trace.
    static func remove(_ number: UInt64) {
        state.withLock { state in state.traces[number] = nil }
    }

    /// Returns the trace with a number; nil if it is released and was not reported, or its number is too old.
    static func find(_ number: UInt64) -> Found? {
        state.withLock { state in
            if let trace = state.traces[number]?.trace { return .trace(trace) }
            guard !state.reported.isEmpty else { return nil }
            return state.reported[Int(number % maxReportedCount)] == number ? .reported : nil
        }
    }
}

extension SpanContext {
    /// Makes the pending sampling decision, if there is one, and returns the context with the final ``flags``.
    ///
    /// While a sampler of this process defers the decision (``DeferredSampler``), a context and its text and binary
    /// forms mean "not sampled" (``b3`` omits the decision). Call this before your own code sends such a form to another
    /// process; ``JaegerTracer/inject(_:into:)`` and all other injection call it, and ``JaegerSpan/resolveSampling()``
    /// does the same for a span. The decision applies to the whole trace; a later name of the span does not change it. A
    /// context without a pending decision, such as one received from another process, is returned unchanged.
    @discardableResult
    public func resolveSampling() -> SpanContext {
        pendingSampling == nil ? self : asParent().resolved()
    }

    /// Returns the context as the parent of a new span, which joins its local trace.
    func asParent() -> SpanParent {
        guard let pending = pendingSampling else {
            return SpanParent(context: self, localTrace: nil)
        }
        var context = self
        context.pendingSampling = nil
        switch OpenTraces.find(pending.localTrace) {
        case .trace(let trace):
            if trace.status == .reported { context.flags.insert(.sampled) }
            return SpanParent(context: context, localTrace: trace)
        case .reported:
            context.flags.insert(.sampled)
            return SpanParent(context: context, localTrace: nil)
        case nil: return SpanParent(context: context, localTrace: nil)
        }
    }
}
