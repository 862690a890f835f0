import Tracing

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
    /// That is told by its value, for an argument may be both: it was read after the call of this
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
