import FoundationEssentials

/// What services are told to sample: a file of strategies as Jaeger's `--sampling.strategies-file` has
/// it, and the answers to `GET /api/sampling?service=NAME`.
///
/// ```json
/// {"default_strategy": {"type": "probabilistic", "param": 0.5,
///    "operation_strategies": [{"operation": "GET /health", "type": "probabilistic", "param": 0}]},
///  "service_strategies": [{"service": "shop", "type": "ratelimiting", "param": 10}]}
/// ```
///
/// Operations of the default strategy hold for every service that has no rate of its own for them,
/// unless it has a limit: clients that are told of operations know no other limit. Without a file all is sampled, for the collector is there to look at traces.
public struct SamplingStrategies: Sendable, Hashable {
    /// What one service is told.
    struct Strategy: Sendable, Hashable {
        enum Kind: String, Decodable {
            case probabilistic, ratelimiting
        }

        var kind = Kind.probabilistic
        var parameter = 1.0
        var rateByOperation: [String: Double] = [:]
    }

    private var fallback = Strategy()
    private var byService: [String: Strategy] = [:]

    /// All is sampled.
    public init() {}

    /// Reads a file.
    ///
    /// - Throws: ``SamplingStrategiesError``, also if there is no such file.
    public init(contentsOfFile path: String) throws(SamplingStrategiesError) {
        guard let data = try? Data(contentsOf: URL(filePath: path)) else {
            throw SamplingStrategiesError(description: "\(path) cannot be read")
        }
        try self.init(json: [UInt8](data))
    }

    /// Reads the text of a file.
    ///
    /// - Throws: ``SamplingStrategiesError``.
    public init(json: [UInt8]) throws(SamplingStrategiesError) {
        let file: File
        do {
            file = try JSONDecoder().decode(File.self, from: Data(json))
        } catch {
            throw SamplingStrategiesError(description: "no file of strategies: \(error)")
        }
        if let entry = file.default_strategy { fallback = try entry.strategy(under: Strategy()) }
        for entry in file.service_strategies ?? [] {
            guard let service = entry.service else {
                throw SamplingStrategiesError(
                    description: "a strategy of service_strategies has no service")
            }
            byService[service] = try entry.strategy(under: fallback)
        }
    }

    /// The answer for a service: `SamplingStrategyResponse` in JSON.
    func answer(for service: String) -> [UInt8] {
        let strategy = byService[service] ?? fallback
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("strategyType")
            switch strategy.kind {
            case .probabilistic:
                writer.string("PROBABILISTIC")
                writer.rate(strategy.parameter)
            case .ratelimiting:
                writer.string("RATE_LIMITING")
                writer.key("rateLimitingSampling")
                writer.object { writer in
                    writer.key("maxTracesPerSecond")
                    writer.number(strategy.parameter)
                }
            }
            if !strategy.rateByOperation.isEmpty { writer.operations(of: strategy) }
        }
        return writer.bytes
    }
}

/// Why a file of strategies cannot be followed.
public struct SamplingStrategiesError: Error, Hashable, CustomStringConvertible {
    /// What is wrong.
    public let description: String
}

// MARK: - The file

extension SamplingStrategies {
    private struct File: Decodable {
        // The names of the file's own notation.
        // swift-format-ignore: AlwaysUseLowerCamelCase
        var default_strategy: Entry?
        // swift-format-ignore: AlwaysUseLowerCamelCase
        var service_strategies: [Entry]?
    }

    private struct Entry: Decodable {
        struct Operation: Decodable {
            var operation: String
            var type: String
            var param: Double
        }

        var service: String?
        var type: String
        var param: Double
        // swift-format-ignore: AlwaysUseLowerCamelCase
        var operation_strategies: [Operation]?

        func strategy(under fallback: Strategy) throws(SamplingStrategiesError) -> Strategy {
            guard let kind = Strategy.Kind(rawValue: type), param >= 0,
                kind == .ratelimiting || param <= 1
            else {
                throw SamplingStrategiesError(
                    description: "\(type) with \(param) is no strategy: probabilistic from 0 to 1, "
                        + "or ratelimiting from 0 on")
            }
            var strategy = Strategy(kind: kind, parameter: param)
            if kind == .probabilistic { strategy.rateByOperation = fallback.rateByOperation }
            for operation in operation_strategies ?? [] {
                guard operation.type == "probabilistic", (0...1).contains(operation.param) else {
                    throw SamplingStrategiesError(
                        description: "\(operation.operation): an operation's strategy is "
                            + "probabilistic, from 0 to 1")
                }
                strategy.rateByOperation[operation.operation] = operation.param
            }
            return strategy
        }
    }
}

// MARK: - The answer

extension JSONWriter {
    fileprivate mutating func rate(_ rate: Double) {
        key("probabilisticSampling")
        object { writer in
            writer.key("samplingRate")
            writer.number(rate)
        }
    }

    /// Operations beat the other fields: what is not listed gets the share, or, of a service that is
    /// limited, Jaeger's default.
    fileprivate mutating func operations(of strategy: SamplingStrategies.Strategy) {
        key("operationSampling")
        object { writer in
            writer.key("defaultSamplingProbability")
            writer.number(strategy.kind == .probabilistic ? strategy.parameter : 0.001)
            writer.key("defaultLowerBoundTracesPerSecond")
            writer.number(0)
            writer.key("perOperationStrategies")
            writer.array(of: strategy.rateByOperation.sorted { $0.key < $1.key }) { writer, pair in
                writer.object { writer in
                    writer.key("operation")
                    writer.string(pair.key)
                    writer.rate(pair.value)
                }
            }
        }
    }
}
