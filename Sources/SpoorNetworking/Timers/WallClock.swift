internal import CSpoorLinux
internal import Glibc

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
