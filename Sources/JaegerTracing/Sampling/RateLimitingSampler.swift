import Synchronization

/// Samples so many traces a second at the most, whichever come first.
///
/// A bucket of credit that starts full and holds the credit of one second, at least one trace. A trace
/// that is sampled says `sampler.type=ratelimiting` and, as `sampler.param`, the rate.
public final class RateLimitingSampler: Sampler {
    private struct State {
        var bucket: TokenBucket
        var tags: [SpanTag]
    }

    private let state: Mutex<State>
    private let now: @Sendable () -> Int64

    /// Makes a sampler of a rate in traces a second.
    ///
    /// - Parameter tracesPerSecond: 0.1 is a trace every ten seconds; 0, less and no number are none.
    public convenience init(tracesPerSecond: Double) {
        self.init(tracesPerSecond: tracesPerSecond, now: { Host.monotonicClock })
    }

    /// Makes a sampler that reads a given monotonic clock, in nanoseconds.
    package init(tracesPerSecond: Double, now: @escaping @Sendable () -> Int64) {
        self.now = now
        let bucket = TokenBucket(ratePerSecond: tracesPerSecond, now: now())
        state = Mutex(State(bucket: bucket, tags: Self.tags(bucket)))
    }

    /// The rate, in traces a second.
    public var tracesPerSecond: Double { state.withLock { $0.bucket.ratePerSecond } }

    /// Sets another rate; the credit stays in proportion.
    public func update(tracesPerSecond: Double) {
        let now = now()
        state.withLock { state in
            state.bucket.update(ratePerSecond: tracesPerSecond, now: now)
            state.tags = Self.tags(state.bucket)
        }
    }

    /// Samples the trace if there is credit left.
    public func decide(_ candidate: SamplingParameters) -> SamplingDecision {
        let now = now()
        return state.withLock { state in
            SamplingDecision(isSampled: state.bucket.take(now: now), tags: state.tags)
        }
    }

    private static func tags(_ bucket: TokenBucket) -> [SpanTag] {
        SamplingDecision.tags(type: "ratelimiting", parameter: .double(bucket.ratePerSecond))
    }
}
