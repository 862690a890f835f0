import TestSupport
import Testing

@testable import JaegerCollector

/// Spans of real clients are returned by the query API.
@Suite(.finishes(within: .seconds(60))) struct GoldenBodiesTests {
    private func traces(_ bodies: [String], _ query: String) async throws -> [TraceRecord] {
        let collector = InProcessCollector()
        for body in bodies {
            #expect(try await collector.post(try Golden.body(body)).status == 202)
        }
        let response = try await collector.get("/api/traces?\(query)")
        return try #require(try response.json(ResponseRecord<[TraceRecord]>.self).data)
    }

    @Test func `spans of jaeger-client-go are returned`() async throws {
        let traces = try await traces(["jaeger-client-go-1"], "service=golden-jaeger-go")
        #expect(traces.count == 1)
        let trace = try #require(traces.first)
        #expect(trace.traceID == "c0ffee00c0ffee00abcdef0000000002")
        let root = try #require(trace.spans.first)
        #expect(root.operationName == "GET /köttur")
        #expect(root.references.isEmpty)
        #expect(root.flags == 1)
        #expect(root.startTime == 1_700_000_000_000_000)
        #expect(root.duration == 1_000_000)
        let values = Dictionary(
            root.tags.map { ($0.key, "\($0.type) \($0.text)") }, uniquingKeysWith: { one, _ in one }
        )
        #expect(values["blob"] == "binary AP+A")
        #expect(values["http.status_code"] == "int64 200")
        #expect(values["neg"] == "int64 -1")
        #expect(values["ok"] == "bool true")
        #expect(values["span.kind"] == "string server")
        let child = try #require(trace.spans.first { $0.operationName == "child" })
        #expect(child.references.map(\.refType) == ["CHILD_OF"])
        #expect(child.references.map(\.spanID) == [root.spanID])
        #expect(child.logs.map(\.timestamp) == [1_700_000_000_300_000])
        let follow = try #require(trace.spans.first { $0.operationName == "follow" })
        #expect(follow.references.map(\.refType) == ["CHILD_OF", "FOLLOWS_FROM"])
        #expect(trace.processes["p1"]?.tags.contains { $0.key == "client-uuid" } == true)
    }

    @Test func `spans of async-jaeger in three bodies are returned`() async throws {
        let bodies = (1...3).map { "async-jaeger-batch25-\($0)" }
        let traces = try await traces(bodies, "service=golden-aj")
        #expect(traces.reduce(0) { $0 + $1.spans.count } == 25)
        // Each body contained its process: it is shared within a trace.
        #expect(traces.allSatisfy { $0.processes.count == 1 })
    }

    @Test func `spans of OpenTelemetry's exporter are found by a tag alone`() async throws {
        let traces = try await traces(["otel-jaeger-py-1"], "tag=otel.status_code:ERROR")
        let trace = try #require(traces.first)
        #expect(trace.spans.map(\.operationName) == ["GET /x", "child"])
        #expect(trace.spans.last?.references.map(\.refType) == ["CHILD_OF", "FOLLOWS_FROM"])
    }

    @Test(arguments: [
        ("async-jaeger-minimal-1", "golden-aj"), ("async-jaeger-defaultapi-1", "golden-aj"),
        ("async-jaeger-longtag-1", "golden-aj"),
    ])
    func `spans of async-jaeger with few and with long tags are returned`(
        body: String, service: String
    ) async throws {
        let traces = try await traces([body], "service=*")
        #expect(traces.count == 1)
        #expect(traces.first?.processes["p1"]?.serviceName.hasPrefix(service) == true)
    }
}
