import FoundationEssentials
import SpoorNetworking
import SpoorText

/// The sampling strategies of services: a strategies file in the format of Jaeger's `--sampling.strategies-file`, and
/// the responses to `GET /api/sampling?service=NAME`.
///
/// ```json
/// {"default_strategy": {"type": "probabilistic", "param": 0.5,
///    "operation_strategies": [{"operation": "GET /health", "type": "probabilistic", "param": 0}]},
///  "service_strategies": [{"service": "shop", "type": "ratelimiting", "param": 10}]}
/// ```
///
/// Operations of the default strategy apply to each service that has no rate for them, unless it has a rate limit:
/// clients with strategies per operation support no other limit. Without a file all traces are sampled, because the
/// collector is for looking at traces.
public struct SamplingStrategies: Sendable, Hashable {
    /// The strategy of a service.
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

    /// Creates strategies that sample all traces.
    public init() {}

    /// Reads a regular file.
    ///
    /// - Throws: ``SamplingStrategiesError``, which contains the path; if the file cannot be read, with the system's
    ///   reason and `errno`.
    public init(contentsOfFile path: String) throws(SamplingStrategiesError) {
        var json: [UInt8]
        do {
            let file = try ReadableFile(path)
            json = [UInt8](repeating: 0, count: file.byteCount)
            let count = try file.read(into: &json, from: 0)
            json.removeSubrange(count...)
        } catch {
            throw SamplingStrategiesError(
                description: "cannot read the sampling strategies file \(path): \(error)")
        }
        do {
            try self.init(json: json)
        } catch {
            throw SamplingStrategiesError(description: "\(path): \(error.description)")
        }
    }

    /// Parses the text of a file.
    ///
    /// - Throws: ``SamplingStrategiesError``, which contains the invalid field.
    public init(json: [UInt8]) throws(SamplingStrategiesError) {
        let file: File
        do {
            file = try JSONDecoder().decode(File.self, from: Data(json))
        } catch {
            throw SamplingStrategiesError(decoding: error)
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

    /// Returns the response for a service: `SamplingStrategyResponse` in JSON.
    func response(for service: String) -> [UInt8] {
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

/// The error of an invalid file of sampling strategies.
public struct SamplingStrategiesError: Error, Hashable, CustomStringConvertible {
    /// The reason, and the position in the file.
    public let description: String
}

extension SamplingStrategiesError {
    /// Describes the error of a decoder in one line.
    fileprivate init(decoding error: any Error) {
        switch error {
        case DecodingError.keyNotFound(let key, let context):
            self.init(in: context, "\"\(key.stringValue)\" is missing")
        case DecodingError.typeMismatch(let type, let context):
            self.init(in: context, "expected \(Self.name(type))")
        case DecodingError.valueNotFound(let type, let context):
            self.init(in: context, "expected \(Self.name(type)), found null")
        case DecodingError.dataCorrupted(let context):
            self.init(in: context, context.codingPath.isEmpty ? "not valid JSON" : "invalid value")
        default: self.init(description: "\(error)")
        }
    }

    private init(in context: DecodingError.Context, _ fault: String) {
        var place = ""
        for key in context.codingPath {
            if let index = key.intValue {
                place += "[\(index)]"
            } else {
                place += place.isEmpty ? key.stringValue : ".\(key.stringValue)"
            }
        }
        self.init(description: place.isEmpty ? fault : "\(place): \(fault)")
    }

    private static func name(_ type: any Any.Type) -> String {
        switch type {
        case is String.Type: "a string"
        case is Double.Type: "a number"
        case is [Any].Type: "an array"
        default: "an object"
        }
    }
}

// MARK: - The file

extension SamplingStrategies {
    private struct File: Decodable {
        // The names of the file format.
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
                    description:
                        "\(type) with \(param) is not a strategy: use probabilistic from 0 to 1, "
                        + "or ratelimiting with at least 0")
            }
            var strategy = Strategy(kind: kind, parameter: param)
            if kind == .probabilistic { strategy.rateByOperation = fallback.rateByOperation }
            for operation in operation_strategies ?? [] {
                guard operation.type == "probabilistic", (0...1).contains(operation.param) else {
                    throw SamplingStrategiesError(
                        description: "\(operation.operation): an operation's strategy must be "
                            + "probabilistic, from 0 to 1")
                }
                strategy.rateByOperation[operation.operation] = operation.param
            }
            return strategy
        }
    }
}

// MARK: - The response

extension JSONWriter {
    fileprivate mutating func rate(_ rate: Double) {
        key("probabilisticSampling")
        object { writer in
            writer.key("samplingRate")
            writer.number(rate)
        }
    }

    /// Operations take precedence over the other fields: those that are not listed get the share, or, if the service
    /// has a rate limit, Jaeger's default.
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
                    writer.member("operation", pair.key)
                    writer.rate(pair.value)
                }
            }
        }
    }
}
