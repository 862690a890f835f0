import Testing

@testable import JaegerCollector

@Suite struct SamplingStrategiesTests {
    private static let file = """
        {"default_strategy": {"type": "probabilistic", "param": 0.5, "operation_strategies": [
          {"operation": "GET /health", "type": "probabilistic", "param": 0.0},
          {"operation": "GET /x", "type": "probabilistic", "param": 1.0}]},
         "service_strategies": [
          {"service": "shop", "type": "probabilistic", "param": 0.8, "operation_strategies": [
            {"operation": "GET /x", "type": "probabilistic", "param": 0.2}]},
          {"service": "busy", "type": "ratelimiting", "param": 10}]}
        """

    private func response(_ file: String, for service: String) throws -> String {
        let strategies = try SamplingStrategies(json: Array(file.utf8))
        return String(decoding: strategies.response(for: service), as: UTF8.self)
    }

    private func operations(_ rate: Double, _ x: Double) -> String {
        """
        "operationSampling":{"defaultSamplingProbability":\(rate),\
        "defaultLowerBoundTracesPerSecond":0.0,"perOperationStrategies":[\
        {"operation":"GET /health","probabilisticSampling":{"samplingRate":0.0}},\
        {"operation":"GET /x","probabilisticSampling":{"samplingRate":\(x)}}]}}
        """
    }

    @Test func `without a file all traces are sampled`() {
        let response = SamplingStrategies().response(for: "any")
        #expect(
            String(decoding: response, as: UTF8.self)
                == #"{"strategyType":"PROBABILISTIC","probabilisticSampling":{"samplingRate":1.0}}"#
        )
    }

    @Test func `a service that is not listed gets the default strategy, with its operations`()
        throws
    {
        #expect(
            try response(Self.file, for: "other")
                == #"{"strategyType":"PROBABILISTIC","probabilisticSampling":{"samplingRate":0.5},"#
                + operations(0.5, 1))
    }

    @Test func `a service's operation takes precedence over that of the default strategy`() throws {
        #expect(
            try response(Self.file, for: "shop")
                == #"{"strategyType":"PROBABILISTIC","probabilisticSampling":{"samplingRate":0.8},"#
                + operations(0.8, 0.2))
    }

    @Test func `a rate limit is sent without the operations of the default strategy`() throws {
        let expected =
            #"{"strategyType":"RATE_LIMITING","rateLimitingSampling":{"maxTracesPerSecond":10.0}}"#
        #expect(try response(Self.file, for: "busy") == expected)
    }

    @Test(
        arguments: [
            "", "[]", "{", #"{"default_strategy":{"type":"adaptive","param":1}}"#,
            #"{"default_strategy":{"type":"probabilistic","param":1.5}}"#,
            #"{"default_strategy":{"type":"ratelimiting","param":-1}}"#,
            #"{"default_strategy":{"type":"ratelimiting"}}"#,
            #"{"service_strategies":[{"type":"probabilistic","param":1}]}"#,
            """
            {"default_strategy":{"type":"probabilistic","param":1,"operation_strategies":[
            {"operation":"x","type":"ratelimiting","param":1}]}}
            """,
        ])
    func `an invalid file is rejected`(file: String) {
        #expect(throws: SamplingStrategiesError.self) {
            try SamplingStrategies(json: Array(file.utf8))
        }
    }

    @Test(
        arguments: [
            ("", "not valid JSON"), ("{\"default_strategy\":", "not valid JSON"),
            ("[]", "expected an object"),
            (#"{"default_strategy":1}"#, "default_strategy: expected an object"),
            (#"{"service_strategies":{}}"#, "service_strategies: expected an array"),
            (
                #"{"default_strategy":{"type":"ratelimiting"}}"#,
                #"default_strategy: "param" is missing"#
            ),
            (
                #"{"service_strategies":[{"service":"a","type":"ratelimiting","param":"1"}]}"#,
                "service_strategies[0].param: expected a number"
            ),
            (
                #"{"default_strategy":{"type":null,"param":1}}"#,
                "default_strategy.type: expected a string, found null"
            ),
        ])
    func `a format error contains the field`(file: String, description: String) {
        #expect(throws: SamplingStrategiesError(description: description)) {
            try SamplingStrategies(json: Array(file.utf8))
        }
    }

    @Test func `a file that cannot be read is reported with the system's reason`() {
        let prefix = "cannot read the sampling strategies file "
        for (path, reason) in [
            ("/no/such/file", "No such file or directory (2)"), ("/", "Is a directory (21)"),
        ] {
            #expect(
                throws: SamplingStrategiesError(description: "\(prefix)\(path): open: \(reason)")
            ) {
                try SamplingStrategies(contentsOfFile: path)
            }
        }
    }

    @Test func `a format error contains the path`() {
        #expect(throws: SamplingStrategiesError(description: "\(#filePath): not valid JSON")) {
            try SamplingStrategies(contentsOfFile: #filePath)
        }
    }
}
