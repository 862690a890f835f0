import JaegerTracing
import SpoorText

/// A sampling strategy from an endpoint: `SamplingStrategyResponse` of sampling.thrift and api_v2's sampling.proto, in
/// all JSON forms that Jaeger's backends have written.
enum SamplingStrategy: Equatable {
    case probabilistic(rate: Double)
    case rateLimiting(tracesPerSecond: Double)
    case perOperation(OperationRates)

    /// Parses a response.
    init(response: [UInt8]) throws(SamplingStrategyError) {
        let json: JSONValue
        do {
            json = try JSONReader<JSONValue>.read(response)
        } catch {
            throw .invalidJSON(offset: error.offset)
        }
        // If there are strategies per operation, the other fields are for clients that do not support them.
        if let operations = json["operationSampling"] {
            self = .perOperation(try Self.rates(operations))
            return
        }
        switch try Self.type(json) {
        case .probabilistic:
            self = .probabilistic(rate: try Self.rate(json))
        case .rateLimiting:
            self = .rateLimiting(
                tracesPerSecond: try Self.number(
                    "maxTracesPerSecond", of: json["rateLimitingSampling"], "rateLimitingSampling"))
        }
    }

    /// `SamplingStrategyType`.
    private enum Form: Double {
        case probabilistic = 0
        case rateLimiting = 1
    }

    private static func type(_ json: JSONValue) throws(SamplingStrategyError) -> Form {
        switch json["strategyType"] {
        // protobuf omits zero values: probabilistic.
        case nil:
            let isLimiting =
                json["probabilisticSampling"] == nil && json["rateLimitingSampling"] != nil
            return isLimiting ? .rateLimiting : .probabilistic
        case .string("PROBABILISTIC"): return .probabilistic
        case .string("RATE_LIMITING"): return .rateLimiting
        // Jaeger's agents wrote the numbers of Thrift's enumeration.
        case .number(let number):
            guard let form = Form(rawValue: number) else { throw .invalid("strategyType") }
            return form
        default: throw .invalid("strategyType")
        }
    }

    private static func rate(_ json: JSONValue) throws(SamplingStrategyError) -> Double {
        try number(
            "samplingRate", of: json["probabilisticSampling"], "probabilisticSampling", upTo: 1)
    }

    /// Returns a number of an object; proto3's JSON omits zero values, but not the object.
    private static func number(
        _ name: String, of object: JSONValue?, _ objectName: String, upTo max: Double = .infinity
    ) throws(SamplingStrategyError) -> Double {
        guard case .object? = object else { throw .invalid(objectName + "." + name) }
        guard let value = object?[name] else { return 0 }
        guard let number = value.number, number >= 0, number <= max else {
            throw .invalid(objectName + "." + name)
        }
        return number
    }

    private static func rates(
        _ json: JSONValue
    ) throws(SamplingStrategyError) -> OperationRates {
        func number(
            _ name: String, upTo max: Double = .infinity
        ) throws(SamplingStrategyError) -> Double {
            try Self.number(name, of: json, "operationSampling", upTo: max)
        }
        var rates = OperationRates(
            defaultRate: try number("defaultSamplingProbability", upTo: 1),
            lowerBoundPerSecond: try number("defaultLowerBoundTracesPerSecond"))
        // In protobuf zero means that there is no limit.
        let bound = try number("defaultUpperBoundTracesPerSecond")
        if bound > 0 { rates.upperBoundPerSecond = bound }
        guard let operations = json["perOperationStrategies"] else { return rates }
        guard let operations = operations.array else {
            throw .invalid("operationSampling.perOperationStrategies")
        }
        for operation in operations {
            guard let name = operation["operation"]?.string else {
                throw .invalid("operationSampling.perOperationStrategies.operation")
            }
            rates.rateByOperation[name] = try Self.rate(operation)
        }
        return rates
    }
}

/// The reason why a response of a sampling endpoint is invalid.
enum SamplingStrategyError: Error, Equatable, CustomStringConvertible {
    /// The response is not JSON; contains the offset of the error.
    case invalidJSON(offset: Int)
    /// A field is missing, of another type, out of range or unknown.
    case invalid(String)

    var description: String {
        switch self {
        case .invalidJSON(let offset): "the response is not JSON: invalid at byte \(offset)"
        case .invalid(let field): "\(field) is missing or invalid"
        }
    }
}
