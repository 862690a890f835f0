import JaegerTracing
import TestSupport
import Testing

@Suite(.finishes(within: .seconds(60))) struct IDGeneratorTests {
    @Test func `ids differ and are valid`() {
        let generator = IDGenerator()
        var traces: Set<TraceID> = []
        var spans: Set<SpanID> = []
        for _ in 0..<50_000 {
            let trace = generator.makeTraceID()
            let span = generator.makeSpanID()
            #expect(trace.high != 0 && trace.low != 0 && span.isValid)
            traces.insert(trace)
            spans.insert(span)
        }
        #expect(traces.count == 50_000)
        #expect(spans.count == 50_000)
    }

    @Test func `many tasks never get the same id`() async {
        let generator = IDGenerator()
        let all = await withTaskGroup(of: [SpanID].self) { group in
            for _ in 0..<8 {
                group.addTask { (0..<5_000).map { _ in generator.makeSpanID() } }
            }
            return await group.reduce(into: Set<SpanID>()) { $0.formUnion($1) }
        }
        #expect(all.count == 40_000)
    }

    @Test func `64-bit ids have no upper half`() {
        let id = IDGenerator().makeTraceID(.bits64)
        #expect(id.high == 0)
        #expect(id.low != 0)
    }

    @Test func `ids are determined by the keys`() {
        var first = SeededGenerator(seed: 1)
        var second = SeededGenerator(seed: 1)
        var third = SeededGenerator(seed: 2)
        let id = IDGenerator(using: &first).makeTraceID()
        #expect(IDGenerator(using: &second).makeTraceID() == id)
        #expect(IDGenerator(using: &third).makeTraceID() != id)
    }

    @Test func `zero is never created, although the mixer reaches it`() {
        // The key for which the first position results in zero is zero itself.
        struct Zeros: RandomNumberGenerator {
            mutating func next() -> UInt64 { 0 }
        }
        var zeros = Zeros()
        let generator = IDGenerator(using: &zeros)
        #expect(generator.makeSpanID().isValid)
        var again = Zeros()
        #expect(IDGenerator(using: &again).makeTraceID(.bits64).isValid)
    }

    @Test func `every bit of an id is set about half of the time`() {
        let generator = IDGenerator()
        var counts = [Int](repeating: 0, count: 128)
        for _ in 0..<4_000 {
            let id = generator.makeTraceID()
            for bit in 0..<64 {
                counts[bit] += Int(id.low >> UInt64(bit) & 1)
                counts[64 + bit] += Int(id.high >> UInt64(bit) & 1)
            }
        }
        // Ten standard deviations of 31.6 in both directions.
        #expect(counts.allSatisfy { (1_680...2_320).contains($0) })
    }
}
