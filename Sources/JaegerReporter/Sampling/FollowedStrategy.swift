import JaegerTracing

/// The strategy that is being followed, and the sampler that does so.
///
/// Pure. A strategy of the same kind changes the sampler in place, so that its credits stay; the same
/// strategy again changes nothing.
struct FollowedStrategy {
    /// What the endpoint said last; nil before its first answer.
    private(set) var strategy: SamplingStrategy?
    /// Decides as the strategy says.
    private(set) var sampler: any Sampler
    private let operationCountMax: Int

    init(initial: any Sampler, operationCountMax: Int) {
        sampler = initial
        self.operationCountMax = operationCountMax
    }

    /// Follows another strategy, and tells whether it is one.
    mutating func follow(_ new: SamplingStrategy) -> Bool {
        guard new != strategy else { return false }
        strategy = new
        switch (new, sampler) {
        case (.probabilistic(let rate), _):
            sampler = ProbabilisticSampler(rate: rate)
        case (.rateLimiting(let rate), let sampler as RateLimitingSampler):
            sampler.update(tracesPerSecond: rate)
        case (.rateLimiting(let rate), _):
            sampler = RateLimitingSampler(tracesPerSecond: rate)
        case (.perOperation(let rates), let sampler as PerOperationSampler):
            sampler.update(rates)
        case (.perOperation(let rates), _):
            sampler = PerOperationSampler(rates, operationCountMax: operationCountMax)
        }
        return true
    }
}
