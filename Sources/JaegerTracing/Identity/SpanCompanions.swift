/// What only few contexts have: it lies behind one reference, so that the others are small to copy.
struct SpanCompanions: Hashable, Sendable {
    /// Empty companions are nil.
    private final class Content: Sendable {
        let debugID: String?
        let traceState: TraceState?
        let localTrace: LocalTrace?

        init(_ debugID: String?, _ traceState: TraceState?, _ localTrace: LocalTrace?) {
            self.debugID = debugID
            self.traceState = traceState
            self.localTrace = localTrace
        }
    }

    private var content: Content?

    /// Makes companions; none of them need be there.
    init(
        debugID: String? = nil, traceState: TraceState? = nil, localTrace: LocalTrace? = nil
    ) {
        guard debugID != nil || traceState != nil || localTrace != nil else { return }
        content = Content(debugID, traceState, localTrace)
    }

    /// Whether there are none.
    var isEmpty: Bool { content == nil }

    /// See ``SpanContext/debugID``.
    var debugID: String? {
        get { content?.debugID }
        set {
            guard newValue != debugID else { return }
            self = Self(debugID: newValue, traceState: traceState, localTrace: localTrace)
        }
    }

    /// See ``SpanContext/traceState``.
    var traceState: TraceState? {
        get { content?.traceState }
        set {
            guard newValue != traceState else { return }
            self = Self(debugID: debugID, traceState: newValue, localTrace: localTrace)
        }
    }

    /// The local trace that a span belongs to while it is open whether it is reported: children
    /// join it, whoever the context was handed to.
    var localTrace: LocalTrace? {
        get { content?.localTrace }
        set {
            guard newValue !== localTrace else { return }
            self = Self(debugID: debugID, traceState: traceState, localTrace: newValue)
        }
    }

    // The local trace is no part of what travels, so contexts that differ in nothing else are equal.
    static func == (one: Self, other: Self) -> Bool {
        one.content === other.content
            || one.debugID == other.debugID && one.traceState == other.traceState
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(debugID)
        hasher.combine(traceState)
    }
}

extension SpanContext {
    /// The value of a `jaeger-debug-id` field; beside a valid trace only if that is switched on.
    public var debugID: String? {
        get { companions.debugID }
        set { companions.debugID = newValue }
    }

    /// What other tracing systems let travel with the trace (W3C `tracestate`); nil mostly.
    ///
    /// A child hands it on unchanged.
    public var traceState: TraceState? {
        get { companions.traceState }
        set { companions.traceState = newValue }
    }

    /// Makes the tracer decide on sampling if that is still open, and returns the context with the final ``flags``.
    ///
    /// While a sampler of this process waits (``LateSampler``), a context says "not sampled", and so do its text and binary
    /// forms (``b3`` leaves the decision out). Another process must not see that: call this before a context leaves the
    /// process by a way of your own. ``JaegerTracer/inject(_:into:)`` and all other injection calls it. The decision holds
    /// for the whole trace and cannot be changed by a later name of the span. A context whose trace is decided on, or that
    /// came from another process, is returned as it is.
    @discardableResult
    public func resolveSampling() -> SpanContext {
        guard let trace = companions.localTrace else { return self }
        var context = self
        context.companions.localTrace = nil
        if trace.settle() { context.flags.insert(.sampled) }
        return context
    }

    /// The flags with what has been decided since the context was made; reading them decides nothing.
    var currentFlags: TraceFlags {
        guard let trace = companions.localTrace, trace.verdict == .kept else { return flags }
        return flags.union(.sampled)
    }

    /// Whether a sampler of this process has still to decide on the trace.
    var awaitsSampler: Bool {
        companions.localTrace?.verdict == .undecided
    }
}
