import JaegerThrift
import JaegerTracing
import TestSupport
import Testing

@testable import JaegerCollector

@Suite(.finishes(within: .seconds(60))) struct AdjustedTraceTests {
    private static let standard = TraceAdjustment.standard(maxSkewNanoseconds: 0)

    private func adjusted(
        _ spans: [FinishedSpan], _ adjustment: TraceAdjustment = standard
    ) throws -> AdjustedTrace {
        let store = TraceStore()
        _ = store.insert(spans)
        return AdjustedTrace(try #require(store.trace(spans[0].traceID)), adjustment)
    }

    private func client(_ id: UInt64, parent: UInt64? = nil, service: String = "web")
        -> FinishedSpan
    {
        .stub(
            service: service, id: id, parent: parent, operation: "client",
            tags: [SpanTag("span.kind", "client")])
    }

    private func server(_ id: UInt64, parent: UInt64? = nil, service: String = "shop")
        -> FinishedSpan
    {
        .stub(
            service: service, id: id, parent: parent, operation: "server",
            startMicroseconds: 1_700_000_000_000_100, durationMicroseconds: 100,
            tags: [SpanTag("span.kind", "server")])
    }

    // MARK: Repeated spans

    @Test func `a batch that was sent twice is shown once`() throws {
        let tags = [SpanTag("n", .double(.nan)), SpanTag("a", .array([.int(1), .string("x")]))]
        let spans = [
            FinishedSpan.stub(
                processTags: [SpanTag("hostname", "h")], id: 1, tags: tags,
                logs: [SpanLog(nanosecondsSinceEpoch: 7000, fields: tags)]),
            .stub(processTags: [SpanTag("hostname", "h")], id: 2, parent: 1),
        ]
        let trace = try adjusted(spans + spans)
        #expect(trace.spans.map(\.span.spanID.value) == [1, 2])
        #expect(trace.spans.allSatisfy { $0.warnings.isEmpty })
        #expect(try adjusted(spans + spans, .none).spans.count == 4)
    }

    @Test(
        arguments: [
            .stub(operation: "other"), .stub(service: "other"),
            .stub(processTags: [SpanTag("k", 1)]),
            .stub(startMicroseconds: 1_700_000_000_000_001), .stub(durationMicroseconds: 7),
            .stub(tags: [SpanTag("k", 1)]), .stub(tags: [SpanTag("k", 2.0)]), .stub(parent: 9),
            .stub(logs: [SpanLog(nanosecondsSinceEpoch: 1000, fields: [])]),
            .stub(references: [
                SpanReference(.followsFrom, traceID: TraceID(low: 3), spanID: SpanID(4))
            ]),
        ] as [FinishedSpan])
    func `spans with one id that differ are all shown, with a warning`(
        other: FinishedSpan
    ) throws {
        let trace = try adjusted([.stub(), other])
        #expect(trace.spans.count == 2)
        let warnings = trace.spans.flatMap(\.warnings)
        #expect(warnings.contains("duplicate span IDs; skipping clock skew adjustment"))
    }

    @Test func `names that only look equal are different`() throws {
        let trace = try adjusted([.stub(operation: "\u{e9}"), .stub(operation: "e\u{301}")])
        #expect(trace.spans.count == 2)
    }

    @Test func `a hundred thousand different spans with one id take no longer than others`() throws
    {
        // Checked by the time limit of the suite: pairwise comparison would take hours.
        let process = TracedProcess(serviceName: "shop")
        let spans = (0..<100_000).map { number in
            var span = FinishedSpan.stub(tags: [SpanTag("n", .int(Int64(number)))])
            span.process = process
            return span
        }
        let store = TraceStore(limits: StoreLimits(maxSpans: 200_000))
        _ = store.insert(spans)
        let stored = try #require(store.trace(TraceID(low: 1)))
        #expect(AdjustedTrace(stored, Self.standard).spans.count == 100_000)
    }

    // MARK: Shared ids

    @Test func `a server span that shares the client's id gets a new id`() throws {
        let trace = try adjusted([
            client(2, parent: 7), server(2, parent: 7),
            .stub(service: "shop", id: 3, parent: 2, startMicroseconds: 1_700_000_000_000_150),
            .stub(service: "web", id: 7),
        ])
        let spans = Dictionary(
            uniqueKeysWithValues: trace.spans.map {
                ($0.span.operationName + $0.span.process.serviceName, $0.span)
            })
        let clientSpan = try #require(spans["clientweb"])
        let serverSpan = try #require(spans["servershop"])
        let child = try #require(spans["GET /shop"])
        #expect(clientSpan.spanID == SpanID(2))
        #expect(clientSpan.parentID == SpanID(7))
        #expect(serverSpan.spanID == SpanID(1))
        #expect(serverSpan.parentID == SpanID(2))
        #expect(child.parentID == serverSpan.spanID)
        #expect(trace.spans.allSatisfy { $0.warnings.isEmpty })
    }

    @Test func `the order of arrival is irrelevant`() throws {
        let spans = [client(2), server(2), FinishedSpan.stub(service: "shop", id: 3, parent: 2)]
        for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2], [1, 2, 0]] {
            let trace = try adjusted(order.map { spans[$0] })
            let server = try #require(trace.spans.first { $0.span.kind == "server" }).span
            let child = try #require(trace.spans.first { $0.span.spanID == SpanID(3) }).span
            #expect(server.parentID == SpanID(2))
            #expect(child.parentID == server.spanID)
        }
    }

    @Test func `children in the client's service remain children of the client span`() throws {
        let trace = try adjusted([
            client(2), server(2), .stub(service: "web", id: 3, parent: 2),
            .stub(service: "third", id: 4, parent: 2),
        ])
        let parents = Dictionary(
            uniqueKeysWithValues: trace.spans.map { ($0.span.spanID, $0.span.parentID) })
        #expect(parents[SpanID(3)] == SpanID(2))
        #expect(parents[SpanID(4)] == SpanID(1))
    }

    @Test func `a client that calls its own service has a separate server span as well`() throws {
        let trace = try adjusted([
            client(2, service: "a"), server(2, service: "a"),
            .stub(service: "a", id: 3, parent: 2),
        ])
        let parents = Dictionary(
            uniqueKeysWithValues: trace.spans.map { ($0.span.spanID, $0.span.parentID) })
        #expect(parents == [SpanID(2): nil, SpanID(1): SpanID(2), SpanID(3): SpanID(1)])
    }

    @Test func `a parent that is a reference is changed, too`() throws {
        let reference = SpanReference(.childOf, traceID: TraceID(low: 1), spanID: SpanID(2))
        let trace = try adjusted([
            client(2), server(2), .stub(service: "shop", id: 3, references: [reference]),
        ])
        let child = try #require(trace.spans.first { $0.span.spanID == SpanID(3) }).span
        #expect(child.references.map(\.spanID) == [SpanID(1)])
    }

    @Test func `a retried batch of shared ids has one server span`() throws {
        let spans = [client(2), server(2)]
        #expect(try adjusted(spans + spans).spans.count == 2)
    }

    @Test func `new ids differ from those of other spans`() throws {
        let trace = try adjusted([client(2), server(2), .stub(id: 1), .stub(id: 3)])
        #expect(Set(trace.spans.map(\.span.spanID.value)) == [1, 2, 3, 4])
    }

    @Test func `new ids differ from those of parents that are not in the trace`() throws {
        let trace = try adjusted([client(2, parent: 1), server(2, parent: 1)])
        let clientSpan = try #require(trace.spans.first { $0.span.kind == "client" })
        let serverSpan = try #require(trace.spans.first { $0.span.kind == "server" })
        #expect(clientSpan.span.parentID == SpanID(1))
        #expect(clientSpan.warnings.count == 1)
        #expect(serverSpan.span.spanID == SpanID(3))
        #expect(serverSpan.span.parentID == SpanID(2))
        #expect(serverSpan.warnings.isEmpty)
        // A parent that is a reference, or the parent of another span.
        let reference = SpanReference(.childOf, traceID: TraceID(low: 1), spanID: SpanID(1))
        let other = try adjusted([
            client(2), server(2), .stub(id: 4, parent: 3), .stub(id: 5, references: [reference]),
        ])
        #expect(Set(other.spans.map(\.span.spanID.value)) == [2, 4, 5, 6])
    }

    @Test func `raw spans keep their ids`() throws {
        let trace = try adjusted([client(2), server(2)], .none)
        #expect(trace.spans.map(\.span.spanID.value) == [2, 2])
    }

    // MARK: Negative durations

    @Test func `a span that ended before it started has a warning`() async throws {
        let collector = InProcessCollector()
        // A duration of -5 µs, which replaces another one.
        var encoder = BatchEncoder(process: TracedProcess(serviceName: "s"))
        encoder.append(.stub(durationMicroseconds: 0x1234_5678))
        var body = encoder.finish()
        let bytes: [UInt8] = [0, 0, 0, 0, 0x12, 0x34, 0x56, 0x78]
        let place = try #require(body.firstRange(of: bytes))
        body.replaceSubrange(place, with: [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfb])
        #expect(try await collector.post(body).status == 202)
        let response = try await collector.get("/api/traces/1")
        let trace = try #require(try response.json(ResponseRecord<[TraceRecord]>.self).data?.first)
        let span = try #require(trace.spans.first)
        #expect(span.duration == 0)
        #expect(span.tags.isEmpty)
        #expect(
            span.warnings == [
                "Negative duration detected, sanitizing end timestamp: the span ended 5000 ns before it began"
            ])
    }

    // MARK: Truncation

    @Test func `a truncated trace has a warning`() throws {
        let store = TraceStore(limits: StoreLimits(maxSpansPerTrace: 1))
        _ = store.insert([.stub(id: 1), .stub(id: 2), .stub(id: 3)])
        let stored = try #require(store.trace(TraceID(low: 1)))
        for adjustment in [Self.standard, .none] {
            let warning = try #require(AdjustedTrace(stored, adjustment).warnings.first)
            #expect(warning.hasPrefix("trace is truncated: 2 further spans were dropped"))
        }
    }
}
