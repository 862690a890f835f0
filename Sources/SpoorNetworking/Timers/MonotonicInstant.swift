internal import CSpoorLinux
internal import Glibc

/// An instant of the monotonic clock, in nanoseconds since an arbitrary start; used for deadlines.
///
/// A loop reads the clock once per wake-up (`EventLoop.now`), which takes 24 ns instead of the 61 ns of
/// `ContinuousClock`.
package struct MonotonicInstant: Hashable, Comparable, Sendable {
    package var nanoseconds: UInt64

    package init(nanoseconds: UInt64) {
        self.nanoseconds = nanoseconds
    }

    /// An instant that is never reached.
    package static var never: MonotonicInstant { MonotonicInstant(nanoseconds: .max) }

    /// Returns the current instant, by one call.
    package static func now() -> MonotonicInstant {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicInstant(
            nanoseconds: UInt64(bitPattern: Int64(time.tv_sec)) &* 1_000_000_000
                &+ UInt64(bitPattern: Int64(time.tv_nsec)))
    }

    /// Returns this instant plus a number of nanoseconds; `never` on overflow.
    package func advanced(byNanoseconds count: UInt64) -> MonotonicInstant {
        let (sum, overflow) = nanoseconds.addingReportingOverflow(count)
        return overflow ? .never : MonotonicInstant(nanoseconds: sum)
    }

    /// Returns this instant plus a duration; a negative duration counts as zero.
    ///
    /// On a hot path keep `duration.wholeNanoseconds`: the conversion divides 128-bit numbers.
    package func advanced(by duration: Duration) -> MonotonicInstant {
        advanced(byNanoseconds: duration.wholeNanoseconds)
    }

    /// Returns the duration from `earlier` to this instant, zero if it is before `earlier`.
    package func duration(since earlier: MonotonicInstant) -> Duration {
        guard self > earlier else { return .zero }
        return .nanoseconds(Int64(clamping: nanoseconds - earlier.nanoseconds))
    }

    package static func < (left: MonotonicInstant, right: MonotonicInstant) -> Bool {
        left.nanoseconds < right.nanoseconds
    }
}

extension Duration {
    /// The duration in nanoseconds, clamped to 0…2⁶⁴−1.
    package var wholeNanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let (whole, tooLong) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, overflow) = whole.addingReportingOverflow(UInt64(attoseconds) / 1_000_000_000)
        return tooLong || overflow ? .max : sum
    }

    /// The duration, clamped to zero…one day: `ContinuousClock` traps if it would sleep past its last instant.
    package var upToADay: Duration { min(max(self, .zero), .seconds(86_400)) }
}

/// The wall clock, for dates that others see; durations and deadlines use ``MonotonicInstant``.
package enum WallClock {
    /// Returns the seconds since the Unix epoch.
    package static func secondsSinceEpoch() -> Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec)
    }
}
