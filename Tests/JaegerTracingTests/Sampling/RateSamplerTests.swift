import JaegerTracing
import Testing

@Suite struct RateLimitingSamplerTests {
    @Test func `it samples the first traces of a second and its tags contain its rate`() {
        let time = ManualTime()
        let sampler = RateLimitingSampler(tracesPerSecond: 2, now: time.read)
        let decisions = (0..<4).map { _ in sampler.decide(.stub()) }
        #expect(decisions.map(\.isSampled) == [true, true, false, false])
        #expect(
            decisions[0].tags == [
                SpanTag("sampler.type", "ratelimiting"), SpanTag("sampler.param", 2.0),
            ])
        time.advance(bySeconds: 0.5)
        #expect(sampler.decide(.stub()).isSampled)
        #expect(!sampler.decide(.stub()).isSampled)
    }

    @Test func `a new rate is in the tags, and the tokens are scaled in proportion`() {
        let sampler = RateLimitingSampler(tracesPerSecond: 2, now: ManualTime().read)
        #expect(sampler.decide(.stub()).isSampled)
        sampler.update(tracesPerSecond: 10)
        #expect(sampler.tracesPerSecond == 10)
        #expect(sampler.decide(.stub()).tags.last == SpanTag("sampler.param", 10.0))
        #expect((0..<100).count { _ in sampler.decide(.stub()).isSampled } == 4)
    }

    @Test func `threads never get more tokens than there are`() async {
        let sampler = RateLimitingSampler(tracesPerSecond: 100, now: ManualTime().read)
        let count = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<4 {
                group.addTask { (0..<1000).count { _ in sampler.decide(.stub()).isSampled } }
            }
            return await group.reduce(0, +)
        }
        #expect(count == 100)
    }
}

@Suite struct GuaranteedThroughputSamplerTests {
    private let time = ManualTime()
    /// For ids whose lower 63 bits are below and above any share in between.
    private let low: UInt64 = 1
    private let high: UInt64 = 1 << 63 - 1

    private func sampler(
        _ rate: Double, from lower: Double, to upper: Double? = nil
    ) -> GuaranteedThroughputSampler {
        GuaranteedThroughputSampler(
            rate: rate, lowerBoundPerSecond: lower, upperBoundPerSecond: upper, now: time.read)
    }

    @Test func `the minimum rate samples what the share does not, and the tags show it`() {
        let sampler = sampler(0.5, from: 1)
        let first = sampler.decide(.stub(low: high))
        #expect(first.isSampled)
        #expect(
            first.tags == [SpanTag("sampler.type", "lowerbound"), SpanTag("sampler.param", 0.5)])
        #expect(!sampler.decide(.stub(low: high)).isSampled)
        time.advance(bySeconds: 1)
        #expect(sampler.decide(.stub(low: high)).isSampled)
    }

    @Test func `a trace that is sampled by its id counts towards the minimum rate`() {
        let sampler = sampler(0.5, from: 1)
        let first = sampler.decide(.stub(low: low))
        #expect(first.isSampled)
        #expect(
            first.tags == [SpanTag("sampler.type", "probabilistic"), SpanTag("sampler.param", 0.5)])
        #expect(!sampler.decide(.stub(low: high)).isSampled)
        #expect(sampler.decide(.stub(low: low)).isSampled, "the floor is no ceiling")
    }

    @Test func `the maximum rate takes precedence over the share and the minimum rate`() {
        let sampler = sampler(1, from: 5, to: 2)
        #expect((0..<100).count { _ in sampler.decide(.stub(low: high)).isSampled } == 2)
    }

    @Test func `without share and minimum rate nothing is sampled`() {
        let sampler = sampler(0, from: 0)
        #expect(!sampler.decide(.stub(low: 0)).isSampled)
    }

    @Test func `an update keeps the tokens, and a maximum rate can be added and removed`() {
        let sampler = sampler(0, from: 1)
        #expect(sampler.decide(.stub()).isSampled)
        sampler.update(rate: 0, lowerBoundPerSecond: 1)
        #expect(!sampler.decide(.stub()).isSampled)
        sampler.update(rate: 1, lowerBoundPerSecond: 1, upperBoundPerSecond: 3)
        #expect((0..<100).count { _ in sampler.decide(.stub()).isSampled } == 3)
        sampler.update(rate: 1, lowerBoundPerSecond: 1, upperBoundPerSecond: 3)
        #expect(!sampler.decide(.stub()).isSampled)
        sampler.update(rate: 1, lowerBoundPerSecond: 1)
        #expect(sampler.decide(.stub()).isSampled)
    }
}

@Suite struct PerOperationSamplerTests {
    private let time = ManualTime()
    private let high: UInt64 = 1 << 63 - 1

    private func sampler(_ rates: OperationRates, max: Int = 2000) -> PerOperationSampler {
        PerOperationSampler(rates, maxOperationCount: max, now: time.read)
    }

    @Test func `each operation has a separate share and minimum rate`() {
        let sampler = sampler(
            OperationRates(
                defaultRate: 0, lowerBoundPerSecond: 1, rateByOperation: ["always": 1]))
        for name in ["a", "b"] {
            #expect(sampler.decide(.stub(name, low: high)).isSampled)
            #expect(!sampler.decide(.stub(name, low: high)).isSampled)
        }
        #expect((0..<10).allSatisfy { _ in sampler.decide(.stub("always", low: high)).isSampled })
        #expect(
            sampler.decide(.stub("always")).tags.first == SpanTag("sampler.type", "probabilistic"))
    }

    @Test func `operations beyond the limit are sampled by their share only`() {
        let sampler = sampler(
            OperationRates(
                defaultRate: 0, lowerBoundPerSecond: 1, rateByOperation: ["listed": 1]), max: 2)
        #expect(sampler.decide(.stub("a")).isSampled && sampler.decide(.stub("b")).isSampled)
        #expect(!sampler.decide(.stub("c")).isSampled)
        #expect(sampler.decide(.stub("listed", low: high)).isSampled)
        time.advance(bySeconds: 1)
        #expect(sampler.decide(.stub("a")).isSampled)
        #expect(!sampler.decide(.stub("c")).isSampled)
    }

    @Test func `the maximum rate applies to each operation`() {
        let sampler = sampler(
            OperationRates(defaultRate: 1, lowerBoundPerSecond: 1, upperBoundPerSecond: 4))
        for name in ["a", "b"] {
            #expect((0..<100).count { _ in sampler.decide(.stub(name)).isSampled } == 4)
        }
    }

    @Test func `an update applies to known operations, and keeps their tokens`() {
        let sampler = sampler(
            OperationRates(defaultRate: 0, lowerBoundPerSecond: 1, rateByOperation: ["a": 1]))
        #expect(sampler.decide(.stub("a", low: high)).isSampled)
        sampler.update(
            OperationRates(defaultRate: 0, lowerBoundPerSecond: 1, rateByOperation: ["b": 1]))
        #expect(!sampler.decide(.stub("a", low: high)).isSampled, "no longer listed, floor spent")
        #expect(sampler.decide(.stub("b", low: high)).isSampled)
        #expect(sampler.rates.rate(of: "b") == 1)
    }
}
