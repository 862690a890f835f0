import JaegerTracing
import SpoorText
import TestSupport
import Testing

@testable import JaegerCollector

@Suite(.finishes(within: .seconds(60))) struct TraceStoreTests {
    @Test func `spans of one trace are stored together, regardless of their origin`() throws {
        let store = TraceStore()
        #expect(store.insert([.stub(service: "a", id: 1), .stub(service: "a", trace: 9)]) == 0)
        #expect(store.insert([.stub(service: "b", id: 2, parent: 1)]) == 0)
        let trace = try #require(store.trace(TraceID(low: 1)))
        #expect(trace.spans.map(\.process.serviceName) == ["a", "b"])
        #expect(store.services() == ["a", "b"])
        #expect(store.counts.keptTraces == 2)
        #expect(store.counts.keptSpans == 3)
    }

    @Test func `a hundred thousand traces fit, and one more costs no more than the first`() {
        // Checked by the time limit of the suite: copying the stored traces for each span would take hours.
        let store = TraceStore()
        for start in stride(from: 1, to: 100_000, by: 1000) as StrideTo<UInt64> {
            _ = store.insert((start..<start + 1000).map { .stub(trace: $0, id: $0) })
        }
        #expect(store.counts.keptTraces == 100_000)
    }

    @Test func `an equal span that is sent twice is stored twice`() throws {
        let store = TraceStore()
        _ = store.insert([.stub()])
        _ = store.insert([.stub()])
        #expect(try #require(store.trace(TraceID(low: 1))).spans.count == 2)
    }

    @Test func `only the span with a zero id is rejected`() {
        let store = TraceStore()
        #expect(store.insert([.stub(trace: 0), .stub(id: 0), .stub(trace: 7, id: 7)]) == 2)
        #expect(store.counts.receivedSpans == 3)
        #expect(store.counts.rejectedSpans == 2)
        #expect(store.counts.keptSpans == 1)
    }

    @Test func `equal processes of a trace are shared`() throws {
        let store = TraceStore()
        let tags: [SpanTag] = [SpanTag("hostname", "h")]
        for id in 1...3 as ClosedRange<UInt64> {
            _ = store.insert([.stub(service: "a", processTags: tags, id: id)])
        }
        _ = store.insert([.stub(service: "a", processTags: [], id: 4)])
        let spans = try #require(store.trace(TraceID(low: 1))).spans
        #expect(Set(spans.map { ObjectIdentifier($0.process) }).count == 2)
    }

    @Test func `a huge process is compared neither for each span nor with others`() throws {
        // Comparing it for each span would take longer than the time limit of the suite.
        let text = String(repeating: "x", count: 8_000_000)
        let store = TraceStore(limits: StoreLimits(maxSpansPerTrace: 100_000))
        for _ in 0..<2 {
            let first = FinishedSpan.stub(processTags: [SpanTag("k", .string(text + "!"))])
            _ = store.insert(
                (1...50_000 as ClosedRange<UInt64>).map { id in
                    var span = first
                    span.spanID = SpanID(id)
                    return span
                })
        }
        let spans = try #require(store.trace(TraceID(low: 1))).spans
        #expect(spans.count == 100_000)
        #expect(Set(spans.map { ObjectIdentifier($0.process) }).count == 2)
    }

    @Test func `a process is shared by scattered spans of a trace`() throws {
        // Too large to be found by value: the batch must remember it.
        let tag = SpanTag("k", .string(String(repeating: "x", count: 100_000)))
        let process = TracedProcess(serviceName: "a", tags: [tag])
        let store = TraceStore()
        let spans = (1...9 as ClosedRange<UInt64>).map { id in
            var span = FinishedSpan.stub(trace: 1 + id % 2, id: id)
            span.process = process
            return span
        }
        _ = store.insert(spans)
        for trace in 1...2 as ClosedRange<UInt64> {
            let trace = try #require(store.trace(TraceID(low: trace)))
            #expect(trace.runs.count > 3)
            #expect(Set(trace.spans.map { ObjectIdentifier($0.process) }).count == 1)
            #expect(trace.byteCount < 200_000)
        }
    }

    @Test func `operations are distinguished by name and kind`() {
        let store = TraceStore()
        _ = store.insert([
            .stub(operation: "b", tags: [SpanTag("span.kind", "server")]),
            .stub(operation: "b", tags: [SpanTag("span.kind", "client")]),
            .stub(operation: "a", tags: [SpanTag("span.kind", "nonsense")]),
            .stub(operation: "a", tags: [SpanTag("span.kind", 1)]),
        ])
        #expect(
            store.operations(of: "shop") == [
                ServiceOperation(name: "a", spanKind: ""),
                ServiceOperation(name: "b", spanKind: "client"),
                ServiceOperation(name: "b", spanKind: "server"),
            ])
        #expect(store.operations(of: "nobody").isEmpty)
    }

    @Test func `names are compared by bytes`() throws {
        // Canonically equivalent texts: comparing them takes quadratic time.
        let store = TraceStore()
        for (id, name) in [(1, "\u{e9}"), (2, "e\u{301}")] as [(UInt64, String)] {
            _ = store.insert([.stub(service: name, id: id, operation: name)])
            _ = store.insert([
                .stub(
                    processTags: [SpanTag("k", .array([.string(name)]))], trace: 9, id: id,
                    operation: name)
            ])
        }
        #expect(store.services().map(\.utf8.count) == [3, 4, 2])
        #expect(store.operations(of: "shop").map(\.name.text.utf8.count) == [3, 2])
        #expect(store.traces(matching: TraceQuery(service: "e\u{301}")).count == 1)
        let trace = try #require(store.trace(TraceID(low: 9)))
        #expect(Set(trace.spans.map { ObjectIdentifier($0.process) }).count == 2)
    }

    @Test func `a huge operation name is listed and found by its prefix`() throws {
        let store = TraceStore()
        let name = "x" + String(repeating: "\u{e9}", count: 100_000)
        _ = store.insert([.stub(operation: name)])
        let listed = try #require(store.operations(of: "shop").first).name.text
        #expect(listed.utf8.count == 4095)
        for operation in [name, listed] {
            #expect(store.traces(matching: TraceQuery(operation: operation)).count == 1)
        }
        #expect(store.traces(matching: TraceQuery(operation: "x")).isEmpty)
    }

    @Test func `many combining marks are stored and searched`() {
        // Checked by the time limit of the suite: normalising each of the texts would take minutes.
        let marks = String(repeating: "\u{301}\u{316}", count: 1 << 17)
        let store = TraceStore(limits: StoreLimits(maxBytes: 10 << 20))
        for id in 1...9 as ClosedRange<UInt64> {
            _ = store.insert([
                .stub(
                    trace: id, operation: marks + "\(id)",
                    tags: [SpanTag("span.kind", .string(marks)), SpanTag("k", .string(marks))])
            ])
        }
        #expect(store.counts.evictedSpans > 0)
        #expect(store.operations(of: "shop").count == 1)
        #expect(store.traces(matching: TraceQuery(operation: "x", tags: ["k": "x"])).isEmpty)
        #expect(store.traces(matching: TraceQuery(tags: ["k": "x"])).isEmpty)
    }

    // MARK: Eviction

    @Test func `the oldest traces are evicted if there are too many spans`() {
        let store = TraceStore(limits: StoreLimits(maxSpans: 4))
        for trace in 1...3 as ClosedRange<UInt64> {
            _ = store.insert([.stub(service: "s\(trace)", trace: trace, id: 1)])
        }
        // The second span of the oldest trace does not make it newer.
        _ = store.insert([.stub(service: "s1", trace: 1, id: 2)])
        #expect(store.counts.evictedSpans == 0)
        _ = store.insert([.stub(service: "s4", trace: 4, id: 1)])
        #expect(store.trace(TraceID(low: 1)) == nil)
        #expect(store.services() == ["s2", "s3", "s4"])
        #expect(store.operations(of: "s1").isEmpty)
        #expect(store.counts.evictedTraces == 1)
        #expect(store.counts.evictedSpans == 2)
        #expect(store.counts.keptSpans == 3)
    }

    @Test func `the oldest traces are evicted if they take too much memory`() {
        let store = TraceStore(limits: StoreLimits(maxBytes: 100_000))
        let text = String(repeating: "x", count: 20_000)
        for trace in 1...9 as ClosedRange<UInt64> {
            _ = store.insert([.stub(trace: trace, tags: [SpanTag("t", .string(text))])])
            #expect(store.counts.keptBytes <= 100_000)
        }
        #expect(store.counts.keptTraces == 4)
        #expect(store.trace(TraceID(low: 9)) != nil)
        #expect(store.trace(TraceID(low: 5)) == nil)
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `every span is stored, evicted or rejected, and indices contain the stored ones`(
        seed: UInt64
    ) {
        var generator = SeededGenerator(seed: seed)
        var index = TraceIndex(limits: StoreLimits(maxSpans: 50, maxBytes: 40_000))
        for _ in 0..<400 {
            let spans = (0..<Int.random(in: 0...4, using: &generator)).map { _ in
                FinishedSpan.stub(
                    service: "s\(UInt8.random(in: 0..<5, using: &generator))",
                    trace: UInt64.random(in: 0..<40, using: &generator),
                    id: UInt64.random(in: 0..<9, using: &generator),
                    operation: "o\(UInt8.random(in: 0..<5, using: &generator))",
                    tags: [
                        SpanTag(
                            "t",
                            .string(
                                String(
                                    repeating: "x",
                                    count: Int.random(in: 0..<2_000, using: &generator))))
                    ])
            }
            _ = index.insert(spans)
            let counts = index.counts
            #expect(
                counts.receivedSpans
                    == counts.rejectedSpans + counts.truncatedSpans + counts.evictedSpans
                    + counts.keptSpans)
            #expect(counts.keptSpans <= 50)
            #expect(counts.keptBytes <= 40_000)
        }
        let kept = index.traces(index.traceIDs(service: nil)[...])
        let counts = index.counts
        #expect(kept.count == counts.keptTraces)
        #expect(kept.reduce(0) { $0 + $1.spans.count } == counts.keptSpans)
        #expect(kept.reduce(0) { $0 + $1.byteCount } == counts.keptBytes)
        let services = Set(kept.flatMap { $0.spans.map(\.process.serviceName) })
        #expect(Set(index.services.keys.map(\.text)) == services)
        for service in services {
            let spans = kept.flatMap(\.spans).filter { $0.process.serviceName == service }
            #expect(
                Set(index.traceIDs(service: service)) == Set(spans.map(\.traceID)))
            #expect(
                index.services[ExactText(service)]?.operations
                    == Dictionary(
                        spans.map { (ServiceOperation(name: $0.operationName, spanKind: ""), 1) },
                        uniquingKeysWith: +))
        }
    }

    @Test func `many threads can insert and search concurrently`() async {
        let store = TraceStore(limits: StoreLimits(maxSpans: 500))
        await withTaskGroup { group in
            for task in 0..<8 as Range<UInt64> {
                group.addTask {
                    for number in 1...200 as ClosedRange<UInt64> {
                        _ = store.insert([.stub(trace: task * 1000 + number)])
                        _ = store.traces(matching: TraceQuery(service: "shop", limit: 3))
                    }
                }
            }
        }
        #expect(store.counts.receivedSpans == 1600)
        #expect(store.counts.keptSpans == 500)
    }
}
