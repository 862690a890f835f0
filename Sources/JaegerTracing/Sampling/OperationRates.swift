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
