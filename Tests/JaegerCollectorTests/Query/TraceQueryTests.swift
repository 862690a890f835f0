import JaegerTracing
import Testing

@testable import JaegerCollector

@Suite struct TraceQueryTests {
    static let span = FinishedSpan.stub(
        service: "shop",
        processTags: [SpanTag("hostname", "box")],
        operation: "GET /cart",
        startMicroseconds: 5_000,
        durationMicroseconds: 700,
        tags: [
            SpanTag("http.status_code", 500), SpanTag("error", true), SpanTag("ratio", 0.5),
            SpanTag("two", 2.0),
            SpanTag("blob", .binary([0x00, 0xab])), SpanTag("twice", "one"),
            SpanTag("twice", "other"),
            SpanTag("none", .double(.nan)),
        ],
        logs: [SpanLog(nanosecondsSinceEpoch: 5_100_000, fields: [SpanTag("event", "retry")])]
    )

    @Test(
        arguments: [
            ([:], true),
            (["http.status_code": "500"], true),
            (["http.status_code": "50"], false),
            (["error": "true"], true),
            (["error": "1"], false),
            (["ratio": "0.5"], true),
            (["ratio": "5e-1"], true),
            (["two": "2"], true),
            (["none": "NaN"], true),
            (["blob": "00ab"], true),
            (["hostname": "box"], true),
            (["event": "retry"], true),
            (["twice": "one"], true),
            (["twice": "other"], true),
            (["error": "true", "event": "retry", "hostname": "box"], true),
            (["error": "true", "event": "none"], false),
            (["absent": ""], false),
            (["twice": "one", "twice": "other"], true),
            (["twice": "one", "twice": "third"], false),
        ] as [(TagFilter, Bool)])
    func `tags are searched in span, process and logs`(tags: TagFilter, isFound: Bool) {
        #expect(TraceQuery(tags: tags).matches(Self.span) == isFound)
    }

    @Test(arguments: [
        (TraceQuery(service: "shop"), true), (TraceQuery(service: "Shop"), false),
        (TraceQuery(operation: "GET /cart"), true), (TraceQuery(operation: "GET"), false),
        (TraceQuery(minStartNanoseconds: 5_000_000), true),
        (TraceQuery(minStartNanoseconds: 5_000_001), false),
        (TraceQuery(maxStartNanoseconds: 5_000_000), true),
        (TraceQuery(maxStartNanoseconds: 4_999_999), false),
        (TraceQuery(minDurationNanoseconds: 700_000), true),
        (TraceQuery(minDurationNanoseconds: 700_001), false),
        (TraceQuery(maxDurationNanoseconds: 700_000), true),
        (TraceQuery(maxDurationNanoseconds: 699_999), false),
    ])
    func `limits are inclusive`(query: TraceQuery, isFound: Bool) {
        #expect(query.matches(Self.span) == isFound)
    }

    @Test func `one span must satisfy the whole query`() {
        let store = TraceStore()
        _ = store.insert([
            .stub(service: "a", id: 1, tags: [SpanTag("error", true)]),
            .stub(service: "b", id: 2, operation: "op"),
        ])
        let found = { store.traces(matching: $0).count }
        #expect(found(TraceQuery(service: "a", tags: ["error": "true"])) == 1)
        #expect(found(TraceQuery(service: "b", tags: ["error": "true"])) == 0)
        #expect(found(TraceQuery(service: "a", operation: "op")) == 0)
        #expect(found(TraceQuery(tags: ["error": "true"])) == 1)
    }

    @Test func `spans that start too late are not decoded`() throws {
        let store = TraceStore()
        let late = FinishedSpan.stub(id: 1, startMicroseconds: 6)
        var early = late
        early.startNanosecondsSinceEpoch = 5_000
        _ = store.insert([late, early])
        let run = try #require(store.trace(TraceID(low: 1))?.runs.first)
        #expect(TraceQuery(maxStartNanoseconds: 5_000).canMatch(run))
        #expect(!TraceQuery(maxStartNanoseconds: 4_999).canMatch(run))
    }

    @Test func `nothing is decoded after the limit is reached`() {
        let store = TraceStore()
        for trace in 1...200 as ClosedRange<UInt64> {
            _ = store.insert([
                .stub(trace: trace, operation: trace % 2 == 0 ? "even" : "odd")
            ])
        }
        let query = TraceQuery(operation: "even")
        let candidates = store.candidates(for: query)
        let part = store.search(candidates, from: 0, query, limit: 2)
        #expect(part.found.count == 2)
        #expect(part.next < 40)
        #expect(store.search(candidates, from: 0, query, limit: 0).found.isEmpty)
    }

    @Test func `a search in parts has the same results as a whole one`() {
        let store = TraceStore()
        for trace in 1...1000 as ClosedRange<UInt64> {
            _ = store.insert([
                .stub(
                    trace: trace, operation: trace % 7 == 0 ? "wanted" : "other",
                    startMicroseconds: 1_000_000 - trace)
            ])
        }
        let query = TraceQuery(operation: "wanted", limit: .max)
        let candidates = store.candidates(for: query)
        #expect(candidates.count == 1000)
        var found: [StoredTrace] = []
        var position = 0
        var partCount = 0
        while position < candidates.count {
            let part = store.search(candidates, from: position, query, limit: .max)
            #expect(part.next > position)
            found += part.found
            position = part.next
            partCount += 1
        }
        #expect(partCount > 1)
        #expect(found.map(\.traceID.low) == (1...142).map { $0 * 7 })
        #expect(store.traces(matching: query).map(\.traceID) == found.map(\.traceID))
    }

    @Test func `traces that are evicted during a search are not found`() {
        let store = TraceStore(limits: StoreLimits(maxSpans: 3))
        for trace in 1...3 as ClosedRange<UInt64> { _ = store.insert([.stub(trace: trace)]) }
        let query = TraceQuery()
        let candidates = store.candidates(for: query)
        _ = store.insert([.stub(trace: 4)])
        let part = store.search(candidates, from: 0, query, limit: .max)
        #expect(Set(part.found.map(\.traceID.low)) == [2, 3])
        #expect(part.next == 3)
    }

    @Test func `the newest traces are first, up to the limit`() {
        let store = TraceStore()
        for trace in [3, 1, 4, 2] as [UInt64] {
            _ = store.insert([
                .stub(trace: trace, id: 1, startMicroseconds: trace * 100 + 50),
                .stub(trace: trace, id: 2, startMicroseconds: trace * 100),
            ])
        }
        let found = store.traces(matching: TraceQuery(service: "shop", limit: 3))
        #expect(found.map(\.traceID.low) == [4, 3, 2])
        #expect(store.traces(matching: TraceQuery(limit: .max)).count == 4)
    }
}
