import Synchronization

/// Samples at most a number of traces per second, in the order in which they start.
///
/// It is a token bucket that starts full and holds the tokens of one second, at least one. Sampled traces have the tags
/// `sampler.type=ratelimiting` and `sampler.param` with the rate.
public final class RateLimitingSampler: Sampler {
    private struct State {
        var bucket: TokenBucket
        var tags: [SpanTag]
    }

    private let state: Mutex<State>
    private let now: @Sendable () -> Int64

    /// Creates a sampler with a rate in traces per second.
    ///
    /// - Parameter tracesPerSecond: 0.1 is one trace in ten seconds; 0, negative values and NaN sample nothing.
    public convenience init(tracesPerSecond: Double) {
        self.init(tracesPerSecond: tracesPerSecond, now: { Host.monotonicClock })
    }

    /// Creates a sampler that reads a given monotonic clock, in nanoseconds.
    package init(tracesPerSecond: Double, now: @escaping @Sendable () -> Int64) {
        self.now = now
        let bucket = TokenBucket(ratePerSecond: tracesPerSecond, now: now())
        state = Mutex(State(bucket: bucket, tags: Self.tags(bucket)))
    }

    /// The rate, in traces per second.
    public var tracesPerSecond: Double { state.withLock { $0.bucket.ratePerSecond } }

    /// Sets another rate; the tokens are scaled in proportion.
    public func update(tracesPerSecond: Double) {
        let now = now()
        state.withLock { state in
            state.bucket.update(ratePerSecond: tracesPerSecond, now: now)
            state.tags = Self.tags(state.bucket)
        }
    }

    /// Samples the trace if there is a token.
    public func decide(_ parameters: SamplingParameters) -> SamplingDecision {
        let now = now()
        return state.withLock { state in
            SamplingDecision(isSampled: state.bucket.take(now: now), tags: state.tags)
        }
    }

    private static func tags(_ bucket: TokenBucket) -> [SpanTag] {
        SamplingDecision.tags(type: "ratelimiting", parameter: .double(bucket.ratePerSecond))
    }
}
