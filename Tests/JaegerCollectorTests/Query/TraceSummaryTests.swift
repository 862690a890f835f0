import JaegerTracing
import TestSupport
import Testing

@testable import JaegerCollector

@Suite(.finishes(within: .seconds(60))) struct TraceSummaryTests {
    struct Record: Decodable {
        struct Service: Decodable, Equatable {
            let name: String
            let spanCount, errorSpanCount: Int
        }

        let traceID, rootServiceName, rootOperationName: String
        let startTime, duration: UInt64
        let spanCount, errorSpanCount, spanWarningCount: Int
        let services: [Service]
        let warnings: [String]?
    }

    private func summaries(
        _ spans: [FinishedSpan], _ query: String = "service=*"
    ) async throws -> [Record] {
        let collector = InProcessCollector()
        _ = collector.store.insert(spans)
        let response = try await collector.get("/api/trace-summaries?\(query)")
        #expect(response.status == 200)
        let record = try response.json(ResponseRecord<[Record]>.self)
        #expect(record.total == record.data?.count)
        return try #require(record.data)
    }

    @Test func `a trace is summarised without its spans`() async throws {
        let error = SpanTag("error", true)
        let found = try await summaries([
            .stub(
                service: "late", id: 2, parent: 1, startMicroseconds: 30, durationMicroseconds: 100,
                tags: [error]),
            .stub(service: "late", id: 4, parent: 9, startMicroseconds: 5, durationMicroseconds: 1),
            .stub(
                service: "root", id: 1, operation: "GET /", startMicroseconds: 10,
                durationMicroseconds: 40),
            .stub(
                service: "root", id: 3, parent: 1, startMicroseconds: 20,
                tags: [SpanTag("otel.status_code", "ERROR")]),
        ])
        let summary = try #require(found.first)
        #expect(summary.traceID == "0000000000000001")
        #expect(summary.rootServiceName == "root")
        #expect(summary.rootOperationName == "GET /")
        #expect(summary.startTime == 5)
        #expect(summary.duration == 1015)
        #expect(summary.spanCount == 4)
        #expect(summary.errorSpanCount == 2)
        #expect(
            summary.services == [
                .init(name: "late", spanCount: 2, errorSpanCount: 1),
                .init(name: "root", spanCount: 2, errorSpanCount: 1),
            ])
        #expect(summary.spanWarningCount == 1)
        #expect(summary.warnings == nil)
    }

    @Test func `repeated spans count once`() async throws {
        let spans: [FinishedSpan] = [.stub(id: 1, tags: [SpanTag("error", true)])]
        let summary = try #require(try await summaries(spans + spans).first)
        #expect(summary.spanCount == 1)
        #expect(summary.errorSpanCount == 1)
        #expect(try await summaries(spans + spans, "service=*&raw=true").first?.spanCount == 2)
    }

    @Test func `an orphan is the root if there is no other`() async throws {
        let found = try await summaries([
            .stub(id: 2, parent: 1, operation: "child", startMicroseconds: 1),
            .stub(id: 1, parent: 7, operation: "orphan", startMicroseconds: 9),
        ])
        #expect(found.first?.rootOperationName == "orphan")
        let circle = try await summaries([
            .stub(id: 2, parent: 1, operation: "one", startMicroseconds: 1),
            .stub(id: 1, parent: 2, operation: "other", startMicroseconds: 9),
        ])
        #expect(circle.first?.rootOperationName == "one")
    }

    @Test func `the parameters are those of a search`() async throws {
        let spans = (1...60 as ClosedRange<UInt64>).map {
            FinishedSpan.stub(trace: $0, startMicroseconds: $0)
        }
        #expect(try await summaries(spans, "service=shop&limit=50").count == 50)
        #expect(try await summaries(spans, "traceID=3&traceID=5").map(\.startTime) == [3, 5])
        let rejected = try await InProcessCollector().get("/api/trace-summaries")
        #expect(rejected.status == 400)
    }

    @Test func `a summary of a large trace is small`() async throws {
        let process = TracedProcess(serviceName: "shop")
        let collector = InProcessCollector()
        _ = collector.store.insert(
            (1...20_000 as ClosedRange<UInt64>).map { id in
                var span = FinishedSpan.stub(id: id, parent: id > 1 ? 1 : nil)
                span.process = process
                return span
            })
        let response = try await collector.get("/api/trace-summaries?service=shop")
        #expect(response.bytes.count < 1000)
        let whole = try await collector.get("/api/traces?service=shop")
        #expect(whole.bytes.count > 2_000_000)
        #expect(whole.longestPiece < 200_000)
    }
}
