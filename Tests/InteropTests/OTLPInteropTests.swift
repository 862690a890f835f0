import FoundationEssentials
import JaegerCollector
import JaegerOTLP
import JaegerTracing
import Logging
import Spoor
import SpoorNetworking
import Testing

/// The libraries of OpenTelemetry decode the reporter's requests, and the collector decodes theirs.
@Suite(
    .enabled(if: ForeignClient.isExpected, ForeignClient.absence), .timeLimit(.minutes(10)))
struct OTLPInteropTests {
    private struct Job: Encodable {
        let body: String
    }

    private struct Outcome: Decodable {
        let request: ReadRequest
        let isSameWhenEncoded: Bool
    }

    private static let start: UInt64 = 1_700_000_000_000_000_001

    /// A span that contains every kind of data.
    private static func span(of process: TracedProcess) -> FinishedSpan {
        FinishedSpan(
            process: process,
            traceID: TraceID(low: .max), spanID: SpanID(0x0102_0304_0506_0708),
            parentID: SpanID(.max - 1), isParentRemote: true, flags: [.sampled, .debug],
            hasRandomTraceID: true, operationName: "GET /x",
            references: [
                SpanReference(
                    .childOf, traceID: TraceID(low: 7), spanID: SpanID(8), flags: .sampled,
                    hasRandomTraceID: true, isRemote: true, tags: [SpanTag("a", 1)]),
                SpanReference(
                    .followsFrom, traceID: TraceID(high: 1, low: 2), spanID: SpanID(3),
                    traceState: "x=y"),
            ],
            startNanosecondsSinceEpoch: start, durationNanoseconds: 1_500_001,
            tags: [
                SpanTag("span.kind", "consumer"), SpanTag("s", "é"), SpanTag("d", 1.5),
                SpanTag("b", true),
                SpanTag("l", -2), SpanTag("x", .binary([0, 255])), SpanTag("empty", ""),
                SpanTag("list", .array(["p", .array([1]), false])), SpanTag("min", .int(.min)),
                SpanTag("long", .string(String(repeating: "é", count: 5000))),
                SpanTag("error", true), SpanTag("otel.status_description", "boom"),
                SpanTag("w3c.tracestate", "a=b"), SpanTag("otel.dropped_attributes_count", 300),
                SpanTag("otel.dropped_events_count", 1), SpanTag("otel.dropped_links_count", 2),
            ],
            logs: [
                SpanLog(
                    nanosecondsSinceEpoch: start + 1,
                    fields: [SpanTag("event", "e"), SpanTag("n", 1)]),
                SpanLog(nanosecondsSinceEpoch: start + 2, fields: [SpanTag("k", "v")]),
            ])
    }

    @Test func `an independent decoder reads every field of a span`() throws {
        let process = TracedProcess(
            serviceName: "café",
            tags: [SpanTag("hostname", "h"), SpanTag("ip", "10.0.0.1"), SpanTag("n", 1)])
        let body = OTLPEncoder.encode([Self.span(of: process)], of: process)
        let outcome = try ForeignClient.run(
            "decode-otlp", Job(body: body.hexDigits), as: Outcome.self)
        #expect(outcome.isSameWhenEncoded)
        let resource = try #require(outcome.request.resourceSpans.first)
        #expect(
            resource.resource.attributes == [
                .init("service.name", "string", "café"), .init("host.name", "string", "h"),
                .init("host.ip", ["10.0.0.1"]), .init("n", "int", "1"),
            ])
        let scope = try #require(resource.scopeSpans.first)
        #expect(scope.scope.name == "spoor")
        #expect(scope.scope.version?.isEmpty == false)
        expectWhole(try #require(scope.spans.first))
    }

    private func expectWhole(_ span: ReadRequest.Span) {
        #expect(span.traceId == "0000000000000000ffffffffffffffff")
        #expect(span.spanId == "0102030405060708")
        #expect(span.parentSpanId == "fffffffffffffffe")
        #expect(span.traceState == "a=b")
        #expect(span.name == "GET /x")
        #expect(span.kind == 5)
        #expect(span.startTimeUnixNano == Self.start)
        #expect(span.endTimeUnixNano == Self.start + 1_500_001)
        #expect(span.flags == 0x303)
        #expect(span.status == ReadRequest.Status(message: "boom", code: 2))
        #expect(span.droppedAttributesCount == 300)
        #expect(span.droppedEventsCount == 1)
        #expect(span.droppedLinksCount == 2)
        #expect(
            span.attributes == [
                .init("s", "string", "é"), .init("d", "double", "1.5"), .init("b", "bool", "True"),
                .init("l", "int", "-2"), .init("x", "bytes", "00ff"), .init("empty", "string", ""),
                .init(
                    "list",
                    elements: [
                        .init("string", "p"),
                        .init(type: "array_value", elements: [.init("int", "1")]),
                        .init("bool", "False"),
                    ]),
                .init("min", "int", "-9223372036854775808"),
                .init("long", "string", String(repeating: "é", count: 5000)),
                .init("jaeger.debug", "bool", "True"),
            ])
        #expect(span.events?.map(\.timeUnixNano) == [Self.start + 1, Self.start + 2])
        #expect(span.events?.map(\.name) == ["e", "log"])
        #expect(
            span.events?.map(\.attributes) == [
                [.init("n", "int", "1")], [.init("k", "string", "v")],
            ])
        #expect(
            span.links == [
                ReadRequest.Link(
                    traceId: "00000000000000000000000000000007", spanId: "0000000000000008",
                    attributes: [
                        .init("opentracing.ref_type", "string", "child_of"), .init("a", "int", "1"),
                    ], flags: 0x303),
                ReadRequest.Link(
                    traceId: "00000000000000010000000000000002", spanId: "0000000000000003",
                    traceState: "x=y"),
            ])
    }

    // MARK: From OpenTelemetry to the collector

    private struct ExportJob: Encodable {
        let endpoint: String
        let compression: String
    }

    private struct Exported: Decodable {
        let outcomes: [String]
        let traceID, rootID: String
    }

    @Test(arguments: ["none", "gzip", "deflate"])
    func `spans of OpenTelemetry's exporter are accepted and shown`(compression: String)
        async throws
    {
        let collector = try Collector(
            CollectorConfiguration(queryPort: 0, ingestPort: 0, otlpPort: 0),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        async let ended: Void = collector.run()
        let addresses = try await collector.addresses()
        let job = ExportJob(
            endpoint: try #require(addresses.otlp), compression: compression)
        let exported = try await BlockingPool.shared.run {
            try ForeignClient.run("export-otlp", job, as: Exported.self)
        }
        #expect(exported.outcomes == ["SUCCESS", "SUCCESS"])
        let response = try await HTTPClient().execute(
            HTTPClientRequest(.get, addresses.query + "/api/traces/" + exported.traceID))
        let trace = try #require(
            try JSONDecoder().decode(QueryResponse.self, from: Data(response.body)).data.first)
        let process = try #require(trace.processes.values.first)
        #expect(process.serviceName == "naïve")
        #expect(process.tags.contains(.init("zone", "é1")))
        let root = try #require(trace.spans.first { $0.operationName == "root" })
        #expect(root.spanID == exported.rootID)
        #expect(
            root.tags == [
                .init("s", "é"), .init("i", "-2"), .init("d", "1.5"), .init("b", "true"),
                .init("l", #"["p","q"]"#), .init("y", "AP8="), .init("span.kind", "server"),
                .init("otel.scope.name", "lib"), .init("otel.scope.version", "1.2"),
            ])
        let child = try #require(trace.spans.first { $0.operationName == "child" })
        #expect(
            child.tags == [
                .init("span.kind", "client"), .init("error", "true"),
                .init("otel.status_code", "ERROR"), .init("otel.status_description", "boom"),
                .init("otel.scope.name", "lib"), .init("otel.scope.version", "1.2"),
            ])
        #expect(child.references.map(\.refType) == ["CHILD_OF", "FOLLOWS_FROM"])
        #expect(child.references.allSatisfy { $0.spanID == exported.rootID })
        #expect(child.logs.map(\.fields) == [[.init("event", "happened"), .init("k", "v")]])
        collector.triggerGracefulShutdown()
        try await ended
    }
}
