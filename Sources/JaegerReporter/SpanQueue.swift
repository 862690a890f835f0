import JaegerThrift
import JaegerTracing

/// The pending spans, encoded and collected into batches of one process each, and the counts of all reported spans.
///
/// It has no side effects: the time is passed in, and the next step is returned. The reporter protects it by a lock.
struct SpanQueue {
    typealias Instant = ContinuousClock.Instant
    typealias DropCause = ReporterStatus.DropCause

    /// The result for a reported span.
    enum Admission: Equatable {
        /// It is pending.
        ///
        /// - Parameter wakesWorker: Whether the worker must be woken: the span is the first one, completed a batch, or
        ///   made the queue half full.
        case queued(wakesWorker: Bool)
        case dropped(DropCause)
    }

    /// The next step of the worker.
    enum Step {
        case send(SpanBatch)
        /// Nothing is due before that instant, or if nil before the next span.
        case wait(until: Instant?)
        /// The queue is closed and empty: the worker ends.
        case finished
    }

    /// A batch to which spans are added.
    private struct OpenBatch {
        let process: TracedProcess
        /// The part of ``ReporterLimits/maxExportBatchBytes`` that is left after the frame of the batch.
        let maxBytes: Int
        let dueAt: Instant
        var spanCount = 0
        var encodedSpans: [UInt8] = []
    }

    private let limits: ReporterLimits
    private let format: WireFormat
    private(set) var status = ReporterStatus()
    private var processCounts = ProcessCounts()
    private var open: [OpenBatch] = []
    private var ready: [SpanBatch] = []
    private var inFlight: SpanBatch?
    /// The bytes of all pending spans, in the wire format.
    private var pendingBytes = 0
    private var lastNumber = 0
    /// Every batch up to this number is sent or dropped.
    private(set) var lastResolvedNumber = 0
    private var isClosed = false
    /// Whether the worker waits for a first span: only then, and when something becomes due early, must it be woken.
    private var isWorkerIdle = true

    init(limits: ReporterLimits, format: WireFormat = .jaegerThrift) {
        self.limits = limits
        self.format = format
    }

    /// Adds a span, or drops and counts it.
    ///
    /// - Parameters:
    ///   - bytes: The span in the wire format.
    ///   - now: Returns the current time; called only if the span starts a batch.
    mutating func push(_ span: FinishedSpan, as bytes: [UInt8], now: () -> Instant) -> Admission {
        status.finished += 1
        let known = open.firstIndex { $0.process === span.process }
        let maxBytes = known.map { open[$0].maxBytes } ?? maxBytes(span.process)
        if let cause = dropCause(of: span, byteCount: bytes.count, maxBytes: maxBytes) {
            drop(1, of: span.process, for: cause)
            return .dropped(cause)
        }
        let wasHalfFull = isHalfFull
        status.pending += 1
        pendingBytes += bytes.count
        let wasFull = add(bytes, of: span.process, into: known, maxBytes: maxBytes, now: now)
        guard wasFull || isWorkerIdle || isHalfFull != wasHalfFull else {
            return .queued(wakesWorker: false)
        }
        isWorkerIdle = false
        return .queued(wakesWorker: true)
    }

    /// Returns the next step of the worker, which must resolve a batch before it asks for the next one.
    mutating func next(now: Instant) -> Step {
        assert(inFlight == nil, "one batch is in flight at a time")
        // Also while full batches are ready: a busy tracer must not delay the spans of others.
        while let index = open.firstIndex(where: { isClosed || $0.dueAt <= now }) {
            seal(index)
        }
        if ready.isEmpty, isHalfFull { sealAll() }
        guard ready.isEmpty else {
            var batch = ready.removeFirst()
            processCounts.stamp(&batch)
            inFlight = batch
            return .send(batch)
        }
        if isClosed { return .finished }
        let dueAt = open.map(\.dueAt).min()
        isWorkerIdle = dueAt == nil
        return .wait(until: dueAt)
    }

    /// Counts the spans of a batch that was in flight; returns false, and counts nothing, if it was abandoned meanwhile.
    @discardableResult
    mutating func resolve(_ batch: SpanBatch, as outcome: BatchOutcome) -> Bool {
        guard inFlight?.number == batch.number else { return false }
        inFlight = nil
        complete(batch, as: outcome)
        return true
    }

    /// Records a failed attempt.
    mutating func recordFailure(_ reason: String, at now: Instant) {
        status.lastError = reason
        status.lastErrorAt = now
    }

    /// Records that the collector accepted a batch.
    mutating func recordSuccess(at now: Instant) {
        status.lastSuccessAt = now
    }

    /// Counts a retry.
    mutating func countRetry() {
        status.retries += 1
    }

    /// Makes all pending spans due, and returns the number of the last batch that a flush must wait for.
    mutating func flush() -> Int {
        sealAll()
        return lastNumber
    }

    /// Rejects spans from now on and makes all pending ones due.
    mutating func close() {
        isClosed = true
        sealAll()
    }

    /// Drops all pending spans, including those in flight, because the deadline of a shutdown has passed, and returns
    /// their number.
    ///
    /// Spans in flight may still arrive; they are counted as dropped, because the response is not awaited.
    mutating func abandon() -> Int {
        sealAll()
        let count = status.pending
        if let batch = inFlight { complete(batch, as: .dropped(.closed)) }
        inFlight = nil
        for batch in ready { complete(batch, as: .dropped(.closed)) }
        ready.removeAll()
        return count
    }
}

// MARK: - Limits

extension SpanQueue {
    /// Returns why a span is dropped; nil if it is accepted.
    private func dropCause(of span: FinishedSpan, byteCount: Int, maxBytes: Int) -> DropCause? {
        if isClosed { return .closed }
        // Collectors reject the whole batch for one such span.
        guard span.traceID.isValid, span.spanID.isValid else { return .invalid }
        guard byteCount <= maxBytes else { return .tooLarge }
        guard status.pending < limits.maxQueueSize,
            byteCount <= limits.maxQueueBytes - pendingBytes
        else { return .queueFull }
        return nil
    }

    /// Whether the queue is half full, so that open batches are sent before their delay.
    private var isHalfFull: Bool {
        status.pending > limits.maxQueueSize / 2 || pendingBytes > limits.maxQueueBytes / 2
    }

    /// Returns the maximum number of span bytes of one batch: what process, list headers, sequence number and stats
    /// leave.
    private func maxBytes(_ process: TracedProcess) -> Int {
        limits.maxExportBatchBytes - format.byteCount(of: process)
    }
}

// MARK: - Batching and accounting

extension SpanQueue {
    /// Adds a span to the open batch of its process; returns whether that completed a batch.
    private mutating func add(
        _ bytes: [UInt8], of process: TracedProcess, into known: Int?, maxBytes: Int,
        now: () -> Instant
    ) -> Bool {
        var wasFull = false
        var index = known
        if let known, open[known].encodedSpans.count + bytes.count > maxBytes {
            seal(known)
            wasFull = true
            index = nil
        }
        let at = index ?? begin(process, maxBytes: maxBytes, now: now())
        open[at].spanCount += 1
        open[at].encodedSpans += bytes
        if open[at].spanCount >= limits.maxExportBatchSize {
            seal(at)
            wasFull = true
        }
        return wasFull
    }

    private mutating func begin(_ process: TracedProcess, maxBytes: Int, now: Instant) -> Int {
        open.append(
            OpenBatch(process: process, maxBytes: maxBytes, dueAt: now + limits.scheduleDelay))
        return open.count - 1
    }

    private mutating func seal(_ index: Int) {
        let batch = open.remove(at: index)
        lastNumber += 1
        ready.append(
            SpanBatch(
                number: lastNumber, process: batch.process, spanCount: batch.spanCount,
                encodedSpans: batch.encodedSpans))
    }

    private mutating func sealAll() {
        while !open.isEmpty { seal(0) }
    }

    private mutating func complete(_ batch: SpanBatch, as outcome: BatchOutcome) {
        lastResolvedNumber = max(lastResolvedNumber, batch.number)
        let count = batch.spanCount
        status.pending -= count
        pendingBytes -= batch.encodedSpans.count
        switch outcome {
        case .sent(let rejected):
            let rejected = min(max(rejected, 0), count)
            status.sent += count - rejected
            if rejected > 0 { drop(rejected, of: batch.process, for: .rejected) }
        case .dropped(let cause): drop(count, of: batch.process, for: cause)
        }
    }

    private mutating func drop(_ count: Int, of process: TracedProcess, for cause: DropCause) {
        status.droppedByCause[cause, default: 0] += count
        processCounts.countDropped(count, of: process, droppedFor: cause)
    }
}

// MARK: - Processes

/// The counts that a batch carries for its process: the number of batches and of dropped spans.
///
/// They are `seqNo` and `ClientStats` of jaeger.thrift, counted since the first span of the process.
struct ProcessCounts {
    private struct Entry {
        // A strong reference, so that its identity is not reused.
        let process: TracedProcess
        var sequenceNumber: Int64 = 0
        var stats = ClientStats()
    }

    /// The maximum number of processes; a reporter serves few tracers; with more, some counts are lost.
    static let maxProcesses = 256

    private var entries: [ObjectIdentifier: Entry] = [:]

    /// The number of processes.
    var count: Int { entries.count }

    /// Numbers a batch, from 1 for each process, and adds the stats of its process.
    mutating func stamp(_ batch: inout SpanBatch) {
        change(batch.process) { entry in
            entry.sequenceNumber += 1
            batch.sequenceNumber = entry.sequenceNumber
            batch.stats = entry.stats
        }
    }

    /// Counts dropped spans of a process.
    mutating func countDropped(
        _ count: Int, of process: TracedProcess, droppedFor cause: ReporterStatus.DropCause
    ) {
        change(process) { entry in
            switch cause {
            case .queueFull: entry.stats.fullQueueDroppedSpans += Int64(count)
            case .tooLarge: entry.stats.tooLargeDroppedSpans += Int64(count)
            case .invalid, .undeliverable, .rejected, .closed:
                entry.stats.failedToEmitSpans += Int64(count)
            }
        }
    }

    private mutating func change(_ process: TracedProcess, _ body: (inout Entry) -> Void) {
        let id = ObjectIdentifier(process)
        if entries[id] == nil, entries.count >= Self.maxProcesses, let other = entries.keys.first {
            entries[other] = nil
        }
        body(&entries[id, default: Entry(process: process)])
    }
}
