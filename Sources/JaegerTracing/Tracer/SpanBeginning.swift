import Tracing

/// The parent of a span that starts: its context, and the local trace that the span joins.
///
/// It is moved from the parent into the decision, and never copied.
struct SpanParent: ~Copyable {
    /// The context, without a pending decision; the flags include the decision of the local trace.
    var context: SpanContext
    /// The local trace of the parent while it is undecided; otherwise nil.
    let localTrace: LocalTrace?

    /// Makes the tracer decide on sampling if the decision is pending.
    consuming func resolved() -> SpanContext {
        if let localTrace, localTrace.resolve() { context.flags.insert(.sampled) }
        return context
    }
}

/// The decisions of a tracer on a span before it starts.
///
/// It is moved into the span, and never copied.
struct SpanBeginning: ~Copyable {
    let identity: SpanIdentity
    /// Whether the span is the first of a new trace.
    let isNewTrace: Bool
    /// Whether the span only propagates its parent's context.
    var isPassThrough = false
    /// The initial flags of the span; without ``TraceFlags/sampled`` while that is undecided.
    var flags: TraceFlags = []
    var baggage = Baggage()
    /// The tags that record the decision.
    var tags: [SpanTag] = []
    /// The trace state, and a debug id until it is consumed.
    var extras = SpanContextExtras()
    /// The local trace while it is undecided whether the spans are reported; otherwise nil.
    var localTrace: LocalTrace?

    /// Whether changes of the span are recorded.
    var isRecorded: Bool {
        !isPassThrough && (flags.contains(.sampled) || localTrace != nil)
    }

    /// The label under which the span is counted.
    var sampling: TracerMetrics.Sampling {
        localTrace?.sampling ?? (flags.contains(.sampled) ? .sampled : .unsampled)
    }
}

/// The immutable part of a span: its ids and their origin.
struct SpanIdentity: Sendable {
    let traceID: TraceID
    let spanID: SpanID
    /// Zero for a root span.
    let parentID: SpanID
    /// Whether the parent is a span of another process.
    let isParentRemote: Bool
    /// Whether the trace id is known to be random (W3C Trace Context level 2).
    let hasRandomTraceID: Bool
    /// Whether no sampling decision was received and this process makes none either (pass-through).
    var isSamplingDeferred = false
}

/// The start of a span, by both clocks.
struct SpanStart {
    /// The time by the wall clock; zero for a span that is not recorded, which saves a reading.
    let nanosecondsSinceEpoch: UInt64
    /// The time by the monotonic clock, such that "now minus this" is the duration.
    let monotonic: Int64

    /// Returns the current time as the start.
    static func now(isRecorded: Bool) -> SpanStart {
        SpanStart(
            nanosecondsSinceEpoch: isRecorded ? Host.wallClock : 0,
            monotonic: Host.monotonicClock)
    }

    /// Returns an instant of the caller as the start; for an unsampled span it is not evaluated.
    static func at<Instant: TracerInstant>(
        _ instant: () -> Instant, isRecorded: Bool
    ) -> SpanStart {
        guard isRecorded, let start = explicit(instant) else { return now(isRecorded: isRecorded) }
        let elapsed = Int64(bitPattern: Host.wallClock &- start)
        return SpanStart(
            nanosecondsSinceEpoch: start, monotonic: Host.monotonicClock &- elapsed)
    }

    /// Returns the instant in nanoseconds since the Unix epoch; nil if it is the default clock's "now".
    ///
    /// The value decides that, because an argument may be both: it is "now" if it was read after the call of this
    /// function and less than ten milliseconds later. An instant that was stored before is earlier.
    static func explicit<Instant: TracerInstant>(_ instant: () -> Instant) -> UInt64? {
        guard Instant.self == DefaultTracerClock.Timestamp.self else {
            return instant().nanosecondsSinceEpoch
        }
        let before = Host.wallClock
        let given = instant().nanosecondsSinceEpoch
        return given >= before && given - before < 10_000_000 ? nil : given
    }
}
