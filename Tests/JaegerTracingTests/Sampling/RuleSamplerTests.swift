import JaegerTracing
import Testing
import Tracing

@Suite struct RuleSamplerTests {
    private let sampler = RuleSampler(
        [
            .operation("GET /health", ConstSampler(false)),
            .tag("tier", "gold", ConstSampler(true)),
            .tag("peer", ConstSampler(true)),
            SamplingRule(ConstSampler(true)) { $0.kind == .consumer },
        ], otherwise: ConstSampler(false))

    @Test(
        arguments: [
            (SamplingParameters.stub("op", tags: [SpanTag("tier", "gold")]), true),
            (.stub("op", tags: [SpanTag("tier", "silver")]), false),
            (.stub("op", tags: [SpanTag("tier", 1)]), false),
            (.stub("op", tags: [SpanTag("a", 1), SpanTag("peer", 7)]), true),
            (.stub("GET /health", tags: [SpanTag("tier", "gold")]), false),
            (.stub("op", kind: .consumer), true),
            (.stub("op"), false),
        ])
    func `the first rule that matches decides`(
        parameters: SamplingParameters, isSampled: Bool
    ) {
        #expect(sampler.decide(parameters).isSampled == isSampled)
        #expect(sampler.decide(parameters).isFinal)
    }

    @Test func `a sampler that waits is undecided until a rule matches or it must decide`() {
        let fallback = ScriptedSampler(true)
        let sampler = RuleSampler(
            [.tag("error", true, ConstSampler(false))], otherwise: fallback, defersUntilNamed: true)
        #expect(!sampler.decide(.stub()).isFinal)
        #expect(!sampler.decide(.stub("other")).isFinal)
        #expect(fallback.operationNames.isEmpty, "asked, and charged, once")
        let matched = sampler.decide(.stub(tags: [SpanTag("error", true)]))
        #expect(matched.isFinal && !matched.isSampled)
        #expect(sampler.decide(.stub("last", mustDecide: true)).isSampled)
        #expect(fallback.operationNames == ["last"])
    }
}

@Suite struct PrioritySamplerTests {
    @Test func `the first sampler that samples wins, and the others are not called`() {
        let rest = ScriptedSampler(false)
        let decision = PrioritySampler([ConstSampler(false), ConstSampler(true), rest])
            .decide(.stub())
        #expect(decision.isSampled)
        #expect(decision.tags == ConstSampler(true).decide(.stub()).tags)
        #expect(rest.operationNames.isEmpty)
    }

    @Test func `if none samples the last sampler decides`() {
        let decision = PrioritySampler([ConstSampler(false), ScriptedSampler(false)])
            .decide(.stub())
        #expect(!decision.isSampled)
        #expect(decision.tags == [SpanTag("sampler.type", "scripted")])
        #expect(!PrioritySampler([]).decide(.stub()).isSampled)
    }

    @Test func `an undecided sampler defers those after it until it must decide`() {
        let rest = ScriptedSampler(true)
        let sampler = PrioritySampler([DeferredSampler(ConstSampler(false)), rest])
        #expect(!sampler.decide(.stub(kind: .server)).isFinal)
        #expect(rest.operationNames.isEmpty)
        let last = sampler.decide(.stub("final", kind: .server, mustDecide: true))
        #expect(last.isFinal && last.isSampled)
        #expect(rest.operationNames == ["final"])
    }
}

@Suite struct DeferredSamplerTests {
    @Test(arguments: [SpanKind.server, .consumer])
    func `the decision waits for the name of a server span`(kind: SpanKind) {
        let base = ScriptedSampler(true)
        let sampler = DeferredSampler(base)
        #expect(sampler.decide(.stub("GET", kind: kind)) == .undecided)
        #expect(
            sampler.decide(.stub("GET /items", kind: kind, mustDecide: true)).isSampled)
        #expect(base.operationNames == ["GET /items"])
    }

    @Test func `another name triggers the decision`() {
        let reporter = InMemoryReporter()
        let base = ScriptedSampler(true)
        let span = JaegerTracer.stub(reporter: reporter, sampler: DeferredSampler(base))
            .startSpan("GET", childOf: nil, ofKind: .server)
        span.setTag("a", 1)
        span.operationName = "GET"
        #expect(base.operationNames.isEmpty)
        span.operationName = "GET /items"
        #expect(base.operationNames == ["GET /items"])
        #expect(span.spanContext.isSampled)
    }

    @Test(arguments: [SpanKind.internal, .client, .producer])
    func `other kinds are decided on immediately`(kind: SpanKind) {
        #expect(DeferredSampler(ConstSampler(true)).decide(.stub(kind: kind)).isFinal)
    }
}
