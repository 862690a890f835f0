import JaegerTracing
import TestSupport
import Testing

@testable import JaegerRemoteSampling

@Suite struct SamplingStrategyTests {
    private static let operations = """
        {"strategyType":"PROBABILISTIC","probabilisticSampling":{"samplingRate":0.001},
        "operationSampling":{"defaultSamplingProbability":0.25,
        "defaultLowerBoundTracesPerSecond":0.1,"defaultUpperBoundTracesPerSecond":UPPER,
        "perOperationStrategies":[
        {"operation":"GET /x","probabilisticSampling":{"samplingRate":0.5}},
        {"operation":"GET /é","probabilisticSampling":{"samplingRate":1}}]}}
        """

    private func read(_ text: String) throws -> SamplingStrategy {
        try SamplingStrategy(response: Array(text.utf8))
    }

    @Test(
        arguments: [
            #"{"strategyType":"PROBABILISTIC","probabilisticSampling":{"samplingRate":0.42}}"#,
            #"{"strategyType":0,"probabilisticSampling":{"samplingRate":0.42}}"#,
            #"{"probabilisticSampling":{"samplingRate":0.42}}"#,
            #"{"probabilisticSampling":{"samplingRate":0.42},"rateLimitingSampling":null}"#,
            """
            {"strategyType":"PROBABILISTIC","probabilisticSampling":{"samplingRate":0.42},
            "rateLimitingSampling":{"maxTracesPerSecond":7},"operationSampling":null,"new":[1]}
            """,
        ])
    func `a share has several forms`(text: String) throws {
        #expect(try read(text) == .probabilistic(rate: 0.42))
    }

    @Test(
        arguments: [
            #"{"strategyType":"RATE_LIMITING","rateLimitingSampling":{"maxTracesPerSecond":42}}"#,
            #"{"strategyType":1,"rateLimitingSampling":{"maxTracesPerSecond":42}}"#,
            #"{"rateLimitingSampling":{"maxTracesPerSecond":42}}"#,
        ])
    func `a rate limit has several forms`(text: String) throws {
        #expect(try read(text) == .rateLimiting(tracesPerSecond: 42))
    }

    @Test(
        arguments: [
            (#"{"probabilisticSampling":{}}"#, .probabilistic(rate: 0)),
            (#"{"strategyType":"RATE_LIMITING","rateLimitingSampling":{}}"#, noTraces),
            (#"{"rateLimitingSampling":{"maxTracesPerSecond":null}}"#, noTraces),
        ] as [(String, SamplingStrategy)])
    func `an omitted number is zero`(text: String, strategy: SamplingStrategy) throws {
        #expect(try read(text) == strategy)
    }

    private static let noTraces = SamplingStrategy.rateLimiting(tracesPerSecond: 0)

    @Test func `an omitted number of operations is zero`() throws {
        let operation = #"{"operation":"a","probabilisticSampling":{}}"#
        let response = #"{"operationSampling":{"perOperationStrategies":["# + operation + "]}}"
        let rates = OperationRates(
            defaultRate: 0, lowerBoundPerSecond: 0, rateByOperation: ["a": 0])
        #expect(try read(response) == .perOperation(rates))
    }

    @Test(arguments: [("null", nil), ("0", nil), ("2.5", 2.5)])
    func `operations take precedence over the other fields`(upper: String, bound: Double?) throws {
        let text = Self.operations.replacing("UPPER", with: upper)
        let rates = OperationRates(
            defaultRate: 0.25, lowerBoundPerSecond: 0.1, upperBoundPerSecond: bound,
            rateByOperation: ["GET /x": 0.5, "GET /é": 1])
        #expect(try read(text) == .perOperation(rates))
    }

    @Test(arguments: [
        #""perOperationStrategies":null"#, #""perOperationStrategies":[]"#, #""a":1"#,
    ])
    func `the list of operations may be empty`(member: String) throws {
        let text = #"{"operationSampling":{"defaultSamplingProbability":0.5,"# + member + "}}"
        #expect(
            try read(text)
                == .perOperation(OperationRates(defaultRate: 0.5, lowerBoundPerSecond: 0)))
    }

    @Test(
        arguments: [
            ("{}", "probabilisticSampling.samplingRate"),
            ("[]", "probabilisticSampling.samplingRate"),
            ("7", "probabilisticSampling.samplingRate"),
            (#"{"strategyType":"ADAPTIVE"}"#, "strategyType"),
            (#"{"strategyType":2}"#, "strategyType"),
            (#"{"strategyType":0.5}"#, "strategyType"), (#"{"strategyType":[]}"#, "strategyType"),
            (
                #"{"probabilisticSampling":{"samplingRate":1.1}}"#,
                "probabilisticSampling.samplingRate"
            ),
            (
                #"{"probabilisticSampling":{"samplingRate":"1"}}"#,
                "probabilisticSampling.samplingRate"
            ),
            (
                #"{"rateLimitingSampling":{"maxTracesPerSecond":-1}}"#,
                "rateLimitingSampling.maxTracesPerSecond"
            ),
            (
                #"{"strategyType":"RATE_LIMITING","probabilisticSampling":{"samplingRate":1}}"#,
                "rateLimitingSampling.maxTracesPerSecond"
            ),
            (
                #"{"operationSampling":{"perOperationStrategies":[{"operation":"a"}]}}"#,
                "probabilisticSampling.samplingRate"
            ),
            (#"{"operationSampling":7}"#, "operationSampling.defaultSamplingProbability"),
            (
                #"{"operationSampling":{"defaultSamplingProbability":1,"perOperationStrategies":7}}"#,
                "operationSampling.perOperationStrategies"
            ),
            (
                #"{"operationSampling":{"defaultSamplingProbability":1,"perOperationStrategies":[7]}}"#,
                "operationSampling.perOperationStrategies.operation"
            ),
        ])
    func `an invalid field is in the error`(text: String, field: String) {
        #expect(throws: SamplingStrategyError.invalid(field)) { try read(text) }
    }

    @Test func `invalid JSON is reported with its offset`() {
        #expect(throws: SamplingStrategyError.invalidJSON(offset: 0)) { try read("<html>") }
        #expect("\(SamplingStrategyError.invalidJSON(offset: 3))".contains("byte 3"))
    }

    @Test func `a damaged response is rejected, or is a strategy with rates in range`() {
        var generator = SeededGenerator()
        let whole = Array(Self.operations.replacing("UPPER", with: "3").utf8)
        let end = whole.lastIndex(of: UInt8(ascii: "}")) ?? 0
        for end in 0...end {
            #expect(throws: SamplingStrategyError.invalidJSON(offset: end)) {
                try SamplingStrategy(response: Array(whole[..<end]))
            }
        }
        for _ in 0..<5000 {
            var damaged = whole
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let at = Int.random(in: damaged.indices, using: &generator)
                damaged[at] = .random(in: 0...255, using: &generator)
            }
            do throws(SamplingStrategyError) {
                let strategy = try SamplingStrategy(response: damaged)
                #expect(Self.rates(of: strategy).allSatisfy { (0...1).contains($0) })
            } catch {
                guard case .invalidJSON(let offset) = error else { continue }
                #expect((0...damaged.count).contains(offset))
            }
        }
    }

    private static func rates(of strategy: SamplingStrategy) -> [Double] {
        switch strategy {
        case .probabilistic(let rate): [rate]
        case .rateLimiting: []
        case .perOperation(let rates): [rates.defaultRate] + rates.rateByOperation.values
        }
    }
}

@Suite struct FollowedStrategyTests {
    /// A rate so small that no tokens are added during a test.
    private static let slow = 1e-6
    private let parameters = SamplingParameters(
        traceID: TraceID(low: 1 << 63 - 1), operationName: "op")
    private var followed = FollowedStrategy(initial: ConstSampler(true), maxOperationCount: 10)

    private var isSampled: Bool { followed.sampler.decide(parameters).isSampled }

    @Test func `the initial sampler decides before the first response`() {
        #expect(isSampled)
        #expect(followed.strategy == nil)
    }

    @Test mutating func `an equal rate limit keeps the tokens`() {
        let steps = [
            followed.follow(.rateLimiting(tracesPerSecond: Self.slow)), isSampled, isSampled,
            followed.follow(.rateLimiting(tracesPerSecond: Self.slow)), isSampled,
        ]
        #expect(steps == [true, true, false, false, false])
    }

    @Test mutating func `another rate limit scales the tokens in proportion`() {
        let steps = [
            followed.follow(.rateLimiting(tracesPerSecond: Self.slow)), isSampled,
            followed.follow(.rateLimiting(tracesPerSecond: Self.slow * 2)), isSampled,
        ]
        #expect(steps == [true, true, true, false])
    }

    @Test mutating func `operations keep their tokens`() {
        let rates = OperationRates(defaultRate: 0, lowerBoundPerSecond: Self.slow)
        var other = rates
        other.rateByOperation = ["other": 1]
        let steps = [
            followed.follow(.perOperation(rates)), isSampled, isSampled,
            followed.follow(.perOperation(other)), isSampled,
        ]
        #expect(steps == [true, true, false, true, false])
    }

    @Test mutating func `another kind of strategy starts with full buckets`() {
        let steps = [
            followed.follow(.rateLimiting(tracesPerSecond: Self.slow)), isSampled,
            followed.follow(.probabilistic(rate: 0)), isSampled,
            followed.follow(.rateLimiting(tracesPerSecond: Self.slow)), isSampled,
        ]
        #expect(steps == [true, true, true, false, true, true])
    }
}
