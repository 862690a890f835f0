import Tracing

/// The parent of a span that begins: its context, and the local trace that the span joins.
///
/// It is moved from the parent into the decision, and never copied.
struct SpanParent: ~Copyable {
    /// Without a pending decision; the flags say whether the local trace was kept.
    var context: SpanContext
    /// The local trace of the parent while it is open; else nil.
    let localTrace: LocalTrace?

    /// Makes the tracer decide on sampling if that is still open.
    consuming func resolved() -> SpanContext {
        if let localTrace, localTrace.settle() { context.flags.insert(.sampled) }
        return context
    }
}

/// What a tracer decides on a span before it begins.
///
/// It is moved on from its making into the span, and never copied.
struct SpanBeginning: ~Copyable {
    let identity: SpanIdentity
    /// Whether the span is the first of a new trace.
    let isNewTrace: Bool
    /// Whether the span only hands its parent's context on.
    var isPassedOn = false
    /// The flags that the span begins with; without ``TraceFlags/sampled`` while that is open.
    var flags: TraceFlags = []
    var baggage = Baggage()
    /// The tags that record the decision.
    var tags: [SpanTag] = []
    /// The trace's state, and a debug id until it is used up.
    var extras = SpanContextExtras()
    /// Holds the spans of the trace while it is open whether they are reported; else nil.
    var localTrace: LocalTrace?

    /// Whether what is set on the span is kept.
    var isRecorded: Bool {
        !isPassedOn && (flags.contains(.sampled) || localTrace != nil)
    }

    /// What is known of sampling, as it is counted.
    var sampling: TracerMetrics.Sampling {
        localTrace?.sampling ?? (flags.contains(.sampled) ? .sampled : .unsampled)
    }
}

/// What never changes of a span: who it is and where it came from.
struct SpanIdentity: Sendable {
    let traceID: TraceID
    let spanID: SpanID
    /// Zero for a root.
    let parentID: SpanID
    /// Whether the parent is a span of another process.
    let isParentRemote: Bool
    /// Whether the trace id is known to be random (W3C Trace Context level 2).
    let hasRandomTraceID: Bool
    /// Whether nobody has decided on sampling, and this process does not either (pass-through).
    var isSamplingDeferred = false
}

/// When a span began, by both clocks.
struct SpanStart {
    /// By the wall clock; zero for a span that is not recorded, which spares a reading.
    let nanosecondsSinceEpoch: UInt64
    /// By the monotonic clock, such that "now minus this" is the duration.
    let monotonic: Int64

    /// The span begins now.
    static func now(isRecorded: Bool) -> SpanStart {
        SpanStart(
            nanosecondsSinceEpoch: isRecorded ? Host.wallClock : 0,
            monotonic: Host.monotonicClock)
    }

    /// The span begins at an instant of the caller's; an unsampled one does not ask for it.
    static func at<Instant: TracerInstant>(
        _ instant: () -> Instant, isRecorded: Bool
    ) -> SpanStart {
        guard isRecorded, let start = explicit(instant) else { return now(isRecorded: isRecorded) }
        let elapsed = Int64(bitPattern: Host.wallClock &- start)
        return SpanStart(
            nanosecondsSinceEpoch: start, monotonic: Host.monotonicClock &- elapsed)
    }

    /// The instant in nanoseconds since the Unix epoch; nil if it is the default clock's "now".
    ///
    /// Its value decides that, because an argument may be both: it was read after the call of this
    /// function and not ten milliseconds later. An instant that was kept for later use is earlier.
    static func explicit<Instant: TracerInstant>(_ instant: () -> Instant) -> UInt64? {
        guard Instant.self == DefaultTracerClock.Timestamp.self else {
            return instant().nanosecondsSinceEpoch
        }
        let before = Host.wallClock
        let given = instant().nanosecondsSinceEpoch
        return given >= before && given - before < 10_000_000 ? nil : given
    }
}
