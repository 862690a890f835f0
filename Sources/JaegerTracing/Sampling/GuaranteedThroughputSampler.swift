import Synchronization

/// Samples a share of all traces, but at least so many a second, so that rare ones are seen too.
///
/// A trace that only the floor lets in says `sampler.type=lowerbound`, and `sampler.param` is the share
/// all the same: backends count with it. Traces that are sampled by their share fill the floor as well.
public final class GuaranteedThroughputSampler: Sampler {
    private let throughput: Mutex<Throughput>
    private let now: @Sendable () -> Int64

    /// Makes a sampler.
    ///
    /// - Parameters:
    ///   - rate: The share of traces, from 0 to 1, as of ``ProbabilisticSampler``.
    ///   - lowerBoundPerSecond: How many traces a second are sampled at least, if there are so many.
    ///   - upperBoundPerSecond: How many are sampled at the most; it wins over the other two. No
    ///     bound if nil.
    public convenience init(
        rate: Double, lowerBoundPerSecond: Double, upperBoundPerSecond: Double? = nil
    ) {
        self.init(
            rate: rate, lowerBoundPerSecond: lowerBoundPerSecond,
            upperBoundPerSecond: upperBoundPerSecond, now: { Host.monotonicClock })
    }

    /// Makes a sampler that reads a given monotonic clock, in nanoseconds.
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

    /// Sets another share and other bounds; credits stay in proportion.
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

    /// Decides by the id, then by the bounds.
    public func decide(_ candidate: SamplingParameters) -> SamplingDecision {
        let now = now()
        return throughput.withLock { $0.decide(candidate, now: now) }
    }
}

/// A share of traces with a floor and, where wanted, a ceiling in traces a second: the arithmetic of
/// ``GuaranteedThroughputSampler`` and, for each operation, of ``PerOperationSampler``.
///
/// Pure: time comes as a value, in nanoseconds of a monotonic clock.
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

    /// Decides by the id, then by what the bounds say to it.
    mutating func decide(_ candidate: SamplingParameters, now: Int64) -> SamplingDecision {
        var decision = probabilistic.decide(candidate)
        // Charged in both cases: a trace that was sampled by its id needs no other to fill the floor.
        let isBelowFloor = lowerBound.take(now: now)
        if !decision.isSampled, isBelowFloor {
            decision = SamplingDecision(isSampled: true, tags: lowerBoundTags)
        }
        if decision.isSampled, upperBound?.take(now: now) == false {
            decision.isSampled = false
        }
        return decision
    }

    /// Sets another share and other bounds; credits stay in proportion.
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
