import JaegerThrift
import JaegerTracing
import Logging
import Synchronization
import Testing

@testable import JaegerReporter

/// A collector that says what the test wants, and keeps what it was sent.
private final class ScriptedSender: BatchSender {
    private let outcomes: Mutex<[SendOutcome]>
    private let bodies = Mutex<[[UInt8]]>([])
    private let gate: AsyncStream<Void>?

    /// Answers with the outcomes in turn, then accepts; with a gate, each answer waits for one element of it.
    init(_ outcomes: [SendOutcome] = [], gate: AsyncStream<Void>? = nil) {
        self.outcomes = Mutex(outcomes)
        self.gate = gate
    }

    var received: [[UInt8]] { bodies.withLock { $0 } }

    func send(_ body: [UInt8]) async -> SendOutcome {
        if let gate {
            for await _ in gate { break }
            if Task.isCancelled { return .undeliverable("cancelled") }
        }
        bodies.withLock { $0.append(body) }
        return outcomes.withLock { $0.isEmpty ? .accepted : $0.removeFirst() }
    }

    func close() async {}
}

@Suite(.timeLimit(.minutes(10))) struct HTTPReporterTests {
    func reporter(_ sender: some BatchSender, _ change: (inout ReporterLimits) -> Void = { _ in })
        -> HTTPReporter
    {
        var limits = ReporterLimits()
        change(&limits)
        return HTTPReporter(sender: sender, limits: limits, logger: Logger(label: "test"))
    }

    @Test func `a flush returns when all that was reported is sent`() async {
        let sender = ScriptedSender()
        let reporter = reporter(sender) { $0.batchSpansMax = 10 }
        for _ in 0..<25 { reporter.report(.stub()) }
        await reporter.flush()
        #expect(reporter.status.sent == 25)
        #expect(reporter.status.pending == 0)
        #expect(sender.received.count == 25)  // every stub has a process of its own
    }

    @Test func `spans of one process share batches`() async throws {
        let sender = ScriptedSender()
        let reporter = reporter(sender) { $0.batchSpansMax = 10 }
        let process = TracedProcess(serviceName: "svc")
        for index in 0..<25 { reporter.report(.stub(process, name: "op \(index)")) }
        await reporter.close()
        let batches = try sender.received.map { try JaegerBatch(thriftBytes: $0) }
        #expect(batches.map(\.spans.count) == [10, 10, 5])
        #expect(batches.flatMap { $0.spans.map(\.operationName) } == (0..<25).map { "op \($0)" })
        #expect(batches.allSatisfy { $0.process.serviceName == "svc" })
    }

    @Test func `old spans leave by themselves`() async {
        let (sent, continuation) = AsyncStream.makeStream(of: Void.self)
        final class Telling: BatchSender {
            let continuation: AsyncStream<Void>.Continuation
            init(_ continuation: AsyncStream<Void>.Continuation) {
                self.continuation = continuation
            }
            func send(_ body: [UInt8]) async -> SendOutcome {
                continuation.yield()
                return .accepted
            }
            func close() async {}
        }
        let reporter = reporter(Telling(continuation)) { $0.batchAgeMax = .milliseconds(5) }
        reporter.report(.stub())
        for await _ in sent { break }
        await reporter.close()
        #expect(reporter.status.sent == 1)
    }

    @Test func `what the collector refuses is counted under its cause`() async {
        let sender = ScriptedSender([.rejected("400"), .undeliverable("503"), .accepted])
        let reporter = reporter(sender)
        for _ in 0..<3 {
            reporter.report(.stub())
            await reporter.flush()
        }
        let status = reporter.status
        #expect(status.droppedByCause == [.rejected: 1, .undeliverable: 1])
        #expect(status.sent == 1)
        #expect(status.lastError == "503")
    }

    @Test func `after closing spans are dropped and counted`() async {
        let reporter = reporter(ScriptedSender())
        await reporter.close()
        reporter.report(.stub())
        #expect(reporter.status.droppedByCause == [.closed: 1])
        await reporter.close()
        #expect(reporter.status.finished == 1)
    }

    @Test func `closing keeps its deadline when the collector hangs`() async {
        let (gate, _) = AsyncStream.makeStream(of: Void.self)
        let reporter = reporter(ScriptedSender(gate: gate)) { $0.batchSpansMax = 1 }
        for _ in 0..<4 { reporter.report(.stub()) }
        let status = await reporter.close(within: .milliseconds(20))
        #expect(status.pending == 0)
        #expect(status.sent == 0)
        #expect(status.finished == 4)
        #expect(status.dropped == 4)
        #expect(status.droppedByCause[.closed] != nil)
    }

    @Test func `many tasks report at once and nothing is lost`() async {
        let sender = ScriptedSender((0..<10).map { $0 % 3 == 0 ? .rejected("no") : .accepted })
        let reporter = reporter(sender) {
            $0.batchSpansMax = 50
            $0.queueSpansMax = 500
        }
        let process = TracedProcess(serviceName: "svc")
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<500 {
                        reporter.report(.stub(process))
                        let status = reporter.status
                        #expect(status.finished == status.sent + status.dropped + status.pending)
                    }
                }
            }
        }
        let status = await reporter.close()
        #expect(status.finished == 4000)
        #expect(status.sent + status.dropped == 4000)
    }

    @Test(arguments: [
        (202, SendOutcome.accepted),
        (200, .rejected("the collector answered 200: bad")),
        (400, .rejected("the collector answered 400: bad")),
        (404, .rejected("the collector answered 404: bad")),
        (429, .undeliverable("the collector answered 429: bad")),
        (500, .undeliverable("the collector answered 500: bad")),
        (503, .undeliverable("the collector answered 503: bad")),
        (302, .undeliverable("the collector answered 302: bad")),
    ])
    func `judges statuses as collectors mean them`(status: Int, outcome: SendOutcome) {
        #expect(SendOutcome.judge(status: status, body: Array("bad\nmore".utf8)) == outcome)
    }
}
