import Synchronization

/// Finds the local traces that span contexts refer to by number, because a context is a plain value and holds no trace.
///
/// A trace gets its number when a context is made of one of its spans while it is not decided on; within this process
/// children of such a context join it. Its spans keep a trace, not this. That a trace was kept is remembered for contexts that
/// outlive its spans, for the last 4096 numbers; others then say "not sampled".
enum OpenTraces {
    /// What is known of a number.
    enum Found {
        /// The trace is there, decided on or not.
        case trace(LocalTrace)
        /// The trace is gone; its spans were reported.
        case kept
    }

    private struct Reference {
        weak var trace: LocalTrace?
    }

    private struct State {
        var lastNumber: UInt64 = 0
        var traces: [UInt64: Reference] = [:]
        /// Numbers of traces that were kept, each at the place of its lowest bits; empty until there is one.
        var kept: [UInt64] = []
    }

    private static let maxKeptCount: UInt64 = 4096
    private static let state = Mutex(State())

    /// Gives a trace a number; from 1.
    static func add(_ trace: LocalTrace) -> UInt64 {
        state.withLock { state in
            state.lastNumber += 1
            state.traces[state.lastNumber] = Reference(trace: trace)
            return state.lastNumber
        }
    }

    /// Remembers that a trace was kept.
    static func noteKept(_ number: UInt64) {
        state.withLock { state in
            if state.kept.isEmpty {
                state.kept = Array(repeating: 0, count: Int(maxKeptCount))
            }
            state.kept[Int(number % maxKeptCount)] = number
        }
    }

    /// Removes a trace that is gone.
    static func remove(_ number: UInt64) {
        state.withLock { state in state.traces[number] = nil }
    }

    /// The trace of a number; nil if it is gone and was not kept, or was so long ago.
    static func find(_ number: UInt64) -> Found? {
        state.withLock { state in
            if let trace = state.traces[number]?.trace { return .trace(trace) }
            guard !state.kept.isEmpty else { return nil }
            return state.kept[Int(number % maxKeptCount)] == number ? .kept : nil
        }
    }
}

extension SpanContext {
    /// Makes the tracer decide on sampling if that is still open, and returns the context with the final ``flags``.
    ///
    /// While a sampler of this process waits (``DeferredSampler``), a context says "not sampled", and so do its text and binary
    /// forms (``b3`` leaves the decision out). Another process must not see that: call this before a context leaves the
    /// process by a way of your own. ``JaegerTracer/inject(_:into:)`` and all other injection calls it, and
    /// ``JaegerSpan/resolveSampling()`` does the same for a span. The decision holds for the whole trace and cannot be changed
    /// by a later name of the span. A context whose trace was decided on before it was made, or that came from another
    /// process, is returned as it is.
    @discardableResult
    public func resolveSampling() -> SpanContext {
        pendingSampling == nil ? self : asParent().resolved()
    }

    /// The context as the parent of a new span, which joins its local trace.
    func asParent() -> SpanParent {
        guard let pending = pendingSampling else {
            return SpanParent(context: self, localTrace: nil)
        }
        var context = self
        context.pendingSampling = nil
        switch OpenTraces.find(pending.localTrace) {
        case .trace(let trace):
            if trace.verdict == .kept { context.flags.insert(.sampled) }
            return SpanParent(context: context, localTrace: trace)
        case .kept:
            context.flags.insert(.sampled)
            return SpanParent(context: context, localTrace: nil)
        case nil: return SpanParent(context: context, localTrace: nil)
        }
    }
}
