import Synchronization

/// The local traces that span contexts refer to by number, because a context is a plain value and holds no reference to
/// a trace.
///
/// A trace gets its number when a context is created from one of its spans while the trace is undecided; within this
/// process children of such a context join the trace. The spans own the trace, this table does not. Whether a trace was
/// kept is remembered for contexts that outlive its spans, for the last 4096 numbers; older contexts count as "not
/// sampled".
enum OpenTraces {
    /// The result of a look-up.
    enum Found {
        /// The trace exists, decided or not.
        case trace(LocalTrace)
        /// The trace has been released; its spans were reported.
        case kept
    }

    private struct Reference {
        weak var trace: LocalTrace?
    }

    private struct State {
        var lastNumber: UInt64 = 0
        var traces: [UInt64: Reference] = [:]
        /// The numbers of traces that were kept, indexed by their lowest bits; empty until there is one.
        var kept: [UInt64] = []
    }

    private static let maxKeptCount: UInt64 = 4096
    private static let state = Mutex(State())

    /// Adds a trace and returns its number, starting at 1.
    static func add(_ trace: LocalTrace) -> UInt64 {
        state.withLock { state in
            state.lastNumber += 1
            state.traces[state.lastNumber] = Reference(trace: trace)
            return state.lastNumber
        }
    }

    /// Records that a trace was kept.
    static func noteKept(_ number: UInt64) {
        state.withLock { state in
            if state.kept.isEmpty {
                state.kept = Array(repeating: 0, count: Int(maxKeptCount))
            }
            state.kept[Int(number % maxKeptCount)] = number
        }
    }

    /// Removes a trace that is released.
    static func remove(_ number: UInt64) {
        state.withLock { state in state.traces[number] = nil }
    }

    /// Returns the trace of a number; nil if it is released and was not kept, or was kept too long ago.
    static func find(_ number: UInt64) -> Found? {
        state.withLock { state in
            if let trace = state.traces[number]?.trace { return .trace(trace) }
            guard !state.kept.isEmpty else { return nil }
            return state.kept[Int(number % maxKeptCount)] == number ? .kept : nil
        }
    }
}

extension SpanContext {
    /// Creates the tracer decide on sampling if the decision is pending, and returns the context with the final
    /// ``flags``.
    ///
    /// While a sampler of this process defers the decision (``DeferredSampler``), a context and its text and binary
    /// forms mean "not sampled" (``b3`` omits the decision). Another process must not receive that: call this before a
    /// context leaves the process in a custom way. ``JaegerTracer/inject(_:into:)`` and all other injection call it,
    /// and ``JaegerSpan/resolveSampling()`` does the same for a span. The decision holds for the whole trace and is not
    /// changed by a later name of the span. A context whose trace was decided on before it was created, or that was
    /// received from another process, is returned unchanged.
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
            if trace.verdict == .kept { context.flags.insert(.sampled) }
            return SpanParent(context: context, localTrace: trace)
        case .kept:
            context.flags.insert(.sampled)
            return SpanParent(context: context, localTrace: nil)
        case nil: return SpanParent(context: context, localTrace: nil)
        }
    }
}
