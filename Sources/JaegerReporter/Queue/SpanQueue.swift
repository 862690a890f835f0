import JaegerTracing

/// The spans that wait, encoded and gathered into batches of one process each; and the account of all that came.
///
/// Pure: time comes in as a value, and what to do next goes out as one. The reporter keeps it under a lock.
struct SpanQueue {
    typealias Instant = ContinuousClock.Instant
    typealias DropCause = ReporterStatus.DropCause

    /// What became of a span that was handed in.
    enum Admission: Equatable {
        /// It waits; the sender finds it by itself.
        case kept
        /// It waits, and the sender must be woken: it is the first one, completed a batch, or filled half of the queue.
        case keptWaking
        case dropped(DropCause)
    }

    /// What the sender has to do.
    enum Step {
        case send(SpanBatch)
        /// Nothing is due before that instant, or before a span comes if nil.
        case wait(until: Instant?)
        /// Closed and empty: the sender ends.
        case finished
    }

    /// A batch that still grows.
    private struct Gathering {
        let process: TracedProcess
        /// What the frame of the batch leaves of ``ReporterLimits/batchBytesMax``.
        let bytesMax: Int
        let dueAt: Instant
        var spanCount = 0
        var encodedSpans: [UInt8] = []
    }

    private let limits: ReporterLimits
    private let format: WireFormat
    private(set) var status = ReporterStatus()
    private var ledger = ProcessLedger()
    private var gathering: [Gathering] = []
    private var ready: [SpanBatch] = []
    private var underWay: SpanBatch?
    /// The bytes of all pending spans, in the encoding of the wire.
    private var pendingBytes = 0
    private var lastNumber = 0
    /// Every batch up to this number is sent or dropped.
    private(set) var lastResolvedNumber = 0
    private var isClosed = false
    /// Whether the sender waits for a first span: only then, and when something becomes due early, must it be woken.
    private var isSenderIdle = true

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
        let known = gathering.firstIndex { $0.process === span.process }
        let bytesMax = known.map { gathering[$0].bytesMax } ?? bytesMax(span.process)
        if let cause = refusal(of: span, byteCount: bytes.count, bytesMax: bytesMax) {
            return drop(span, for: cause)
        }
        let wasPressed = isPressed
        status.pending += 1
        pendingBytes += bytes.count
        let wasFull = gather(bytes, of: span.process, into: known, bytesMax: bytesMax, now: now)
        guard wasFull || isSenderIdle || isPressed != wasPressed else { return .kept }
        isSenderIdle = false
        return .keptWaking
    }

    /// What the sender has to do at an instant; it resolves what it was told to send before it asks again.
    mutating func next(now: Instant) -> Step {
        assert(underWay == nil, "one batch is under way at a time")
        // Also while full batches are ready: a busy tracer must not keep a quiet one's spans from their turn.
        while let index = gathering.firstIndex(where: { isClosed || $0.dueAt <= now }) {
            seal(index)
        }
        if ready.isEmpty, isPressed { sealAll() }
        guard ready.isEmpty else {
            var batch = ready.removeFirst()
            ledger.stamp(&batch)
            underWay = batch
            return .send(batch)
        }
        if isClosed { return .finished }
        let dueAt = gathering.map(\.dueAt).min()
        isSenderIdle = dueAt == nil
        return .wait(until: dueAt)
    }

    /// Books what became of a batch that was under way; false, and nothing, if it was abandoned meanwhile.
    @discardableResult
    mutating func resolve(_ batch: SpanBatch, as delivery: Delivery) -> Bool {
        guard underWay?.number == batch.number else { return false }
        underWay = nil
        settle(batch, as: delivery)
        return true
    }

    /// Notes that an attempt to send failed.
    mutating func noteFailure(_ reason: String, at now: Instant) {
        status.lastError = reason
        status.lastErrorAt = now
    }

    /// Notes that the collector took something.
    mutating func noteSuccess(at now: Instant) {
        status.lastSuccessAt = now
    }

    /// Notes that a batch is tried again.
    mutating func noteRetry() {
        status.retries += 1
    }

    /// Makes all that waits due, and tells the number of the last batch that a flush has to wait for.
    mutating func flush() -> Int {
        sealAll()
        return lastNumber
    }

    /// Refuses spans from now on and makes all that waits due.
    mutating func close() {
        isClosed = true
        sealAll()
    }

    /// Drops all that is pending, also what is under way, for the deadline of closing has passed, and tells how many
    /// spans that were.
    ///
    /// What is under way may still arrive: it is counted as dropped all the same, for nobody waits for the answer.
    mutating func abandon() -> Int {
        sealAll()
        let count = status.pending
        if let batch = underWay { settle(batch, as: .dropped(.closed)) }
        underWay = nil
        for batch in ready { settle(batch, as: .dropped(.closed)) }
        ready.removeAll()
        return count
    }
}

// MARK: - Bounds

extension SpanQueue {
    /// Why a span is not taken; nil if it is.
    private func refusal(of span: FinishedSpan, byteCount: Int, bytesMax: Int) -> DropCause? {
        if isClosed { return .closed }
        // Collectors refuse the whole batch for one such span.
        guard span.traceID.isValid, span.spanID.isValid else { return .invalid }
        guard byteCount <= bytesMax else { return .tooLarge }
        guard status.pending < limits.queueSpansMax,
            byteCount <= limits.queueBytesMax - pendingBytes
        else { return .queueFull }
        return nil
    }

    /// Whether the queue is half full, so that what is gathered should not wait for its age.
    private var isPressed: Bool {
        status.pending > limits.queueSpansMax / 2 || pendingBytes > limits.queueBytesMax / 2
    }

    /// How many bytes the spans of one batch may have: what process, list headers, sequence number and stats leave.
    private func bytesMax(_ process: TracedProcess) -> Int {
        limits.batchBytesMax - format.byteCount(of: process)
    }
}

// MARK: - Gathering and booking

extension SpanQueue {
    private mutating func drop(_ span: FinishedSpan, for cause: DropCause) -> Admission {
        status.droppedByCause[cause, default: 0] += 1
        ledger.note(1, of: span.process, droppedFor: cause)
        return .dropped(cause)
    }

    /// Puts a span to the others of its process; true if that completed a batch.
    private mutating func gather(
        _ bytes: [UInt8], of process: TracedProcess, into known: Int?, bytesMax: Int,
        now: () -> Instant
    ) -> Bool {
        var wasFull = false
        var index = known
        if let known, gathering[known].encodedSpans.count + bytes.count > bytesMax {
            seal(known)
            wasFull = true
            index = nil
        }
        let at = index ?? begin(process, bytesMax: bytesMax, now: now())
        gathering[at].spanCount += 1
        gathering[at].encodedSpans += bytes
        if gathering[at].spanCount >= limits.batchSpansMax {
            seal(at)
            wasFull = true
        }
        return wasFull
    }

    private mutating func begin(_ process: TracedProcess, bytesMax: Int, now: Instant) -> Int {
        gathering.append(
            Gathering(process: process, bytesMax: bytesMax, dueAt: now + limits.batchAgeMax))
        return gathering.count - 1
    }

    private mutating func seal(_ index: Int) {
        let batch = gathering.remove(at: index)
        lastNumber += 1
        ready.append(
            SpanBatch(
                number: lastNumber, process: batch.process, spanCount: batch.spanCount,
                encodedSpans: batch.encodedSpans))
    }

    private mutating func sealAll() {
        while !gathering.isEmpty { seal(0) }
    }

    private mutating func settle(_ batch: SpanBatch, as delivery: Delivery) {
        lastResolvedNumber = max(lastResolvedNumber, batch.number)
        let count = batch.spanCount
        status.pending -= count
        pendingBytes -= batch.encodedSpans.count
        switch delivery {
        case .sent(let refused):
            let refused = min(max(refused, 0), count)
            status.sent += count - refused
            if refused > 0 { lose(refused, of: batch.process, for: .rejected) }
        case .dropped(let cause): lose(count, of: batch.process, for: cause)
        }
    }

    private mutating func lose(_ count: Int, of process: TracedProcess, for cause: DropCause) {
        status.droppedByCause[cause, default: 0] += count
        ledger.note(count, of: process, droppedFor: cause)
    }
}
