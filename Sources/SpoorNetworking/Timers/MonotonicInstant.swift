internal import CSpoorLinux
internal import Glibc

/// A moment of the monotonic clock, in nanoseconds since an arbitrary start; what deadlines are
/// made of.
///
/// A loop reads the clock once per wake-up (`EventLoop.now`), which is 24 ns instead of 61 for
/// `ContinuousClock`.
package struct MonotonicInstant: Hashable, Comparable, Sendable {
    package var nanoseconds: UInt64

    package init(nanoseconds: UInt64) {
        self.nanoseconds = nanoseconds
    }

    /// The deadline that never comes.
    package static var never: MonotonicInstant { MonotonicInstant(nanoseconds: .max) }

    /// The clock's answer, by one call.
    package static func now() -> MonotonicInstant {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicInstant(
            nanoseconds: UInt64(bitPattern: Int64(time.tv_sec)) &* 1_000_000_000
                &+ UInt64(bitPattern: Int64(time.tv_nsec)))
    }

    /// This instant and so many nanoseconds more; too far is `never`.
    package func advanced(byNanoseconds count: UInt64) -> MonotonicInstant {
        let (sum, overflow) = nanoseconds.addingReportingOverflow(count)
        return overflow ? .never : MonotonicInstant(nanoseconds: sum)
    }

    /// This instant and a duration more; a negative duration counts as none.
    ///
    /// On a hot path keep `duration.wholeNanoseconds` at hand: the conversion divides 128-bit
    /// numbers.
    package func advanced(by duration: Duration) -> MonotonicInstant {
        advanced(byNanoseconds: duration.wholeNanoseconds)
    }

    /// How long it is from `earlier` until this instant, zero if it lies before.
    package func duration(since earlier: MonotonicInstant) -> Duration {
        guard self > earlier else { return .zero }
        return .nanoseconds(Int64(clamping: nanoseconds - earlier.nanoseconds))
    }

    package static func < (left: MonotonicInstant, right: MonotonicInstant) -> Bool {
        left.nanoseconds < right.nanoseconds
    }
}

extension Duration {
    /// The duration in nanoseconds, clamped into 0…2⁶⁴−1.
    package var wholeNanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let (whole, tooLong) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, overflow) = whole.addingReportingOverflow(UInt64(attoseconds) / 1_000_000_000)
        return tooLong || overflow ? .max : sum
    }

    /// The duration, clamped into zero to a day: `ContinuousClock` traps where it would sleep beyond its last instant.
    package var upToADay: Duration { min(max(self, .zero), .seconds(86_400)) }
}

/// The wall clock, for dates that are shown to others; durations and deadlines come from
/// ``MonotonicInstant``.
package enum WallClock {
    /// Seconds since the Unix epoch.
    package static func secondsSinceEpoch() -> Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec)
    }
}
