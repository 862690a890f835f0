import JaegerTracing
import Testing

@Suite struct ProbabilisticSamplerTests {
    private func isSampled(_ low: UInt64, at rate: Double) -> Bool {
        ProbabilisticSampler(rate: rate).decide(
            SamplingParameters(traceID: TraceID(low: low), operationName: "op")
        )
        .isSampled
    }

    @Test func `half of the lower 63 bits is the boundary of one half`() {
        #expect(isSampled(1 << 62 - 20, at: 0.5))
        #expect(isSampled(1 << 62 - 1, at: 0.5))
        #expect(!isSampled(1 << 62, at: 0.5))
        #expect(!isSampled(1 << 62 + 20, at: 0.5))
        #expect(isSampled(1 << 63, at: 0.5), "the highest bit does not count")
        #expect(!isSampled(.max, at: 0.5))
    }

    @Test(arguments: [0, -1, -0.0, .nan, -.infinity, .signalingNaN] as [Double])
    func `zero, negative values and NaN sample nothing`(rate: Double) {
        for low in [0, 1, 1 << 62, 1 << 63, .max] as [UInt64] {
            #expect(!isSampled(low, at: rate))
        }
    }

    @Test(arguments: [1, 1.5, .infinity, .greatestFiniteMagnitude] as [Double])
    func `one and more sample everything`(rate: Double) {
        for low in [0, 1, 1 << 62, 1 << 63, .max, 1 << 63 - 1] as [UInt64] {
            #expect(isSampled(low, at: rate))
        }
    }

    @Test(
        arguments: [
            Double(1).nextDown, .leastNonzeroMagnitude, .ulpOfOne,
            Double(sign: .plus, exponent: -63, significand: 1),
        ] as [Double])
    func `rates next to the boundaries do not trap`(rate: Double) {
        #expect(!isSampled(.max, at: rate))
        #expect(isSampled(0, at: rate) == (rate >= 0x1p-63))
    }

    @Test(arguments: [0.001, 0.01, 0.25, 0.5, 0.9])
    func `about the configured share of a million random traces is sampled`(rate: Double) {
        let generator = IDGenerator()
        let sampler = ProbabilisticSampler(rate: rate)
        let count = 1_000_000.0
        let sampledCount = (0..<Int(count)).count { _ in
            sampler.decide(.stub(low: generator.makeTraceID().low)).isSampled
        }
        let deviation = (count * rate * (1 - rate)).squareRoot()
        #expect(abs(Double(sampledCount) - count * rate) < 8 * deviation)
    }

    @Test func `its tags contain its type and rate`() {
        let decision = ProbabilisticSampler(rate: 0.25)
            .decide(SamplingParameters(traceID: TraceID(low: 0), operationName: "op"))
        #expect(
            decision.tags == [
                SpanTag("sampler.type", "probabilistic"), SpanTag("sampler.param", 0.25),
            ])
    }

    @Test(arguments: [true, false])
    func `the constant sampler always makes the same decision`(isSampled: Bool) {
        let decision = ConstSampler(isSampled).decide(
            SamplingParameters(traceID: TraceID(low: 7), operationName: "op"))
        #expect(decision.isSampled == isSampled)
        #expect(
            decision.tags == [
                SpanTag("sampler.type", "const"), SpanTag("sampler.param", .bool(isSampled)),
            ])
    }
}
