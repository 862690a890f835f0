import HTTPTypes
import JaegerThrift
import JaegerTracing
import TestSupport
import Testing

@testable import JaegerCollector

@Suite(.finishes(within: .seconds(60))) struct IngestRoutesTests {
    private func body(_ spans: [FinishedSpan]) -> [UInt8] {
        var encoder = BatchEncoder(process: TracedProcess(serviceName: "shop"))
        for span in spans {
            encoder.append(span)
        }
        return encoder.finish()
    }

    @Test(arguments: [
        "application/x-thrift", "application/vnd.apache.thrift.binary",
        "Application/X-Thrift", "application/x-thrift; charset=utf-8", " application/x-thrift ;a=b",
    ])
    func `stores a batch of either content type`(contentType: String) async throws {
        let collector = InProcessCollector()
        let response = try await collector.post(body([.stub()]), contentType: contentType)
        #expect(response.status == 202)
        #expect(response.text.isEmpty)
        #expect(collector.store.counts.keptSpans == 1)
    }

    @Test func `ignores the query`() async throws {
        let response = try await InProcessCollector().post(
            body([]), target: "/api/traces?format=jaeger.thrift")
        #expect(response.status == 202)
    }

    @Test(arguments: [
        (nil, "Cannot parse content type: mime: no media type\n"),
        ("", "Cannot parse content type: mime: no media type\n"),
        ("application/json", "Unsupported content type: application/json\n"),
        ("text/plain; x=application/x-thrift", "Unsupported content type: text/plain\n"),
    ])
    func `rejects other content types with Jaeger's message`(
        contentType: String?, text: String
    ) async throws {
        let response = try await InProcessCollector().post(body([]), contentType: contentType)
        #expect(response.status == 400)
        #expect(response.text == text)
    }

    @Test func `rejects a huge service name, which would be looked up for each trace`() async throws
    {
        let collector = InProcessCollector()
        for (count, status) in [(4096, 202), (4097, 400)] {
            let name = String(repeating: "s", count: count)
            var encoder = BatchEncoder(process: TracedProcess(serviceName: name))
            encoder.append(.stub())
            let response = try await collector.post(encoder.finish())
            #expect(response.status == status)
            #expect(response.text.isEmpty == (status == 202))
        }
        #expect(collector.store.counts.receivedSpans == 1)
    }

    @Test(
        arguments: [
            ([], "unexpected end of input at byte 0"),
            ([0], "required field Batch.process is not set at byte 1"),
            ([0x80, 1, 0, 4], "message envelope instead of a bare struct at byte 0"),
        ] as [([UInt8], String)])
    func `rejects a malformed batch`(body: [UInt8], reason: String) async throws {
        let collector = InProcessCollector()
        let response = try await collector.post(body)
        #expect(response.status == 400)
        #expect(response.text == "Unable to process request body: \(reason)\n")
        #expect(collector.store.counts.receivedSpans == 0)
    }

    @Test(arguments: ["identity", "br", "gzip, gzip", ""])
    func `rejects a coding that real backends reject`(coding: String) async throws {
        for target in ["/api/traces", "/v1/traces"] {
            let type = target == "/v1/traces" ? "application/x-protobuf" : "application/x-thrift"
            let response = try await InProcessCollector().post(
                body([]), contentType: type, target: target, headers: ["Content-Encoding": coding])
            #expect(response.status == 400)
            #expect(response.reason == "Unsupported content encoding: \(coding)")
        }
    }

    @Test func `rejects a body beyond the limit`() async throws {
        let whole = body([.stub()])
        #expect(try await InProcessCollector(maxBodyBytes: whole.count).post(whole).status == 202)
        #expect(
            try await InProcessCollector(maxBodyBytes: whole.count - 1).post(whole).status == 413)
    }

    @Test func `a span with a zero id is rejected alone`() async throws {
        let collector = InProcessCollector()
        let some = try await collector.post(body([.stub(trace: 0), .stub(), .stub(id: 0)]))
        #expect(some.status == 202)
        #expect(collector.store.counts.keptSpans == 1)
        #expect(collector.store.counts.rejectedSpans == 2)
        let none = try await collector.post(body([.stub(trace: 0)]))
        #expect(none.status == 400)
        #expect(
            none.text == "Cannot submit Jaeger batch: 1 of 1 spans have a zero trace or span id\n")
    }

    @Test(
        arguments: [
            (.get, "/api/traces", 405), (.put, "/api/traces", 405), (.get, "/", 404),
            (.post, "/api/other", 404), (.get, "/api/services", 404),
        ] as [(HTTPRequest.Method, String, Int)])
    func `rejects other methods and paths`(
        method: HTTPRequest.Method, target: String, status: Int
    ) async throws {
        let response = try await InProcessCollector().post([], method: method, target: target)
        #expect(response.status == status)
    }

    @Test func `an equal body is stored twice`() async throws {
        let collector = InProcessCollector()
        for _ in 0..<2 {
            #expect(try await collector.post(body([.stub()])).status == 202)
        }
        #expect(collector.store.counts.keptSpans == 2)
    }
}
