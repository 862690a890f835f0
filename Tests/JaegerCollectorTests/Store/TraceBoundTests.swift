import JaegerTracing
import TestSupport
import Testing

@testable import JaegerCollector

@Suite(.finishes(within: .seconds(60))) struct TraceBoundTests {
    private func spans(_ ids: ClosedRange<UInt64>, of trace: UInt64) -> [FinishedSpan] {
        let first = FinishedSpan.stub(trace: trace)
        return ids.map { id in
            var span = first
            span.spanID = SpanID(id)
            return span
        }
    }

    @Test func `an endless trace is truncated, and the others are kept`() throws {
        let store = TraceStore(limits: StoreLimits(maxSpans: 100))
        for trace in 1...40 as ClosedRange<UInt64> {
            _ = store.insert([.stub(service: "s\(trace)", trace: trace)])
        }
        for start in stride(from: 1, to: 300, by: 30) as StrideTo<UInt64> {
            _ = store.insert(spans(start...start + 29, of: 99))
        }
        let counts = store.counts
        #expect(counts.keptTraces == 41)
        #expect(counts.keptSpans == 40 + 50)
        #expect(counts.truncatedSpans == 250)
        #expect(counts.evictedSpans == 0)
        #expect(counts.effectiveLimit == nil)
        let trace = try #require(store.trace(TraceID(low: 99)))
        #expect(trace.spans.map(\.spanID.value) == Array(1...50))
        #expect(trace.truncatedSpanCount == 250)
    }

    @Test func `one batch that is larger than the store is truncated`() throws {
        let store = TraceStore(limits: StoreLimits(maxSpans: 3, maxSpansPerTrace: 3))
        _ = store.insert(spans(1...9, of: 1))
        #expect(store.counts.keptSpans == 3)
        #expect(store.counts.truncatedSpans == 6)
        #expect(store.services() == ["shop"])
    }

    @Test func `a trace is truncated by its bytes as well`() throws {
        let store = TraceStore(limits: StoreLimits(maxBytes: 1 << 20, maxBytesPerTrace: 100_000))
        let text = SpanTag("t", .string(String(repeating: "x", count: 30_000)))
        for id in 1...9 as ClosedRange<UInt64> {
            _ = store.insert([.stub(trace: 1, id: id, tags: [text])])
        }
        let trace = try #require(store.trace(TraceID(low: 1)))
        #expect(trace.spanCount == 3)
        #expect(trace.byteCount <= 100_000)
        #expect(trace.byteCount == store.counts.keptBytes)
        #expect(store.counts.truncatedSpans == 6)
    }

    @Test func `a batch is truncated at the byte limit of its trace`() throws {
        let store = TraceStore(limits: StoreLimits(maxBytes: 1 << 20, maxBytesPerTrace: 100_000))
        let text = SpanTag("t", .string(String(repeating: "x", count: 30_000)))
        let spans = (1...9 as ClosedRange<UInt64>).map { FinishedSpan.stub(id: $0, tags: [text]) }
        let process = spans[0].process
        _ = store.insert(
            spans.map { span in
                var span = span
                span.process = process
                return span
            })
        #expect(try #require(store.trace(TraceID(low: 1))).spanCount == 3)
        #expect(store.counts.truncatedSpans == 6)
    }

    @Test func `a single span that is too large leaves no empty trace`() {
        let store = TraceStore(limits: StoreLimits(maxBytes: 1000))
        let text = SpanTag("t", .string(String(repeating: "x", count: 30_000)))
        #expect(store.insert([.stub(tags: [text])]) == 0)
        #expect(store.counts.keptTraces == 0)
        #expect(store.counts.keptBytes == 0)
        #expect(store.counts.truncatedSpans == 1)
        #expect(store.services().isEmpty)
        #expect(store.trace(TraceID(low: 1)) == nil)
    }

    @Test func `a trace is not evicted because of its own growth while there are others`() throws {
        let store = TraceStore(limits: StoreLimits(maxSpans: 10))
        for trace in 1...10 as ClosedRange<UInt64> { _ = store.insert([.stub(trace: trace)]) }
        _ = store.insert(spans(11...13, of: 1))
        #expect(try #require(store.trace(TraceID(low: 1))).spanCount == 4)
        #expect((2...4 as ClosedRange<UInt64>).allSatisfy { store.trace(TraceID(low: $0)) == nil })
        #expect(store.counts.keptSpans == 10)
        // It is the newest now: others are evicted before it.
        for trace in 20...25 as ClosedRange<UInt64> { _ = store.insert([.stub(trace: trace)]) }
        #expect(store.trace(TraceID(low: 1)) != nil)
        _ = store.insert([.stub(trace: 30)])
        #expect(store.trace(TraceID(low: 1)) == nil)
    }

    @Test func `a batch of more traces than fit keeps the last of them`() {
        let store = TraceStore(limits: StoreLimits(maxSpans: 10))
        let first = FinishedSpan.stub()
        _ = store.insert(
            (1...100 as ClosedRange<UInt64>).map { trace in
                var span = first
                span.traceID = TraceID(low: trace)
                return span
            })
        #expect(store.counts.keptSpans == 10)
        #expect(store.trace(TraceID(low: 100)) != nil)
        #expect(store.trace(TraceID(low: 90)) == nil)
    }

    @Test func `the counts contain the effective limit of the store`() {
        let bySpans = TraceStore(limits: StoreLimits(maxSpans: 1))
        let byBytes = TraceStore(limits: StoreLimits(maxBytes: 2000))
        for store in [bySpans, byBytes] {
            for trace in 1...9 as ClosedRange<UInt64> { _ = store.insert([.stub(trace: trace)]) }
        }
        #expect(bySpans.counts.effectiveLimit == .maxSpans)
        #expect(byBytes.counts.effectiveLimit == .maxBytes)
        #expect(byBytes.counts.keptSpans > 0)
    }

    @Test(arguments: [
        (StoreLimits(maxSpans: 0), "maxSpans is 0: it must be at least 1"),
        (StoreLimits(maxSpans: -5), "maxSpans is -5: it must be at least 1"),
        (StoreLimits(maxBytes: 0), "maxBytes is 0: it must be at least 65536"),
        (StoreLimits(maxBytes: 65_535), "maxBytes is 65535: it must be at least 65536"),
        (
            StoreLimits(maxBytesPerTrace: 32_767),
            "maxBytesPerTrace is 32767: it must be within 32768…268435456"
        ),
        (
            StoreLimits(maxSpans: 10, maxSpansPerTrace: 11),
            "maxSpansPerTrace is 11: it must be within 1…10"
        ),
        (StoreLimits(maxSpansPerTrace: 0), "maxSpansPerTrace is 0: it must be within 1…100000"),
        (
            StoreLimits(maxBytes: 65_536, maxBytesPerTrace: 65_537),
            "maxBytesPerTrace is 65537: it must be within 32768…65536"
        ),
    ])
    func `a collector rejects limits out of range`(limits: StoreLimits, message: String) {
        let error = #expect(throws: CollectorError.self) {
            try Collector(CollectorConfiguration(storeLimits: limits))
        }
        #expect(error?.description == message)
    }

    @Test func `the minimum memory of a collector holds spans`() throws {
        let limits = StoreLimits(maxBytes: 64 << 10)
        _ = try Collector(CollectorConfiguration(storeLimits: limits))
        let store = TraceStore(limits: limits)
        let text = SpanTag("t", .string(String(repeating: "x", count: 2000)))
        for trace in 1...100 as ClosedRange<UInt64> {
            _ = store.insert([.stub(trace: trace, tags: [text])])
            #expect(store.trace(TraceID(low: trace)) != nil)
        }
        #expect(store.counts.keptSpans > 5)
    }

    @Test func `defaults of one trace are half of the store's`() {
        let limits = StoreLimits(maxSpans: 9, maxBytes: 1000)
        #expect(limits.maxSpansPerTrace == 4)
        #expect(limits.maxBytesPerTrace == 500)
        #expect(StoreLimits(maxSpans: 1).maxSpansPerTrace == 1)
        #expect(TraceStore(limits: StoreLimits(maxSpans: -1)).limits.maxSpans == 1)
    }

    @Test func `a full store with many names costs no more than an empty one`() {
        // Checked by the time limit of the suite: copying a service's index for each batch would take hours.
        let store = TraceStore(limits: StoreLimits(maxSpans: 50_000))
        for batch in 0..<10_000 as Range<UInt64> {
            let first = FinishedSpan.stub()
            _ = store.insert(
                (0..<20 as Range<UInt64>).map { number in
                    var span = first
                    span.traceID = TraceID(low: 1 + batch * 20 + number)
                    span.operationName = "GET /u/\(batch * 20 + number)"
                    return span
                })
        }
        #expect(store.counts.keptSpans == 50_000)
        #expect(store.operations(of: "shop").count == 50_000)
    }
}
