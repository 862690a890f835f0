import Synchronization

/// Samples a share of all traces, but at least a minimum rate, so that rare operations are sampled, too.
///
/// A trace that is sampled only because of the minimum rate has the tag `sampler.type=lowerbound`, and `sampler.param`
/// is still the share, because backends calculate with it. Traces that are sampled by the share count towards the
/// minimum rate as well.
public final class GuaranteedThroughputSampler: Sampler {
    private let throughput: Mutex<Throughput>
    private let now: @Sendable () -> Int64

    /// Creates a sampler.
    ///
    /// - Parameters:
    ///   - rate: The share of traces, from 0 to 1, as of ``ProbabilisticSampler``.
    ///   - lowerBoundPerSecond: The minimum number of sampled traces per second, if there are that many.
    ///   - upperBoundPerSecond: The maximum number of sampled traces per second, which takes precedence over the other
    ///     two; no limit if nil.
    public convenience init(
        rate: Double, lowerBoundPerSecond: Double, upperBoundPerSecond: Double? = nil
    ) {
        self.init(
            rate: rate, lowerBoundPerSecond: lowerBoundPerSecond,
            upperBoundPerSecond: upperBoundPerSecond, now: { Host.monotonicClock })
    }

    /// Creates a sampler that reads a given monotonic clock, in nanoseconds.
    package init(
        rate: Double, lowerBoundPerSecond: Double, upperBoundPerSecond: Double?,
        now: @escaping @Sendable () -> Int64
    ) {
        self.now = now
        throughput = Mutex(
            Throughput(
                rate: rate, lowerBoundPerSecond: lowerBoundPerSecond,
                upperBoundPerSecond: upperBoundPerSecond, now: now()))
    }

    /// Sets another share and other limits; the tokens are scaled in proportion.
    public func update(
        rate: Double, lowerBoundPerSecond: Double, upperBoundPerSecond: Double? = nil
    ) {
        let now = now()
        throughput.withLock {
            $0.update(
                rate: rate, lowerBoundPerSecond: lowerBoundPerSecond,
                upperBoundPerSecond: upperBoundPerSecond, now: now)
        }
    }

    /// Decides by the trace id, then by the limits.
    public func decide(_ parameters: SamplingParameters) -> SamplingDecision {
        let now = now()
        return throughput.withLock { $0.decide(parameters, now: now) }
    }
}

/// A share of traces with a minimum and optionally a maximum rate: the calculation of ``GuaranteedThroughputSampler``
/// and, for each operation, of ``PerOperationSampler``.
///
/// It has no side effects: the time is passed in, in nanoseconds of a monotonic clock.
struct Throughput {
    private var probabilistic: ProbabilisticSampler
    private var lowerBound: TokenBucket
    private var upperBound: TokenBucket?
    private var lowerBoundTags: [SpanTag]

    init(
        rate: Double, lowerBoundPerSecond: Double, upperBoundPerSecond: Double?, now: Int64
    ) {
        probabilistic = ProbabilisticSampler(rate: rate)
        lowerBound = TokenBucket(ratePerSecond: lowerBoundPerSecond, now: now)
        upperBound = upperBoundPerSecond.map { TokenBucket(ratePerSecond: $0, now: now) }
        lowerBoundTags = Self.lowerBoundTags(probabilistic)
    }

    /// Decides by the trace id, then by the limits.
    mutating func decide(_ parameters: SamplingParameters, now: Int64) -> SamplingDecision {
        var decision = probabilistic.decide(parameters)
        // A token is taken in both cases: a trace that was sampled by its id counts towards the minimum rate.
        let isBelowFloor = lowerBound.take(now: now)
        if !decision.isSampled, isBelowFloor {
            decision = SamplingDecision(isSampled: true, tags: lowerBoundTags)
        }
        if decision.isSampled, upperBound?.take(now: now) == false {
            decision.isSampled = false
        }
        return decision
    }

    /// Sets another share and other limits; the tokens are scaled in proportion.
    mutating func update(
        rate: Double, lowerBoundPerSecond: Double, upperBoundPerSecond: Double?, now: Int64
    ) {
        if rate != probabilistic.rate {
            probabilistic = ProbabilisticSampler(rate: rate)
            lowerBoundTags = Self.lowerBoundTags(probabilistic)
        }
        lowerBound.update(ratePerSecond: lowerBoundPerSecond, now: now)
        if let upperBoundPerSecond, upperBound != nil {
            upperBound?.update(ratePerSecond: upperBoundPerSecond, now: now)
        } else {
            upperBound = upperBoundPerSecond.map { TokenBucket(ratePerSecond: $0, now: now) }
        }
    }

    private static func lowerBoundTags(_ sampler: ProbabilisticSampler) -> [SpanTag] {
        SamplingDecision.tags(type: "lowerbound", parameter: .double(sampler.rate))
    }
}
