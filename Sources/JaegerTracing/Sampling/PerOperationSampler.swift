import Synchronization

/// Samples each operation by a share and bounds of its own: frequent ones seldom, rare ones surely.
///
/// Each operation is a ``GuaranteedThroughputSampler`` by itself. So that names of high cardinality
/// cannot exhaust the memory, only the first so many operations get bounds; the others are sampled by
/// their share alone.
public final class PerOperationSampler: Sampler {
    private struct State {
        var rates: OperationRates
        var operations: [String: Throughput] = [:]
    }

    private let state: Mutex<State>
    private let maxOperationCount: Int
    private let now: @Sendable () -> Int64

    /// Makes a sampler.
    ///
    /// - Parameters:
    ///   - rates: What to do to which operation.
    ///   - maxOperationCount: How many operations get bounds; 2000 as in Jaeger's clients.
    public convenience init(_ rates: OperationRates, maxOperationCount: Int = 2000) {
        self.init(rates, maxOperationCount: maxOperationCount, now: { Host.monotonicClock })
    }

    /// Makes a sampler that reads a given monotonic clock, in nanoseconds.
    package init(
        _ rates: OperationRates, maxOperationCount: Int, now: @escaping @Sendable () -> Int64
    ) {
        state = Mutex(State(rates: rates))
        self.maxOperationCount = maxOperationCount
        self.now = now
    }

    /// What is done to which operation.
    public var rates: OperationRates { state.withLock { $0.rates } }

    /// Does something else to the operations; credits of those that are known stay in proportion.
    public func update(_ rates: OperationRates) {
        let now = now()
        state.withLock { state in
            state.rates = rates
            for name in state.operations.keys {
                state.operations[name]?.update(
                    rate: rates.rate(of: name), lowerBoundPerSecond: rates.lowerBoundPerSecond,
                    upperBoundPerSecond: rates.upperBoundPerSecond, now: now)
            }
        }
    }

    /// Decides by the name of the first span.
    public func decide(_ candidate: SamplingParameters) -> SamplingDecision {
        let now = now()
        return state.withLock { state in
            let name = candidate.operationName
            if let decision = state.operations[name]?.decide(candidate, now: now) {
                return decision
            }
            let rates = state.rates
            let rate = rates.rate(of: name)
            guard state.operations.count < maxOperationCount else {
                return ProbabilisticSampler(rate: rate).decide(candidate)
            }
            var throughput = Throughput(
                rate: rate, lowerBoundPerSecond: rates.lowerBoundPerSecond,
                upperBoundPerSecond: rates.upperBoundPerSecond, now: now)
            defer { state.operations[name] = throughput }
            return throughput.decide(candidate, now: now)
        }
    }
}

/// What a ``PerOperationSampler`` does to which operation; `PerOperationSamplingStrategies` of
/// sampling.thrift.
public struct OperationRates: Hashable, Sendable {
    /// The share of traces of an operation that is not listed, from 0 to 1.
    public var defaultRate: Double
    /// How many traces of each operation are sampled a second at least, if there are so many.
    public var lowerBoundPerSecond: Double
    /// How many traces of each operation are sampled a second at the most; no bound if nil.
    public var upperBoundPerSecond: Double?
    /// The share of traces of the operations that have one of their own.
    public var rateByOperation: [String: Double]

    /// Makes rates; the defaults are those of Jaeger's clients: one in a thousand, but one in ten
    /// minutes at least.
    public init(
        defaultRate: Double = 0.001,
        lowerBoundPerSecond: Double = 1.0 / 600,
        upperBoundPerSecond: Double? = nil,
        rateByOperation: [String: Double] = [:]
    ) {
        self.defaultRate = defaultRate
        self.lowerBoundPerSecond = lowerBoundPerSecond
        self.upperBoundPerSecond = upperBoundPerSecond
        self.rateByOperation = rateByOperation
    }

    /// The share of traces of an operation.
    public func rate(of operationName: String) -> Double {
        rateByOperation[operationName] ?? defaultRate
    }
}
