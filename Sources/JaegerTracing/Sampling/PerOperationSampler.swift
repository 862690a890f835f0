import Synchronization

/// Samples each operation with a separate share and separate limits: frequent operations rarely, rare operations
/// reliably.
///
/// Each operation has its own ``GuaranteedThroughputSampler``. So that names of high cardinality cannot exhaust the
/// memory, only the first `maxOperationCount` operations have limits; the others are sampled by their share only.
public final class PerOperationSampler: Sampler {
    private struct State {
        var rates: OperationRates
        var operations: [String: Throughput] = [:]
    }

    private let state: Mutex<State>
    private let maxOperationCount: Int
    private let now: @Sendable () -> Int64

    /// Creates a sampler.
    ///
    /// - Parameters:
    ///   - rates: The rates of the operations.
    ///   - maxOperationCount: The maximum number of operations that have limits; 2000 as in Jaeger's clients.
    public convenience init(_ rates: OperationRates, maxOperationCount: Int = 2000) {
        self.init(rates, maxOperationCount: maxOperationCount, now: { Host.monotonicClock })
    }

    /// Creates a sampler that reads a given monotonic clock, in nanoseconds.
    package init(
        _ rates: OperationRates, maxOperationCount: Int, now: @escaping @Sendable () -> Int64
    ) {
        state = Mutex(State(rates: rates))
        self.maxOperationCount = maxOperationCount
        self.now = now
    }

    /// The rates of the operations.
    public var rates: OperationRates { state.withLock { $0.rates } }

    /// Sets other rates; the tokens of known operations are scaled in proportion.
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

    /// Decides by the operation name of the first span.
    public func decide(_ parameters: SamplingParameters) -> SamplingDecision {
        let now = now()
        return state.withLock { state in
            let name = parameters.operationName
            if let decision = state.operations[name]?.decide(parameters, now: now) {
                return decision
            }
            let rates = state.rates
            let rate = rates.rate(of: name)
            guard state.operations.count < maxOperationCount else {
                return ProbabilisticSampler(rate: rate).decide(parameters)
            }
            var throughput = Throughput(
                rate: rate, lowerBoundPerSecond: rates.lowerBoundPerSecond,
                upperBoundPerSecond: rates.upperBoundPerSecond, now: now)
            defer { state.operations[name] = throughput }
            return throughput.decide(parameters, now: now)
        }
    }
}

/// The rates of a ``PerOperationSampler``; `PerOperationSamplingStrategies` of sampling.thrift.
public struct OperationRates: Hashable, Sendable {
    /// The share of traces of operations that are not in ``rateByOperation``, from 0 to 1.
    public var defaultRate: Double
    /// The minimum number of sampled traces of each operation per second, if there are that many.
    public var lowerBoundPerSecond: Double
    /// The maximum number of sampled traces of each operation per second; no limit if nil.
    public var upperBoundPerSecond: Double?
    /// The share of traces of particular operations.
    public var rateByOperation: [String: Double]

    /// Creates rates; the defaults are those of Jaeger's clients: one in a thousand, but at least one in ten minutes.
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

    /// Returns the share of traces of an operation.
    public func rate(of operationName: String) -> Double {
        rateByOperation[operationName] ?? defaultRate
    }
}
