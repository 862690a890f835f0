import JaegerTracing

/// What a sampling endpoint tells a service to do: `SamplingStrategyResponse` of sampling.thrift and
/// api_v2's sampling.proto, in the forms of JSON that Jaeger's backends have written over the years.
enum SamplingStrategy: Equatable {
    case probabilistic(rate: Double)
    case rateLimiting(tracesPerSecond: Double)
    case perOperation(OperationRates)

    /// Reads an answer.
    init(answer: [UInt8]) throws(SamplingStrategyError) {
        let json: JSONValue
        do {
            json = try JSONReader.read(answer)
        } catch {
            throw .noJSON(offset: error.offset)
        }
        // Beside operations the other fields are for clients that know no better.
        if let operations = json["operationSampling"] {
            self = .perOperation(try Self.rates(operations))
            return
        }
        switch try Self.type(json) {
        case .probabilistic:
            self = .probabilistic(rate: try Self.rate(json))
        case .rateLimiting:
            guard let number = json["rateLimitingSampling"]?["maxTracesPerSecond"]?.number,
                number >= 0
            else { throw .invalid("rateLimitingSampling.maxTracesPerSecond") }
            self = .rateLimiting(tracesPerSecond: number)
        }
    }

    /// `SamplingStrategyType`.
    private enum Form: Double {
        case probabilistic = 0
        case rateLimiting = 1
    }

    private static func type(_ json: JSONValue) throws(SamplingStrategyError) -> Form {
        switch json["strategyType"] {
        // protobuf leaves out what is zero: probabilistic.
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
        try share(
            json["probabilisticSampling"]?["samplingRate"], "probabilisticSampling.samplingRate")
    }

    private static func share(
        _ value: JSONValue?, _ name: String
    ) throws(SamplingStrategyError) -> Double {
        guard let number = value?.number, (0...1).contains(number) else { throw .invalid(name) }
        return number
    }

    private static func rates(
        _ json: JSONValue
    ) throws(SamplingStrategyError) -> OperationRates {
        let rate = try share(
            json["defaultSamplingProbability"], "operationSampling.defaultSamplingProbability")
        var rates = OperationRates(
            defaultRate: rate,
            lowerBoundPerSecond: try bound(json, "defaultLowerBoundTracesPerSecond") ?? 0)
        // Zero is how protobuf says that there is none.
        if let bound = try bound(json, "defaultUpperBoundTracesPerSecond"), bound > 0 {
            rates.upperBoundPerSecond = bound
        }
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

    private static func bound(
        _ json: JSONValue, _ name: String
    ) throws(SamplingStrategyError) -> Double? {
        guard let value = json[name] else { return nil }
        guard let number = value.number, number >= 0 else {
            throw .invalid("operationSampling." + name)
        }
        return number
    }
}

/// Why an answer of a sampling endpoint cannot be followed.
enum SamplingStrategyError: Error, Equatable, CustomStringConvertible {
    /// It is no JSON from that byte on.
    case noJSON(offset: Int)
    /// A field is missing, of another type, out of its range or unknown.
    case invalid(String)

    var description: String {
        switch self {
        case .noJSON(let offset): "the answer is no JSON at byte \(offset)"
        case .invalid(let field): "\(field) is missing or invalid"
        }
    }
}
