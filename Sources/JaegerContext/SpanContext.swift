/// What is propagated of a span: between tasks in a `ServiceContext`, between services in fields of messages.
///
/// A plain value: it holds neither the span nor its tracer, and reading it has no effect. A context without a valid trace
/// carries only what came beside one (``baggage``, ``debugID``, a decision on sampling); the next span then starts a new trace
/// that takes these along.
public struct SpanContext: Hashable, Sendable {
    /// The trace; not valid when only baggage, a debug id or a decision was received.
    public var traceID: TraceID
    /// The span that a new span will be a child of.
    public var spanID: SpanID
    /// The parent of that span, nil for a root; receivers ignore it, but it must be written.
    public var parentID: SpanID?
    /// The flags of the trace.
    public var flags: TraceFlags
    /// Key-value pairs of the application that travel with the trace.
    public var baggage: Baggage
    /// Whether the context came from another process.
    public var isRemote: Bool
    /// Whether the trace id is known to be random (W3C Trace Context level 2, flag `02`).
    ///
    /// Apart from ``flags``, where the same bit means debug. A child hands it on unchanged.
    public var hasRandomTraceID: Bool
    /// Whether nobody has decided on sampling yet, so that the sampler is to be asked; ``flags``
    /// then say nothing.
    ///
    /// True for ids that came in B3 without a decision, and for a context without a trace. If it is
    /// false in a context without a trace, then a decision came without ids (`b3: 0`), and the new
    /// trace takes the ``flags`` over instead of asking the sampler.
    public var isSamplingDeferred: Bool
    /// What hardly any context has.
    @usableFromInline package var extras: SpanContextExtras

    /// Makes a context of its parts.
    ///
    /// - Parameter isSamplingDeferred: By default whether the ids are not valid.
    public init(
        traceID: TraceID,
        spanID: SpanID,
        parentID: SpanID? = nil,
        flags: TraceFlags = [],
        baggage: Baggage = [:],
        isRemote: Bool = false,
        hasRandomTraceID: Bool = false,
        isSamplingDeferred: Bool? = nil,
        debugID: String? = nil,
        traceState: TraceState? = nil
    ) {
        self.traceID = traceID
        self.spanID = spanID
        self.parentID = parentID
        self.flags = flags
        self.baggage = baggage
        self.isRemote = isRemote
        self.hasRandomTraceID = hasRandomTraceID
        self.isSamplingDeferred = isSamplingDeferred ?? !(traceID.isValid && spanID.isValid)
        extras = SpanContextExtras(
            debugID: debugID, traceState: traceState, pendingSampling: nil)
    }

    /// Makes the context of a span of this process.
    @inlinable
    package init(
        traceID: TraceID, spanID: SpanID, parentID: SpanID?, flags: TraceFlags, baggage: Baggage,
        hasRandomTraceID: Bool, isSamplingDeferred: Bool, extras: SpanContextExtras
    ) {
        self.traceID = traceID
        self.spanID = spanID
        self.parentID = parentID
        self.flags = flags
        self.baggage = baggage
        isRemote = false
        self.hasRandomTraceID = hasRandomTraceID
        self.isSamplingDeferred = isSamplingDeferred
        self.extras = extras
    }

    /// Makes a context that names no trace and carries only these.
    public init(baggage: Baggage, debugID: String? = nil, isRemote: Bool = false) {
        self.init(
            traceID: TraceID(low: 0), spanID: SpanID(0), baggage: baggage, isRemote: isRemote,
            debugID: debugID)
    }

    /// Whether the context names a span of a trace.
    @inlinable public var isValid: Bool { traceID.isValid && spanID.isValid }
    /// Whether the spans of the trace are recorded.
    @inlinable public var isSampled: Bool { flags.contains(.sampled) }
    /// Whether the trace was asked for by hand and must not be sampled down.
    @inlinable public var isDebug: Bool { flags.contains(.debug) }
}

extension SpanContext {
    /// The value of a `jaeger-debug-id` field; beside a valid trace only if that is switched on.
    public var debugID: String? {
        get { extras.debugID }
        set { extras.debugID = newValue }
    }

    /// What other tracing systems let travel with the trace (W3C `tracestate`); nil mostly.
    ///
    /// A child hands it on unchanged.
    public var traceState: TraceState? {
        get { extras.traceState }
        set { extras.traceState = newValue }
    }

    /// Set while a tracer of this process has not decided what becomes of the trace; nil mostly.
    ///
    /// It does not travel, so contexts that differ in nothing else are equal.
    package var pendingSampling: PendingSampling? {
        @inlinable get { extras.pendingSampling }
        set { extras.pendingSampling = newValue }
    }
}

/// A decision on a trace that was open when a context was made.
@usableFromInline
package struct PendingSampling: Hashable, Sendable {
    /// Which of the traces of this process that are not decided on; the tracing target finds it by this number.
    package let localTrace: UInt64
    /// Whether the sampler has not decided; if not, the trace is not sampled, but recorded in case it is worth a report.
    package let isUndecided: Bool

    /// Makes a pending decision.
    package init(localTrace: UInt64, isUndecided: Bool) {
        self.localTrace = localTrace
        self.isUndecided = isUndecided
    }
}

/// What only few contexts have: behind one reference, so that the others are small to copy.
@usableFromInline
package struct SpanContextExtras: Hashable, Sendable {
    @usableFromInline
    indirect enum Content: Sendable {
        case of(debugID: String?, traceState: TraceState?, PendingSampling?)
    }

    /// Nil if there are none.
    @usableFromInline var content: Content?

    /// Makes no extras.
    @inlinable
    package init() {}

    /// Makes extras; none of them need be there.
    package init(
        debugID: String?, traceState: TraceState?, pendingSampling: PendingSampling?
    ) {
        guard debugID != nil || traceState != nil || pendingSampling != nil else { return }
        content = .of(debugID: debugID, traceState: traceState, pendingSampling)
    }

    /// Whether there are none.
    @inlinable package var isEmpty: Bool {
        if case nil = content { true } else { false }
    }

    /// See ``SpanContext/debugID``.
    package var debugID: String? {
        @inlinable get { if case .of(let debugID, _, _) = content { debugID } else { nil } }
        set {
            guard newValue != debugID else { return }
            self = Self(
                debugID: newValue, traceState: traceState, pendingSampling: pendingSampling)
        }
    }

    /// See ``SpanContext/traceState``.
    package var traceState: TraceState? {
        @inlinable get { if case .of(_, let traceState, _) = content { traceState } else { nil } }
        set {
            guard newValue != traceState else { return }
            self = Self(debugID: debugID, traceState: newValue, pendingSampling: pendingSampling)
        }
    }

    /// See ``SpanContext/pendingSampling``.
    @usableFromInline package var pendingSampling: PendingSampling? {
        @inlinable get { if case .of(_, _, let pending) = content { pending } else { nil } }
        set {
            guard newValue != pendingSampling else { return }
            self = Self(debugID: debugID, traceState: traceState, pendingSampling: newValue)
        }
    }

    /// Whether both travel as the same; a pending decision does not travel.
    @usableFromInline
    package static func == (one: Self, other: Self) -> Bool {
        one.debugID == other.debugID && one.traceState == other.traceState
    }

    /// Hashes what travels.
    @usableFromInline
    package func hash(into hasher: inout Hasher) {
        hasher.combine(debugID)
        hasher.combine(traceState)
    }
}

/// The flag bits that travel with a trace (last field of `uber-trace-id`, `flags` of jaeger.thrift).
public struct TraceFlags: OptionSet, Hashable, Sendable {
    /// The bits as they travel.
    public let rawValue: UInt8

    /// Makes flags of their bits.
    @inlinable
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// The spans of this trace are recorded and reported.
    @inlinable public static var sampled: TraceFlags { TraceFlags(rawValue: 1) }
    /// The backend must not sample the trace down; implies ``sampled`` in intent.
    @inlinable public static var debug: TraceFlags { TraceFlags(rawValue: 2) }
    /// The trace is kept out of indices (Jaeger's Go client only).
    @inlinable public static var firehose: TraceFlags { TraceFlags(rawValue: 8) }
}

extension TraceFlags {
    /// The flags that are known: others are neither kept nor passed on.
    @usableFromInline static var known: TraceFlags { [.sampled, .debug, .firehose] }

    /// Takes received flags: unknown bits are dropped, debug implies sampled.
    @inlinable
    package init(received bits: UInt8) {
        self = TraceFlags(rawValue: bits).intersection(.known)
        if contains(.debug) { insert(.sampled) }
    }

    /// The flags as one digit of 0 to 9.
    ///
    /// Some readers take the field for decimal and some for hexadecimal: below ten the two agree.
    /// Debug and firehose together would be more, so then firehose is not written.
    var written: UInt8 {
        let flags = intersection(.known)
        return flags.rawValue < 10 ? flags.rawValue : flags.subtracting(.firehose).rawValue
    }
}
