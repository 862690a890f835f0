import JaegerThrift
import JaegerTracing

/// The pending spans, encoded and collected into batches of one process each; and the account of all that were reported.
///
/// Pure: time comes in as a value, and what to do next goes out as one. The reporter keeps it under a lock.
struct SpanQueue {
    typealias Instant = ContinuousClock.Instant
    typealias DropCause = ReporterStatus.DropCause

    /// What became of a span that was reported.
    enum Admission: Equatable {
        /// It is pending.
        ///
        /// - Parameter wakesWorker: Whether the worker must be woken: the span is the first one, completed a batch, or filled
        ///   half of the queue.
        case queued(wakesWorker: Bool)
        case dropped(DropCause)
    }

    /// What the worker has to do.
    enum Step {
        case send(SpanBatch)
        /// Nothing is due before that instant, or before a span comes if nil.
        case wait(until: Instant?)
        /// Closed and empty: the worker ends.
        case finished
    }

    /// A batch that still grows.
    private struct OpenBatch {
        let process: TracedProcess
        /// What the frame of the batch leaves of ``ReporterLimits/maxExportBatchBytes``.
        let maxBytes: Int
        let dueAt: Instant
        var spanCount = 0
        var encodedSpans: [UInt8] = []
    }

    private let limits: ReporterLimits
    private let format: WireFormat
    private(set) var status = ReporterStatus()
    private var accounts = ProcessAccounts()
    private var open: [OpenBatch] = []
    private var ready: [SpanBatch] = []
    private var inFlight: SpanBatch?
    /// The bytes of all pending spans, in the encoding of the wire.
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

    /// Takes a span in, or drops and counts it.
    ///
    /// - Parameters:
    ///   - bytes: The span in the encoding of the wire.
    ///   - now: Asked for only when the span begins a batch.
    mutating func push(_ span: FinishedSpan, as bytes: [UInt8], now: () -> Instant) -> Admission {
        status.finished += 1
        let known = open.firstIndex { $0.process === span.process }
        let maxBytes = known.map { open[$0].maxBytes } ?? maxBytes(span.process)
        if let cause = refusal(of: span, byteCount: bytes.count, maxBytes: maxBytes) {
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

    /// What the worker has to do at an instant; it resolves a batch before it asks for the next one.
    mutating func next(now: Instant) -> Step {
        assert(inFlight == nil, "one batch is in flight at a time")
        // Also while full batches are ready: a busy tracer must not keep a quiet one's spans from their turn.
        while let index = open.firstIndex(where: { isClosed || $0.dueAt <= now }) {
            seal(index)
        }
        if ready.isEmpty, isHalfFull { sealAll() }
        guard ready.isEmpty else {
            var batch = ready.removeFirst()
            accounts.stamp(&batch)
            inFlight = batch
            return .send(batch)
        }
        if isClosed { return .finished }
        let dueAt = open.map(\.dueAt).min()
        isWorkerIdle = dueAt == nil
        return .wait(until: dueAt)
    }

    /// Accounts for a batch that was in flight; false, and nothing is counted, if it was abandoned meanwhile.
    @discardableResult
    mutating func resolve(_ batch: SpanBatch, as outcome: BatchOutcome) -> Bool {
        guard inFlight?.number == batch.number else { return false }
        inFlight = nil
        settle(batch, as: outcome)
        return true
    }

    /// Notes that an attempt to send failed.
    mutating func noteFailure(_ reason: String, at now: Instant) {
        status.lastError = reason
        status.lastErrorAt = now
    }

    /// Notes that the collector accepted a batch.
    mutating func noteSuccess(at now: Instant) {
        status.lastSuccessAt = now
    }

    /// Counts an attempt that is repeated.
    mutating func noteRetry() {
        status.retries += 1
    }

    /// Makes all pending spans due, and returns the number of the last batch that a flush has to wait for.
    mutating func flush() -> Int {
        sealAll()
        return lastNumber
    }

    /// Drops spans from now on and makes all pending ones due.
    mutating func close() {
        isClosed = true
        sealAll()
    }

    /// Drops all that is pending, also what is in flight, because the deadline of a shutdown has passed, and returns how many
    /// spans that were.
    ///
    /// What is in flight may still arrive: it is counted as dropped all the same, because nobody waits for the response.
    mutating func abandon() -> Int {
        sealAll()
        let count = status.pending
        if let batch = inFlight { settle(batch, as: .dropped(.closed)) }
        inFlight = nil
        for batch in ready { settle(batch, as: .dropped(.closed)) }
        ready.removeAll()
        return count
    }
}

// MARK: - Bounds

extension SpanQueue {
    /// Why a span is not taken; nil if it is.
    private func refusal(of span: FinishedSpan, byteCount: Int, maxBytes: Int) -> DropCause? {
        if isClosed { return .closed }
        // Collectors refuse the whole batch for one such span.
        guard span.traceID.isValid, span.spanID.isValid else { return .invalid }
        guard byteCount <= maxBytes else { return .tooLarge }
        guard status.pending < limits.maxQueueSize,
            byteCount <= limits.maxQueueBytes - pendingBytes
        else { return .queueFull }
        return nil
    }

    /// Whether the queue is half full, so that open batches should not wait for their age.
    private var isHalfFull: Bool {
        status.pending > limits.maxQueueSize / 2 || pendingBytes > limits.maxQueueBytes / 2
    }

    /// How many bytes the spans of one batch may have: what process, list headers, sequence number and stats leave.
    private func maxBytes(_ process: TracedProcess) -> Int {
        limits.maxExportBatchBytes - format.byteCount(of: process)
    }
}

// MARK: - Batching and accounting

extension SpanQueue {
    /// Adds a span to the others of its process; true if that completed a batch.
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

    private mutating func settle(_ batch: SpanBatch, as outcome: BatchOutcome) {
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
        accounts.note(count, of: process, droppedFor: cause)
    }
}

// MARK: - Processes

/// What the batches of each process say of it: how many there were, and how many spans were dropped.
///
/// That is `seqNo` and `ClientStats` of jaeger.thrift, counted since its first span.
struct ProcessAccounts {
    private struct Entry {
        // Held, so that its identity is not given to another meanwhile.
        let process: TracedProcess
        var sequenceNumber: Int64 = 0
        var stats = ClientStats()
    }

    /// How many processes are remembered; a reporter serves a few tracers, and one that serves many forgets some.
    static let maxProcesses = 256

    private var entries: [ObjectIdentifier: Entry] = [:]

    /// How many processes are remembered.
    var count: Int { entries.count }

    /// Numbers a batch, from 1 for each process, and writes into it what its process has dropped.
    mutating func stamp(_ batch: inout SpanBatch) {
        change(batch.process) { entry in
            entry.sequenceNumber += 1
            batch.sequenceNumber = entry.sequenceNumber
            batch.stats = entry.stats
        }
    }

    /// Counts spans of a process that were dropped.
    mutating func note(
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
