import JaegerThrift
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
        limits.maxExportBatchSize = 3
        limits.maxExportBatchBytes = 1000
        limits.maxQueueSize = 10
        limits.maxQueueBytes = 10_000
        change(&limits)
        return limits
    }

    func push(
        _ queue: inout SpanQueue, _ process: TracedProcess? = nil, byteCount: Int = 100,
        at instant: ContinuousClock.Instant = start
    ) -> SpanQueue.Admission {
        queue.push(
            .stub(process ?? one), as: [UInt8](repeating: 0, count: byteCount), now: { instant })
    }

    /// Returns the batch to be sent, which is then counted as sent.
    func sent(_ queue: inout SpanQueue, at instant: ContinuousClock.Instant = start) -> SpanBatch? {
        guard let batch = batch(queue.next(now: instant)) else { return nil }
        queue.resolve(batch, as: .sent())
        return batch
    }

    func batch(_ step: SpanQueue.Step) -> SpanBatch? {
        if case .send(let batch) = step { batch } else { nil }
    }

    @Test func `the first span wakes the worker, the next ones do not, a full batch does`() {
        var queue = SpanQueue(limits: limits())
        #expect(push(&queue) == .queued(wakesWorker: true))
        #expect(push(&queue) == .queued(wakesWorker: false))
        #expect(push(&queue) == .queued(wakesWorker: true))
        #expect(push(&queue) == .queued(wakesWorker: false))
        #expect(batch(queue.next(now: Self.start))?.spanCount == 3)
    }

    @Test func `a batch is due when its first span has waited for the delay`() throws {
        var queue = SpanQueue(limits: limits())
        _ = push(&queue)
        _ = push(&queue, at: Self.start + .milliseconds(900))
        let due = Self.start + .seconds(1)
        guard case .wait(until: due) = queue.next(now: Self.start) else {
            Issue.record("the worker should wait for the delay")
            return
        }
        #expect(sent(&queue, at: due)?.spanCount == 2)
        guard case .wait(until: nil) = queue.next(now: due) else {
            Issue.record("nothing is left to wait for")
            return
        }
        #expect(push(&queue) == .queued(wakesWorker: true))
    }

    @Test func `a batch contains spans of one process, within the limit of bytes`() throws {
        var queue = SpanQueue(limits: limits())
        _ = push(&queue, one, byteCount: 500)
        _ = push(&queue, two, byteCount: 500)
        #expect(push(&queue, one, byteCount: 500) == .queued(wakesWorker: true))
        let first = try #require(sent(&queue))
        #expect(first.process === one)
        #expect(first.spanCount == 1)
        #expect(first.encodedSpans.count == 500)
        _ = queue.flush()
        let rest = [sent(&queue), sent(&queue)].compactMap { $0 }
        #expect(rest.map(\.process.serviceName) == ["two", "one"])
        #expect(rest.map(\.number) == [2, 3])
    }

    @Test func `a span that is too large for any batch is dropped alone`() {
        var queue = SpanQueue(limits: limits())
        #expect(push(&queue, byteCount: 1000) == .dropped(.tooLarge))
        #expect(push(&queue, byteCount: 100) == .queued(wakesWorker: true))
        #expect(queue.status.droppedByCause == [.tooLarge: 1])
        #expect(queue.status.pending == 1)
    }

    @Test func `the number of queued spans is limited`() throws {
        var queue = SpanQueue(limits: limits { $0.maxQueueSize = 4 })
        let admissions = (0..<6).map { _ in push(&queue) }
        #expect(admissions.suffix(2) == [.dropped(.queueFull), .dropped(.queueFull)])
        #expect(queue.status.pending == 4)
        let underWay = try #require(batch(queue.next(now: Self.start)))
        #expect(push(&queue) == .dropped(.queueFull), "spans in flight count")
        queue.resolve(underWay, as: .sent())
        #expect(push(&queue) != .dropped(.queueFull))
    }

    @Test func `a queue that is half full does not wait for the delay`() {
        var queue = SpanQueue(limits: limits { $0.maxExportBatchSize = 100 })
        let admissions = (0..<6).map { _ in push(&queue) }
        #expect(
            admissions == [
                .queued(wakesWorker: true), .queued(wakesWorker: false),
                .queued(wakesWorker: false), .queued(wakesWorker: false),
                .queued(wakesWorker: false), .queued(wakesWorker: true),
            ])
        #expect(sent(&queue)?.spanCount == 6)
        #expect(push(&queue) == .queued(wakesWorker: false))
        guard case .wait(until: _?) = queue.next(now: Self.start) else {
            Issue.record("an empty queue waits again")
            return
        }
    }

    @Test(arguments: [(0, 0, 2), (0, 1, 0)] as [(UInt64, UInt64, UInt64)])
    func `a span with a zero id is dropped alone, instead of its whole batch`(
        high: UInt64, low: UInt64, span: UInt64
    ) {
        var queue = SpanQueue(limits: limits())
        var bad = FinishedSpan.stub(one, spanID: span)
        bad.traceID = TraceID(high: high, low: low)
        #expect(
            queue.push(bad, as: [UInt8](repeating: 0, count: 100), now: { Self.start })
                == .dropped(.invalid))
        #expect(queue.status.droppedByCause == [.invalid: 1])
    }

    @Test func `batches are numbered for each process, and contain its losses`() throws {
        var queue = SpanQueue(limits: limits { $0.maxExportBatchSize = 1 })
        _ = push(&queue, one)
        _ = push(&queue, one, byteCount: 1000)
        _ = push(&queue, two)
        _ = push(&queue, one)
        let first = try #require(batch(queue.next(now: Self.start)))
        queue.resolve(first, as: .dropped(.undeliverable))
        let batches = [first, sent(&queue), sent(&queue)].compactMap { $0 }
        #expect(batches.map(\.process.serviceName) == ["one", "two", "one"])
        #expect(batches.map(\.sequenceNumber) == [1, 1, 2])
        #expect(batches.map(\.stats.tooLargeDroppedSpans) == [1, 0, 1])
        #expect(batches.map(\.stats.failedToEmitSpans) == [0, 0, 1])
    }

    @Test func `spans that the collector rejected do not count as sent`() throws {
        var queue = SpanQueue(limits: limits())
        for _ in 0..<3 { _ = push(&queue) }
        let underWay = try #require(batch(queue.next(now: Self.start)))
        queue.resolve(underWay, as: .sent(rejectedSpans: 2))
        #expect(queue.status.sent == 1)
        #expect(queue.status.droppedByCause == [.rejected: 2])
    }

    @Test func `the number of queued bytes is limited`() {
        var queue = SpanQueue(limits: limits { $0.maxQueueBytes = 450 })
        let admissions = (0..<5).map { _ in push(&queue) }
        #expect(admissions.last == .dropped(.queueFull))
        #expect(queue.status.pending == 4)
    }

    @Test func `a quiet process is served while a busy one always has a full batch`() {
        var queue = SpanQueue(limits: limits())
        _ = push(&queue, two)
        let due = Self.start + .seconds(1)
        for _ in 0..<6 { _ = push(&queue, one, at: due) }
        let served = (0..<3).compactMap { _ in sent(&queue, at: due)?.process.serviceName }
        #expect(served.contains("two"))
    }

    @Test func `shutdown rejects spans and makes pending ones due`() throws {
        var queue = SpanQueue(limits: limits())
        _ = push(&queue)
        queue.close()
        #expect(push(&queue) == .dropped(.closed))
        let last = try #require(batch(queue.next(now: Self.start)))
        queue.resolve(last, as: .sent())
        guard case .finished = queue.next(now: Self.start) else {
            Issue.record("a closed queue without spans is finished")
            return
        }
        #expect(queue.status.sent == 1)
    }

    @Test func `abandoned spans are counted, including those in flight`() throws {
        var queue = SpanQueue(limits: limits())
        for _ in 0..<5 { _ = push(&queue) }
        let underWay = try #require(batch(queue.next(now: Self.start)))
        queue.close()
        #expect(queue.abandon() == 5)
        #expect(queue.status.droppedByCause == [.closed: 5])
        #expect(queue.status.pending == 0)
        let isBooked = queue.resolve(underWay, as: .sent())
        #expect(!isBooked, "a later response changes nothing")
        #expect(queue.status.sent == 0)
        #expect(queue.lastResolvedNumber == 2)
    }

    @Test(arguments: 0..<20)
    func `nothing is lost in any order of operations`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var queue = SpanQueue(limits: limits { $0.maxQueueBytes = 1500 })
        var underWay: SpanBatch?
        var now = Self.start
        for _ in 0..<2000 {
            switch Int.random(in: 0..<8, using: &random) {
            case 0..<4:
                let bytes = Int.random(in: 1...1100, using: &random)
                _ = push(&queue, Bool.random(using: &random) ? one : two, byteCount: bytes, at: now)
            case 4: now += .milliseconds(Int.random(in: 0...600, using: &random))
            case 5: if underWay == nil { underWay = batch(queue.next(now: now)) }
            case 6:
                guard let batch = underWay else { continue }
                underWay = nil
                let deliveries: [BatchOutcome] = [
                    .sent(), .sent(rejectedSpans: 1), .dropped(.rejected), .dropped(.undeliverable),
                ]
                queue.resolve(batch, as: deliveries.randomElement(using: &random) ?? .sent())
            default: if Int.random(in: 0..<50, using: &random) == 0 { _ = queue.flush() }
            }
            let status = queue.status
            #expect(status.finished == status.sent + status.dropped + status.pending)
            #expect(status.pending >= underWay?.spanCount ?? 0)
            #expect(status.pending <= 10)
        }
        queue.close()
        _ = queue.abandon()
        #expect(queue.status.pending == 0)
        #expect(queue.status.finished == queue.status.sent + queue.status.dropped)
    }
}
