import JaegerTracing
import TestSupport
import Testing

@testable import JaegerReporter

@Suite struct SpanQueueTests {
    static let start = ContinuousClock.now
    let one = TracedProcess(serviceName: "one")
    let two = TracedProcess(serviceName: "two")

    func limits(_ change: (inout ReporterLimits) -> Void = { _ in }) -> ReporterLimits {
        var limits = ReporterLimits()
        limits.batchSpansMax = 3
        limits.batchBytesMax = 1000
        limits.queueSpansMax = 10
        limits.queueBytesMax = 10_000
        change(&limits)
        return limits
    }

    func push(
        _ queue: inout SpanQueue, _ process: TracedProcess? = nil, byteCount: Int = 100,
        at instant: ContinuousClock.Instant = start
    ) -> SpanQueue.Admission {
        queue.push(.stub(process ?? one), byteCount: byteCount, now: { instant })
    }

    func batch(_ step: SpanQueue.Step) -> SpanQueue.Batch? {
        if case .send(let batch) = step { batch } else { nil }
    }

    @Test func `the first span wakes the sender, the next ones do not, a full batch does`() {
        var queue = SpanQueue(limits: limits())
        #expect(push(&queue) == .keptWaking)
        #expect(push(&queue) == .kept)
        #expect(push(&queue) == .keptWaking)
        #expect(push(&queue) == .kept)
        #expect(batch(queue.next(now: Self.start))?.spans.count == 3)
    }

    @Test func `a batch is due when its first span is old enough`() throws {
        var queue = SpanQueue(limits: limits())
        _ = push(&queue)
        _ = push(&queue, at: Self.start + .milliseconds(900))
        let due = Self.start + .seconds(1)
        guard case .wait(until: due) = queue.next(now: Self.start) else {
            Issue.record("the sender should wait for the age")
            return
        }
        #expect(batch(queue.next(now: due))?.spans.count == 2)
        guard case .wait(until: nil) = queue.next(now: due) else {
            Issue.record("nothing is left to wait for")
            return
        }
        #expect(push(&queue) == .keptWaking)
    }

    @Test func `a batch holds spans of one process, and no more bytes than allowed`() throws {
        var queue = SpanQueue(limits: limits())
        _ = push(&queue, one, byteCount: 500)
        _ = push(&queue, two, byteCount: 500)
        #expect(push(&queue, one, byteCount: 500) == .keptWaking)
        let first = try #require(batch(queue.next(now: Self.start)))
        #expect(first.process === one)
        #expect(first.spans.count == 1)
        #expect(first.byteCount == 500)
        _ = queue.flush()
        let rest = [
            batch(queue.next(now: Self.start)), batch(queue.next(now: Self.start)),
        ].compactMap { $0 }
        #expect(rest.map(\.process.serviceName) == ["two", "one"])
        #expect(rest.map(\.number) == [2, 3])
    }

    @Test func `a span too large for any batch costs only itself`() {
        var queue = SpanQueue(limits: limits())
        #expect(push(&queue, byteCount: 1000) == .dropped(.tooLarge))
        #expect(push(&queue, byteCount: 100) == .keptWaking)
        #expect(queue.status.droppedByCause == [.tooLarge: 1])
        #expect(queue.status.pending == 1)
    }

    @Test func `the queue is bounded by spans`() {
        var queue = SpanQueue(limits: limits { $0.queueSpansMax = 4 })
        let admissions = (0..<6).map { _ in push(&queue) }
        #expect(admissions.suffix(2) == [.dropped(.queueFull), .dropped(.queueFull)])
        #expect(queue.status.pending == 4)
        _ = queue.next(now: Self.start)
        #expect(push(&queue) != .dropped(.queueFull))
    }

    @Test func `the queue is bounded by bytes`() {
        var queue = SpanQueue(limits: limits { $0.queueBytesMax = 450 })
        let admissions = (0..<5).map { _ in push(&queue) }
        #expect(admissions.last == .dropped(.queueFull))
        #expect(queue.status.pending == 4)
    }

    @Test func `a quiet process is served while a busy one always has a full batch`() {
        var queue = SpanQueue(limits: limits())
        _ = push(&queue, two)
        let due = Self.start + .seconds(1)
        for _ in 0..<6 { _ = push(&queue, one, at: due) }
        let served = (0..<3).compactMap { _ in batch(queue.next(now: due))?.process.serviceName }
        #expect(served.contains("two"))
    }

    @Test func `closing refuses spans and makes what waits due`() throws {
        var queue = SpanQueue(limits: limits())
        _ = push(&queue)
        queue.close()
        #expect(push(&queue) == .dropped(.closed))
        let last = try #require(batch(queue.next(now: Self.start)))
        queue.resolve(last, droppedFor: nil)
        guard case .finished = queue.next(now: Self.start) else {
            Issue.record("a closed queue without spans is finished")
            return
        }
        #expect(queue.status.sent == 1)
    }

    @Test func `what is abandoned is counted, and what was under way is not`() throws {
        var queue = SpanQueue(limits: limits())
        for _ in 0..<5 { _ = push(&queue) }
        let underWay = try #require(batch(queue.next(now: Self.start)))
        queue.close()
        #expect(queue.abandon() == 2)
        #expect(queue.status.droppedByCause == [.closed: 2])
        #expect(queue.status.pending == 3)
        queue.resolve(underWay, droppedFor: .undeliverable, error: "gone")
        #expect(queue.status.pending == 0)
        #expect(queue.status.lastError == "gone")
    }

    @Test(arguments: 0..<20)
    func `nothing is lost whatever happens in whatever order`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var queue = SpanQueue(limits: limits { $0.queueBytesMax = 1500 })
        var underWay: [SpanQueue.Batch] = []
        var now = Self.start
        for _ in 0..<2000 {
            switch Int.random(in: 0..<8, using: &random) {
            case 0..<4:
                let bytes = Int.random(in: 1...1100, using: &random)
                _ = push(&queue, Bool.random(using: &random) ? one : two, byteCount: bytes, at: now)
            case 4: now += .milliseconds(Int.random(in: 0...600, using: &random))
            case 5: if let batch = batch(queue.next(now: now)) { underWay.append(batch) }
            case 6:
                guard !underWay.isEmpty else { continue }
                let causes: [ReporterStatus.DropCause?] = [nil, .rejected, .undeliverable]
                let cause = causes[Int.random(in: 0..<3, using: &random)]
                queue.resolve(underWay.removeFirst(), droppedFor: cause)
            default: if Int.random(in: 0..<50, using: &random) == 0 { _ = queue.flush() }
            }
            let status = queue.status
            #expect(status.finished == status.sent + status.dropped + status.pending)
            #expect(status.pending >= underWay.reduce(0) { $0 + $1.spans.count })
        }
        queue.close()
        _ = queue.abandon()
        for batch in underWay { queue.resolve(batch, droppedFor: nil) }
        #expect(queue.status.pending == 0)
        #expect(queue.status.finished == queue.status.sent + queue.status.dropped)
    }
}

extension FinishedSpan {
    /// A span of which nothing matters but its process.
    static func stub(
        _ process: TracedProcess = TracedProcess(serviceName: "stub"), name: String = "op"
    ) -> FinishedSpan {
        FinishedSpan(
            process: process, traceID: TraceID(low: 1), spanID: SpanID(2), operationName: name,
            startNanosecondsSinceEpoch: 1_700_000_000_000_000_000, durationNanoseconds: 1_500_000)
    }
}
