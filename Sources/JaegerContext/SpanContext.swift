/// The propagated part of a span: between tasks in a `ServiceContext`, between services in message headers.
///
/// A plain value: it refers neither to the span nor to its tracer, and reading it has no effect. A context without a
/// valid trace carries only what was received without one (``baggage``, ``debugID``, a sampling decision); the next
/// span then starts a new trace that adopts these.
public struct SpanContext: Hashable, Sendable {
    /// The trace id; not valid if only baggage, a debug id or a sampling decision was received.
    public var traceID: TraceID
    /// The id of the span, which is the parent of new spans.
    public var spanID: SpanID
    /// The parent of that span, nil for a root span; receivers ignore it, but the format requires it.
    public var parentID: SpanID?
    /// The flags of the trace.
    public var flags: TraceFlags
    /// The application key-value pairs that are propagated with the trace.
    public var baggage: Baggage
    /// Whether the context came from another process.
    public var isRemote: Bool
    /// Whether the trace id is known to be random (W3C Trace Context level 2, flag `02`).
    ///
    /// It is separate from ``flags``, where the same bit means debug. Child spans inherit it.
    public var hasRandomTraceID: Bool
    /// Whether no sampling decision has been made, so that the sampler must be called; ``flags`` are then meaningless.
    ///
    /// True for ids received in B3 without a decision, and for a context without a trace. If it is false in a context
    /// without a trace, a decision was received without ids (`b3: 0`), and the new trace adopts ``flags`` instead of
    /// calling the sampler.
    public var isSamplingDeferred: Bool
    /// The values that few contexts have.
    @usableFromInline package var extras: SpanContextExtras

    /// Creates a context of its parts.
    ///
    /// - Parameter isSamplingDeferred: Default: true if the ids are not valid.
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

    /// Creates the context of a span of this process.
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

    /// Creates a context without a trace that carries only these values.
    public init(baggage: Baggage, debugID: String? = nil, isRemote: Bool = false) {
        self.init(
            traceID: TraceID(low: 0), spanID: SpanID(0), baggage: baggage, isRemote: isRemote,
            debugID: debugID)
    }

    /// Whether the context names a span of a trace.
    @inlinable public var isValid: Bool { traceID.isValid && spanID.isValid }
    /// Whether the spans of the trace are recorded.
    @inlinable public var isSampled: Bool { flags.contains(.sampled) }
    /// Whether the trace was requested by hand and must not be downsampled.
    @inlinable public var isDebug: Bool { flags.contains(.debug) }
}

extension SpanContext {
    /// The value of a `jaeger-debug-id` header; with a valid trace only if ``Propagation/acceptsDebugIDInTraces`` is
    /// set.
    public var debugID: String? {
        get { extras.debugID }
        set { extras.debugID = newValue }
    }

    /// The data of other tracing systems that is propagated with the trace (W3C `tracestate`); usually nil.
    ///
    /// Child spans inherit it.
    public var traceState: TraceState? {
        get { extras.traceState }
        set { extras.traceState = newValue }
    }

    /// The state of a trace that this process has not decided on yet; usually nil.
    ///
    /// It is not propagated, so contexts that differ in nothing else are equal.
    package var pendingSampling: PendingSampling? {
        @inlinable get { extras.pendingSampling }
        set { extras.pendingSampling = newValue }
    }
}

/// A sampling decision that was pending when a context was created.
@usableFromInline
package struct PendingSampling: Hashable, Sendable {
    /// The number of the trace among the undecided traces of this process; `JaegerTracing` looks it up by this number.
    package let localTrace: UInt64
    /// Whether the sampler has not decided; if false, the trace is not sampled, but recorded in case it must be
    /// reported later.
    package let isUndecided: Bool

    /// Creates a pending decision.
    package init(localTrace: UInt64, isUndecided: Bool) {
        self.localTrace = localTrace
        self.isUndecided = isUndecided
    }
}

/// The values that few contexts have, stored indirectly so that other contexts are cheap to copy.
@usableFromInline
package struct SpanContextExtras: Hashable, Sendable {
    @usableFromInline
    indirect enum Content: Sendable {
        case of(debugID: String?, traceState: TraceState?, PendingSampling?)
    }

    /// Nil if there are none.
    @usableFromInline var content: Content?

    /// Creates empty extras.
    @inlinable
    package init() {}

    /// Creates extras; all parts may be nil.
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

    /// Returns whether the propagated values are equal; a pending decision is not propagated.
    @usableFromInline
    package static func == (one: Self, other: Self) -> Bool {
        one.debugID == other.debugID && one.traceState == other.traceState
    }

    /// Hashes the propagated values.
    @usableFromInline
    package func hash(into hasher: inout Hasher) {
        hasher.combine(debugID)
        hasher.combine(traceState)
    }
}

/// The flag bits that are propagated with a trace (last part of `uber-trace-id`, `flags` of jaeger.thrift).
public struct TraceFlags: OptionSet, Hashable, Sendable {
    /// The bits as propagated.
    public let rawValue: UInt8

    /// Creates flags from their bits.
    @inlinable
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// The spans of this trace are recorded and reported.
    @inlinable public static var sampled: TraceFlags { TraceFlags(rawValue: 1) }
    /// The backend must not downsample the trace; implies ``sampled``.
    @inlinable public static var debug: TraceFlags { TraceFlags(rawValue: 2) }
    /// The trace is not indexed (only in Jaeger's Go client).
    @inlinable public static var firehose: TraceFlags { TraceFlags(rawValue: 8) }
}

extension TraceFlags {
    /// The known flags; others are neither kept nor propagated.
    @usableFromInline static var known: TraceFlags { [.sampled, .debug, .firehose] }

    /// Creates flags from received bits: unknown bits are dropped, debug implies sampled.
    @inlinable
    package init(received bits: UInt8) {
        self = TraceFlags(rawValue: bits).intersection(.known)
        if contains(.debug) { insert(.sampled) }
    }

    /// The flags as one digit from 0 to 9.
    ///
    /// Some readers parse the flags as decimal and some as hexadecimal: below ten both agree. Debug and firehose
    /// together would exceed that, so firehose is then not written.
    var written: UInt8 {
        let flags = intersection(.known)
        return flags.rawValue < 10 ? flags.rawValue : flags.subtracting(.firehose).rawValue
    }
}
