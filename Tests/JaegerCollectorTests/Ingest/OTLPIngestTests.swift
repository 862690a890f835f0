import HTTPTypes
import JaegerOTLP
import JaegerTracing
import TestSupport
import Testing

@testable import JaegerCollector

@Suite(.finishes(within: .seconds(60))) struct OTLPIngestTests {
    private func post(
        _ body: [UInt8], to collector: InProcessCollector,
        contentType: String? = "application/x-protobuf"
    ) async throws -> InProcessCollector.Response {
        try await collector.post(body, contentType: contentType, target: "/v1/traces")
    }

    @Test(arguments: ["application/x-protobuf", "Application/X-Protobuf; charset=utf-8"])
    func `stores what OpenTelemetry's Python exporter sent, and shows it like Jaeger`(
        contentType: String
    ) async throws {
        let collector = InProcessCollector()
        let response = try await post(
            try Golden.otlpBody(), to: collector, contentType: contentType)
        #expect(response.status == 200)
        #expect(response.text.isEmpty)
        #expect(response.contentType == "application/x-protobuf")
        #expect(collector.store.counts.keptSpans == 2)

        let found = try await collector.get("/api/traces/decafbaddecafbad1122334455667700")
        let trace = try #require(try found.json(ResponseRecord<[TraceRecord]>.self).data?.first)
        #expect(trace.processes["p1"]?.serviceName == "golden-otlp-proto")
        #expect(trace.processes["p1"]?.tags.map(\.key) == ["env"])
        let root = try #require(trace.spans.first)
        #expect(root.operationName == "GET /köttur")
        #expect(root.duration == 1_000_000)
        let child = try #require(trace.spans.last)
        #expect(child.references.map(\.refType) == ["CHILD_OF", "FOLLOWS_FROM"])
        #expect(child.references.first?.spanID == root.spanID)
        let values = Dictionary(
            child.tags.map { ($0.key, "\($0.type) \($0.text)") },
            uniquingKeysWith: { one, _ in one })
        #expect(values["span.kind"] == "string client")
        #expect(values["error"] == "bool true")
        #expect(values["otel.status_description"] == "string boom")
        #expect(values["otel.scope.name"] == "string golden.scope")
        #expect(values["arr"] == #"string ["a","b"]"#)
        #expect(child.logs.map(\.timestamp) == [1_700_000_000_300_000])
        #expect(child.logs.first?.fields.map(\.key) == ["event", "k"])
    }

    @Test func `an empty request is accepted`() async throws {
        let response = try await post([], to: InProcessCollector())
        #expect(response.status == 200)
        #expect(response.text.isEmpty)
    }

    @Test func `a span without valid ids is counted as rejected`() async throws {
        let collector = InProcessCollector()
        let body = OTLPEncoder.encode(
            [.stub(trace: 0), .stub(), .stub(id: 0)], of: TracedProcess(serviceName: "shop"))
        let response = try await post(body, to: collector)
        #expect(response.status == 200)
        #expect(
            try OTLPExportResponse(decoding: Array(response.text.utf8))
                == OTLPExportResponse(
                    rejectedSpanCount: 2,
                    message: "2 spans have a trace or span id that is zero or has the wrong length")
        )
        #expect(collector.store.counts.receivedSpans == 3)
        #expect(collector.store.counts.rejectedSpans == 2)
        #expect(collector.store.counts.keptSpans == 1)
    }

    @Test func `rejects a huge service name, with the whole request`() async throws {
        let collector = InProcessCollector()
        let name = String(repeating: "s", count: 4097)
        let body = OTLPEncoder.encode([.stub()], of: TracedProcess(serviceName: name))
        #expect(try await post(body, to: collector).status == 400)
        #expect(collector.store.counts.receivedSpans == 0)
    }

    @Test func `rejects spans that would be huge in Jaeger's format`() async throws {
        func length(_ count: Int) -> [UInt8] { [UInt8(count & 0x7f | 0x80), UInt8(count >> 7)] }
        // A scope with a long name, and spans with ids only.
        let name = [0x0a] + length(200) + [UInt8](repeating: UInt8(ascii: "s"), count: 200)
        let ids =
            [0x0a, 16] + [UInt8](repeating: 1, count: 16)
            + [0x12, 8] + [UInt8](repeating: 2, count: 8)
        let span = [0x12, UInt8(ids.count)] + ids
        let spans = Array([[UInt8]](repeating: span, count: 100).joined())
        let scope = [0x0a] + length(name.count) + name + spans
        let resource = [0x12] + length(scope.count) + scope
        let body = [0x0a] + length(resource.count) + resource
        for (maxBodyBytes, status) in [(body.count, 413), (2 * body.count, 200)] {
            let collector = InProcessCollector(maxBodyBytes: maxBodyBytes)
            #expect(try await post(body, to: collector).status == status)
            #expect(collector.store.counts.receivedSpans == (status == 200 ? 100 : 0))
        }
    }

    @Test(arguments: [
        (nil, "no content type"), ("", "no content type"),
        ("application/json", "OTLP/JSON is not supported"),
        ("application/x-thrift", "unsupported content type: application/x-thrift"),
    ])
    func `rejects other content types with a hint`(
        contentType: String?, problem: String
    ) async throws {
        let response = try await post([], to: InProcessCollector(), contentType: contentType)
        #expect(response.status == 415)
        let message =
            "\(problem); send OTLP as application/x-protobuf (OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf)"
        if contentType == "application/json" {
            #expect(response.contentType == "application/json")
            #expect(response.text == #"{"code":3,"message":"\#(message)"}"#)
        } else {
            #expect(response.contentType == "application/x-protobuf")
            #expect(
                try RPCStatus(decoding: response.bytes) == RPCStatus(.invalidArgument, message))
        }
    }

    @Test func `rejects a malformed request`() async throws {
        let collector = InProcessCollector()
        let response = try await post([0x0a, 5], to: collector)
        #expect(response.status == 400)
        #expect(response.contentType == "application/x-protobuf")
        #expect(
            try RPCStatus(decoding: response.bytes)
                == RPCStatus(
                    .invalidArgument,
                    "Unable to process request body: length 5 exceeds the input at byte 1"))
        #expect(collector.store.counts.receivedSpans == 0)
    }

    @Test func `a body that is too large is rejected in the form of OTLP`() async throws {
        let collector = InProcessCollector(maxBodyBytes: 10)
        let response = try await post([UInt8](repeating: 0, count: 20), to: collector)
        #expect(response.status == 413)
        #expect(response.contentType == "application/x-protobuf")
        let status = try RPCStatus(decoding: response.bytes)
        #expect(status.code == RPCStatus.Code.resourceExhausted.rawValue)
        #expect(!status.message.isEmpty)
    }

    @Test(arguments: ["gzip", "br"])
    func `a body with a wrong coding is rejected in the form of OTLP`(coding: String) async throws {
        let response = try await InProcessCollector().post(
            [1, 2, 3], contentType: "application/x-protobuf", target: "/v1/traces",
            headers: ["Content-Encoding": coding])
        #expect(response.status == 400)
        let status = try RPCStatus(decoding: response.bytes)
        #expect(status.code == RPCStatus.Code.invalidArgument.rawValue)
        #expect(!status.message.isEmpty)
    }

    @Test func `a span that ended before it started is stored with a warning`() async throws {
        func bytes(_ number: UInt64) -> [UInt8] {
            (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
        }
        let span =
            [0x0a, 16] + [UInt8](repeating: 1, count: 16) + [0x12, 8]
            + [UInt8](repeating: 2, count: 8) + [0x39] + bytes(5_000_000) + [0x41]
            + bytes(2_000_000)
        let scope = [0x12, UInt8(span.count)] + span
        let resource = [0x12, UInt8(scope.count)] + scope
        let collector = InProcessCollector()
        let body = [0x0a, UInt8(resource.count)] + resource
        #expect(try await post(body, to: collector).status == 200)
        let id = String(repeating: "01", count: 16)
        let response = try await collector.get("/api/traces/\(id)")
        let trace = try #require(try response.json(ResponseRecord<[TraceRecord]>.self).data?.first)
        let found = try #require(trace.spans.first)
        #expect(found.duration == 0)
        #expect(found.tags.allSatisfy { $0.key != SpanTag.warningKey })
        #expect(
            found.warnings == [
                "Negative duration detected, sanitizing end timestamp: the span ended 3000000 ns before it began"
            ])
    }

    @Test func `rejects other methods than POST`() async throws {
        let response = try await InProcessCollector().post([], method: .get, target: "/v1/traces")
        #expect(response.status == 405)
    }
}
