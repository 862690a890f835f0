import JaegerTracing
import JaegerThrift

/// The spans that wait, gathered into batches of one process each; and the account of all that came.
///
/// Pure: time comes in as a value, and what to do next goes out as one. The reporter keeps it under a lock.
struct SpanQueue {
    typealias Instant = ContinuousClock.Instant
    typealias DropCause = ReporterStatus.DropCause

    /// Spans of one process that travel together.
    struct Batch {
        /// Batches are sent in the order of their numbers, from 1.
        let number: Int
        let process: TracedProcess
        let spans: [FinishedSpan]
        /// The size of the spans in the encoding of the wire.
        let byteCount: Int
    }

    /// What became of a span that was handed in.
    enum Admission: Equatable {
        /// It waits; the sender finds it by itself.
        case kept
        /// It waits, and the sender must be woken: it is the first one, or it completed a batch.
        case keptWaking
        case dropped(DropCause)
    }

    /// What the sender has to do.
    enum Step {
        case send(Batch)
        /// Nothing is due before that instant, or before a span comes if nil.
        case wait(until: Instant?)
        /// Closed and empty: the sender ends.
        case finished
    }

    /// A batch that still grows.
    private struct Gathering {
        let process: TracedProcess
        var spans: [FinishedSpan] = []
        var byteCount: Int
        let dueAt: Instant
    }

    private let limits: ReporterLimits
    private(set) var status = ReporterStatus()
    private var gathering: [Gathering] = []
    private var ready: [Batch] = []
    /// The bytes of all spans that are not under way, in the encoding of the wire.
    private var waitingBytes = 0
    private var waitingSpans = 0
    private var lastNumber = 0
    private var lastResolvedNumber = 0
    private var isClosed = false
    /// Whether the sender waits for a first span: only then, and when a batch is full, must it be woken.
    private var isSenderIdle = true

    init(limits: ReporterLimits) {
        self.limits = limits
    }

    /// Takes a span in, or drops and counts it.
    ///
    /// - Parameters:
    ///   - byteCount: The size of the span in the encoding of the wire.
    ///   - now: Asked for only when the span begins a batch.
    mutating func push(_ span: FinishedSpan, byteCount: Int, now: () -> Instant)
        -> Admission
    {
        status.finished += 1
        if isClosed { return drop(.closed) }
        guard byteCount <= bytesMax(span.process) else {
            return drop(.tooLarge)
        }
        guard waitingSpans < limits.queueSpansMax, waitingBytes + byteCount <= limits.queueBytesMax
        else { return drop(.queueFull) }
        waitingSpans += 1
        waitingBytes += byteCount
        status.pending += 1
        let wasFull = gather(span, byteCount: byteCount, now: now)
        guard wasFull || isSenderIdle else { return .kept }
        isSenderIdle = false
        return .keptWaking
    }

    /// What the sender has to do at an instant.
    mutating func next(now: Instant) -> Step {
        // Also while full batches are ready: a busy tracer must not keep a quiet one's spans from their turn.
        while let index = gathering.firstIndex(where: { isClosed || $0.dueAt <= now }) {
            seal(index)
        }
        guard ready.isEmpty else {
            let batch = ready.removeFirst()
            waitingSpans -= batch.spans.count
            waitingBytes -= batch.byteCount
            return .send(batch)
        }
        if isClosed { return .finished }
        let dueAt = gathering.map(\.dueAt).min()
        isSenderIdle = dueAt == nil
        return .wait(until: dueAt)
    }

    /// Books what became of a batch that was under way.
    ///
    /// - Parameter cause: Why it was dropped; nil if it was sent.
    mutating func resolve(_ batch: Batch, droppedFor cause: DropCause?, error: String? = nil) {
        lastResolvedNumber = max(lastResolvedNumber, batch.number)
        status.pending -= batch.spans.count
        if let cause {
            status.droppedByCause[cause, default: 0] += batch.spans.count
        } else {
            status.sent += batch.spans.count
        }
        if let error { status.lastError = error }
    }

    /// Makes all that waits due, and tells the number of the last batch that a flush has to wait for.
    mutating func flush() -> Int {
        while !gathering.isEmpty { seal(0) }
        return lastNumber
    }

    /// Whether every batch up to a number is sent or dropped.
    func isResolved(_ number: Int) -> Bool { lastResolvedNumber >= number }

    /// Refuses spans from now on and makes all that waits due.
    mutating func close() {
        isClosed = true
        _ = flush()
    }

    /// Drops all that waits, for the deadline of closing has passed, and tells how many spans that were.
    mutating func abandon() -> Int {
        _ = flush()
        let count = waitingSpans
        for batch in ready { resolve(batch, droppedFor: .closed) }
        ready.removeAll()
        waitingSpans = 0
        waitingBytes = 0
        return count
    }

    private mutating func drop(_ cause: DropCause) -> Admission {
        status.droppedByCause[cause, default: 0] += 1
        return .dropped(cause)
    }

    /// Puts a span to the others of its process; true if that completed a batch.
    private mutating func gather(_ span: FinishedSpan, byteCount: Int, now: () -> Instant) -> Bool {
        var wasFull = false
        var index = gathering.firstIndex { $0.process === span.process }
        if let known = index, gathering[known].byteCount + byteCount > bytesMax(span.process) {
            seal(known)
            wasFull = true
            index = nil
        }
        let at = index ?? begin(span.process, now: now())
        gathering[at].spans.append(span)
        gathering[at].byteCount += byteCount
        if gathering[at].spans.count >= limits.batchSpansMax {
            seal(at)
            wasFull = true
        }
        return wasFull
    }

    private mutating func begin(_ process: TracedProcess, now: Instant) -> Int {
        gathering.append(
            Gathering(process: process, byteCount: 0, dueAt: now + limits.batchAgeMax))
        return gathering.count - 1
    }

    private mutating func seal(_ index: Int) {
        let batch = gathering.remove(at: index)
        lastNumber += 1
        ready.append(
            Batch(
                number: lastNumber, process: batch.process, spans: batch.spans,
                byteCount: batch.byteCount))
    }

    /// How many bytes the spans of one batch may have: what process, list header and stop leave of the bound.
    private func bytesMax(_ process: TracedProcess) -> Int {
        limits.batchBytesMax - process.thriftByteCount - 64
    }
}
