import SpoorNetworking

/// How often and for how long a batch is tried when the collector cannot be reached or asks to be left alone.
///
/// A batch is first sent at once. After each failure in a row the pause doubles, up to a bound; a part of each pause is left
/// to chance, so that many processes do not come back at the same moment. `Retry-After` makes a pause longer, never shorter.
public struct RetryPolicy: Sendable, Equatable {
    /// The pause after the first failure.
    ///
    /// Half a second: a collector that is restarted behind a load balancer is back by then.
    public var firstPause = Duration.milliseconds(500)

    /// The longest pause, a day at the most.
    ///
    /// 15 seconds, so that a collector that is back gets spans while most of them are still in the queue.
    public var pauseMax = Duration.seconds(15)

    /// For how long a batch is tried.
    ///
    /// No attempt begins later than this after the batch's first, but for one after the time that a collector named by
    /// `Retry-After` (10 minutes at the most), and for those of a reporter that closes, which has a deadline. Zero: one
    /// attempt. A minute, as OpenTelemetry's exporters; spans that come meanwhile wait in the queue.
    public var budget = Duration.seconds(60)

    /// The defaults.
    public init() {}

    /// The pause after so many failures in a row: between one half of it and all of it.
    ///
    /// - Parameters:
    ///   - failures: At least 1.
    ///   - jitter: From 0 up to 1, by chance.
    func pause(afterFailures failures: Int, jitter: Double) -> Duration {
        // Beyond 30 doublings every first pause has met the bound.
        let doubled = firstPause.upToADay * (1 << min(max(failures, 1) - 1, 30))
        return min(doubled, pauseMax.upToADay) * (0.5 + jitter / 2)
    }
}
