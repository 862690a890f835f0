import JaegerTracing
import Logging
import CoreMetrics
import MetricsTestKit
import TestSupport
import Testing

@testable import JaegerRemoteSampling

@Suite(.finishes(within: .seconds(60))) struct RemoteSamplerTests {
    private let gate = PauseGate()
    private let metrics = TestMetrics()
    private let parameters = SamplingParameters(
        traceID: TraceID(low: 1 << 63 - 1), operationName: "op")

    private func sampler(
        _ source: ScriptedSource, initial: any Sampler = ConstSampler(false)
    ) -> RemoteSampler {
        let poller = StrategyPoller(
            serviceName: "svc", source: source,
            followed: FollowedStrategy(initial: initial, maxOperationCount: 10),
            logger: Logger(label: "test"), metricsFactory: metrics)
        return RemoteSampler(poller, pause: gate.pause)
    }

    private func count(_ name: String, _ result: String) throws -> Int64 {
        try metrics.expectCounter("jaeger_tracer_" + name, [("result", result)]).totalValue
    }

    @Test(arguments: [Duration.nanoseconds(1), .zero, .seconds(-5)])
    func `it polls at most once a second`(interval: Duration) {
        #expect(RemoteSampler.pause(interval) == .seconds(1))
    }

    @Test func `it polls at least about once a day`() {
        #expect(RemoteSampler.pause(.seconds(Int64.max)) < .seconds(100_000))
    }

    @Test func `it polls immediately, then after each delay`() async throws {
        let source = ScriptedSource([
            #"{"probabilisticSampling":{"samplingRate":1}}"#,
            #"{"probabilisticSampling":{"samplingRate":0}}"#,
        ])
        let sampler = sampler(source)
        try await gate.begun()
        #expect(source.askedFor == ["svc"])
        let decision = sampler.decide(parameters)
        #expect(decision.isSampled)
        #expect(decision.tags == ProbabilisticSampler(rate: 1).decide(parameters).tags)
        gate.end()
        try await gate.begun()
        #expect(!sampler.decide(parameters).isSampled)
        #expect(try count("sampler_queries", "ok") == 2)
        #expect(try count("sampler_updates", "ok") == 2)
        sampler.shutdown()
        await sampler.stopped()
    }

    @Test func `another sampler decides before the first response`() async throws {
        let source = ScriptedSource(hangs: true)
        let sampler = sampler(source, initial: ConstSampler(true))
        try await source.asked()
        #expect(sampler.decide(parameters).isSampled)
        sampler.shutdown()
        await sampler.stopped()
    }

    @Test func `failed and invalid responses change nothing and are counted`()
        async throws
    {
        let source = ScriptedSource([
            #"{"probabilisticSampling":{"samplingRate":1}}"#, nil, "<html>", "{}",
            #"{"strategyType":"NEW"}"#, #"{"probabilisticSampling":{"samplingRate":1}}"#,
        ])
        let sampler = sampler(source)
        for _ in 0..<6 {
            try await gate.begun()
            #expect(sampler.decide(parameters).isSampled)
            gate.end()
        }
        try await gate.begun()
        #expect(try count("sampler_queries", "ok") == 5)
        #expect(try count("sampler_queries", "err") == 2)
        #expect(try count("sampler_updates", "ok") == 1)
        #expect(try count("sampler_updates", "err") == 3)
        sampler.shutdown()
        await sampler.stopped()
    }

    @Test func `a shutdown cancels a request in progress, and counts no error`() async throws {
        let source = ScriptedSource(hangs: true)
        let sampler = sampler(source)
        try await source.asked()
        sampler.shutdown()
        await sampler.stopped()
        try await source.stopped()
        #expect(try count("sampler_queries", "err") == 0)
        #expect(!sampler.decide(parameters).isSampled, "it continues to decide")
    }

    @Test func `an unused sampler stops polling`() async throws {
        let source = ScriptedSource(hangs: true)
        do {
            let sampler = sampler(source)
            try await source.asked()
            #expect(!sampler.decide(parameters).isSampled)
        }
        try await source.stopped()
        #expect(source.askedFor == ["svc"])
    }
}
