import Glibc
import HTTPTypes
import JaegerTracing
import SpoorHTTP
import SpoorNetworking
import SpoorText
import Synchronization
import SpoorTesting
import TestSupport
import Testing

@testable import JaegerCollector

@Suite(.finishes(within: .seconds(60))) struct LongResponseTests {
    @Test func `many long names are sent in pieces`() async throws {
        let collector = InProcessCollector()
        let tail = String(repeating: "x", count: 4000)
        for number in 1...500 as ClosedRange<UInt64> {
            _ = collector.store.insert([
                .stub(service: "s\(number)" + tail, trace: number),
                .stub(service: "shop", trace: number, id: 3, operation: "o\(number)" + tail),
            ])
        }
        for target in ["/api/services", "/api/services/shop/operations"] {
            let response = try await collector.get(target)
            #expect(response.status == 200)
            #expect(response.contentType == "application/json")
            #expect(response.bytes.count > 2_000_000)
            #expect(response.longestPiece < 100_000)
            let record = try response.json(ResponseRecord<[String]>.self)
            #expect(record.total == record.data?.count)
            #expect(Set(try #require(record.data)).count >= 500)
        }
    }

    @Test(arguments: 0..<5 as Range<Int>)
    func `a list is the same for any number of elements per piece`(count: Int) {
        let elements = Array(0..<count)
        let whole = JSONWriter.response(total: count) { $0.array(of: elements) { $0.integer($1) } }
        for maxPieceCount in 1...6 {
            var pieces = ListPieces(total: count, elements, maxPieceCount: maxPieceCount) {
                $0.integer($1)
            }
            var bytes: [UInt8] = []
            while !pieces.isComplete { bytes += pieces.next() }
            #expect(bytes == whole)
            #expect(pieces.next().isEmpty)
        }
    }

    @Test(arguments: [
        ("/api/traces/1?raw=x", "unable to parse param 'raw': x"),
        (
            "/api/traces/1?maxClockSkewAdjust=5",
            "unable to parse param 'maxClockSkewAdjust': invalid duration \"5\""
        ),
        ("/api/traces?service=a&raw=2", "unable to parse param 'raw': 2"),
        ("/api/operations", "parameter 'service' is required"),
    ])
    func `malformed parameters are rejected`(target: String, message: String) async throws {
        let response = try await InProcessCollector().get(target)
        #expect(response.status == 400)
        let record = try response.json(ResponseRecord<[String]>.self)
        #expect(record.errors == [.init(code: 400, msg: message, traceID: nil)])
    }

    @Test(arguments: [
        ("", [1, 1]), ("?raw=false", [1, 1]), ("?raw=true", [2, 0]),
        ("?maxClockSkewAdjust=1h", [1, 1]),
    ])
    func `one trace is adjusted unless it is requested raw`(query: String, counts: [Int])
        async throws
    {
        let collector = InProcessCollector()
        _ = collector.store.insert([.stub(parent: 9), .stub(parent: 9)])
        let response = try await collector.get("/api/traces/1\(query)")
        let trace = try #require(try response.json(ResponseRecord<[TraceRecord]>.self).data?.first)
        #expect(trace.spans.count == counts[0])
        #expect(trace.spans.reduce(0) { $0 + ($1.warnings?.count ?? 0) } == counts[1])
    }

    @Test func `the number of concurrent queries is limited, and further ones get 503`()
        async throws
    {
        let worker = QueryWorker(maxQueries: 2)
        try worker.enter()
        try worker.enter()
        let error = #expect(throws: QueryError.self) { try worker.enter() }
        #expect(error?.status == .serviceUnavailable)
        worker.leave()
        try worker.enter()
        #expect(throws: QueryError.self) { try worker.enter() }
    }

    @Test func `if too many queries wait, a further one is rejected with 503`() async throws {
        let pool = BlockingPool(maxThreads: 1, maxQueuedJobs: 1)
        let isOpen = Flag()
        let begun = Gate()
        let block: @Sendable () -> Void = {
            begun.open()
            while !isOpen.value.load(ordering: .acquiring) { usleep(1000) }
        }
        #expect(pool.submit(block) == nil)
        try await begun.wait()
        // The thread is busy, and now the queue is full.
        #expect(pool.submit {} == nil)
        let worker = QueryWorker(searchPool: pool)
        let error = await #expect(throws: QueryError.self) { try await worker.search { 1 } }
        #expect(error?.status == .serviceUnavailable)
        #expect(error?.headers[.retryAfter] == "1")
        // Responses do not wait for searches.
        #expect(try await worker.createResponse { 2 } == 2)
        isOpen.value.store(true, ordering: .releasing)
    }

    @Test(arguments: [".", "..", "a/b", "empty-service-name"])
    func `services are found by a parameter regardless of their names`(name: String) async throws {
        let collector = InProcessCollector()
        _ = collector.store.insert([
            .stub(service: name == "empty-service-name" ? "" : name, operation: "o")
        ])
        #expect(collector.store.services() == [name])
        let operations = try await collector.get("/api/operations?service=\(name)")
        #expect(operations.text.contains(#"{"name":"o","spanKind":""}"#))
        let found = try await collector.get("/api/traces?service=\(name)")
        #expect(try found.json(ResponseRecord<[TraceRecord]>.self).data?.count == 1)
        let escaped = name.utf8.map { "%" + String($0, radix: 16) }.joined()
        let byPath = try await collector.get("/api/services/\(escaped)/operations")
        #expect(try byPath.json(ResponseRecord<[String]>.self).data == ["o"])
    }
}

private final class Flag: Sendable {
    let value = Atomic(false)
}
