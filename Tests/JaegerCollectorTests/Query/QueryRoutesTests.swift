import JaegerTracing
import TestSupport
import Testing

@testable import JaegerCollector

@Suite(.finishes(within: .seconds(60))) struct QueryRoutesTests {
    private func collector() -> InProcessCollector {
        let collector = InProcessCollector()
        _ = collector.store.insert([
            .stub(service: "a", id: 1, operation: "GET /", tags: [SpanTag("span.kind", "server")]),
            .stub(
                service: "a", id: 2, parent: 1, operation: "GET /",
                tags: [SpanTag("span.kind", "client")]),
            .stub(
                service: "b/c", id: 3, parent: 2, operation: "x",
                tags: [SpanTag("jaeger-debug-id", "my bug")]),
            .stub(service: "a", trace: 2, startMicroseconds: 1_700_000_500_000_000),
        ])
        return collector
    }

    @Test(arguments: [
        ("/api/services", ["a", "b/c"]), ("/api/services/a/operations", ["GET /"]),
        ("/api/services/b%2Fc/operations", ["x"]), ("/api/services/nobody/operations", []),
    ])
    func `lists services and their operations`(target: String, names: [String]) async throws {
        let response = try await collector().get(target)
        #expect(response.status == 200)
        #expect(response.contentType == "application/json")
        let record = try response.json(ResponseRecord<[String]>.self)
        #expect(record.data == names)
        #expect(record.total == names.count)
        #expect(record.errors == nil)
    }

    @Test(arguments: [
        ("service=a", ["", "client", "server"]), ("service=a&spanKind=server", ["server"]),
        ("service=b%2Fc", [""]), ("service=nobody", []),
    ])
    func `lists operations with their kinds`(query: String, kinds: [String]) async throws {
        struct Operation: Decodable {
            let name, spanKind: String
        }
        let response = try await collector().get("/api/operations?\(query)")
        #expect(try response.json(ResponseRecord<[Operation]>.self).data?.map(\.spanKind) == kinds)
    }

    @Test(
        arguments: [
            ("service=a", [2, 1]), ("service=a&limit=1", [2]), ("service=b/c", [1]),
            ("service=*", [2, 1]), ("service=*&lookback=5m", [2]),
            ("tag=jaeger-debug-id:my+bug", [1]),
            ("tags=%7B%22jaeger-debug-id%22:%22my%20bug%22%7D", [1]), ("service=nobody", []),
            ("traceID=1&traceID=0002", [1, 2]),
        ] as [(String, [Int])])
    func `finds traces`(query: String, traces: [Int]) async throws {
        let response = try await collector().get("/api/traces?\(query)")
        #expect(response.status == 200)
        #expect(response.contentType == "application/json")
        let record = try response.json(ResponseRecord<[TraceRecord]>.self)
        #expect(record.data?.map(\.traceID) == traces.map { "000000000000000\($0)" })
        #expect(record.errors == nil)
    }

    @Test(arguments: ["1", "0000000000000001", "00000000000000000000000000000001"])
    func `finds one trace by its id of any width`(id: String) async throws {
        let response = try await collector().get("/api/traces/\(id)")
        let traces = try #require(try response.json(ResponseRecord<[TraceRecord]>.self).data)
        #expect(traces.map(\.spans.count) == [3])
        #expect(traces[0].processes.values.map(\.serviceName).sorted() == ["a", "b/c"])
    }

    @Test func `unknown ids are errors next to known traces`() async throws {
        let response = try await collector().get("/api/traces?traceID=1&traceID=ff")
        let record = try response.json(ResponseRecord<[TraceRecord]>.self)
        #expect(record.data?.count == 1)
        #expect(
            record.errors == [.init(code: nil, msg: "trace not found", traceID: "00000000000000ff")]
        )
    }

    @Test(arguments: [
        ("/api/traces", 400, "parameter 'service' is required"),
        ("/api/traces?service=a&limit=x", 400, "unable to parse param 'limit': x"),
        ("/api/operations", 400, "parameter 'service' is required"),
        ("/api/traces/xyz", 400, "cannot parse trace ID: xyz"),
        ("/api/traces/ff", 404, "trace not found"),
        ("/api/traces/0", 404, "trace not found"),
    ])
    func `rejects requests with Jaeger's messages`(target: String, status: Int, message: String)
        async throws
    {
        let response = try await collector().get(target)
        #expect(response.status == status)
        let expected =
            #"{"data":null,"total":0,"limit":0,"offset":0,"errors":[{"code":\#(status),"msg":"\#(message)"}]}"#
        #expect(response.text == expected)
    }

    @Test func `reports what is stored and dropped`() async throws {
        struct Counts: Decodable {
            let receivedSpans, rejectedSpans, evictedSpans, truncatedSpans, keptSpans: Int
            let maxSpans, maxBytes, maxSpansPerTrace, maxBytesPerTrace: Int
            let effectiveLimit: String?
        }
        let collector = InProcessCollector(limits: StoreLimits(maxSpans: 1))
        _ = collector.store.insert([.stub(trace: 1), .stub(trace: 2), .stub(trace: 0)])
        let response = try await collector.get("/api/store")
        let counts = try #require(try response.json(ResponseRecord<Counts>.self).data)
        #expect(counts.receivedSpans == 3)
        #expect(counts.rejectedSpans == 1)
        #expect(counts.evictedSpans == 1)
        #expect(counts.truncatedSpans == 0)
        #expect(counts.keptSpans == 1)
        #expect(counts.maxSpans == 1)
        #expect(counts.maxBytes == 256 << 20)
        #expect(counts.maxSpansPerTrace == 1)
        #expect(counts.maxBytesPerTrace == 128 << 20)
        #expect(counts.effectiveLimit == "maxSpans")
    }
}
