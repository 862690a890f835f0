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
    mutating func decide(_ candidate: SamplingCandidate, now: Int64) -> SamplingDecision {
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
