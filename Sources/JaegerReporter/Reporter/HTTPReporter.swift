public import JaegerTracing
import JaegerThrift
import Logging
import Metrics
public import ServiceLifecycle
import Synchronization

/// The shared asynchronous reporter: gathers finished spans and posts them to a Jaeger collector as `jaeger.thrift`.
///
/// One instance serves any number of tracers. ``report(_:)`` only puts the span into a bounded queue; a task of its own, which
/// begins with the first span, encodes and sends. Every span is sent, or dropped and counted under its cause: see ``status``. The
/// reporter's own requests are never traced.
public final class HTTPReporter: SpanReporter, Service {
    private let queue: Mutex<SpanQueue>
    private let limits: ReporterLimits
    private let sender: any BatchSender
    private let wakeUp = Signal()
    private let waiting = Mutex<[Waiting]>([])
    private let worker = Mutex<Task<Void, Never>?>(nil)
    private let failures: FailureLog
    private let metrics = ReporterMetrics()

    /// A flush that waits for a batch.
    private struct Waiting {
        let batch: Int
        let continuation: CheckedContinuation<Void, Never>
    }

    /// Makes a reporter over a way of sending.
    init(sender: any BatchSender, limits: ReporterLimits, logger: Logger) {
        self.sender = sender
        self.limits = limits
        queue = Mutex(SpanQueue(limits: limits))
        failures = FailureLog(logger: logger)
    }

    /// The account of all spans at this moment.
    public var status: ReporterStatus { queue.withLock { $0.status } }

    /// Takes over a finished span; never waits and never throws.
    public func report(_ span: FinishedSpan) {
        let byteCount = span.thriftByteCount
        let admission = queue.withLock {
            $0.push(span, byteCount: byteCount, now: { ContinuousClock.now })
        }
        switch admission {
        case .kept: break
        case .keptWaking: wakeWorker()
        case .dropped(let cause):
            metrics.dropped(1, for: cause)
            failures.note(1, because: cause.rawValue)
        }
    }

    /// Returns when every span reported before the call is sent or dropped.
    public func flush() async {
        let number = queue.withLock { $0.flush() }
        await resolved(number)
    }

    /// Sends what waits without waiting for more; returns at once.
    public func flushSoon() {
        _ = queue.withLock { $0.flush() }
        wakeWorker()
    }

    /// Refuses further spans, sends what waits, and drops and counts what cannot be sent in time.
    ///
    /// - Parameter timeout: How long to wait; ``ReporterLimits/closeTimeout`` if nil.
    /// - Returns: The final account.
    @discardableResult
    public func close(within timeout: Duration? = nil) async -> ReporterStatus {
        let number = queue.withLock { queue in
            queue.close()
            return queue.flush()
        }
        wakeWorker()
        // Not a child: the last flush goes on when the caller's task is cancelled.
        let alarm = Task.detached { [self, timeout = timeout ?? limits.closeTimeout] in
            try? await ContinuousClock().sleep(for: timeout)
            if !Task.isCancelled { abandon() }
        }
        await resolved(number)
        alarm.cancel()
        await worker.withLock { $0 }?.value
        await sender.close()
        failures.report(final: status)
        return status
    }

    /// Waits for the graceful shutdown of the service group, or for cancellation, then closes.
    public func run() async throws {
        try? await gracefulShutdown()
        await close()
    }

    // MARK: The worker

    /// Wakes the task that sends; starts it at the first span, so that a program without spans has no such task.
    private func wakeWorker() {
        worker.withLock { worker in
            // Detached: what the first span's task carries, its trace above all, is no concern of the reporter's.
            worker = worker ?? Task.detached { [self] in await work() }
        }
        wakeUp.raise()
    }

    private func work() async {
        while true {
            switch queue.withLock({ $0.next(now: .now) }) {
            case .send(let batch): await send(batch)
            case .wait(until: nil): await wakeUp.wait()
            case .wait(until: let instant?): await wakeUp.wait(until: instant)
            case .finished: return
            }
        }
    }

    private func send(_ batch: SpanQueue.Batch) async {
        var encoder = BatchEncoder(process: batch.process, capacityBytes: batch.byteCount)
        for span in batch.spans {
            encoder.append(span)
        }
        let outcome = await sender.send(encoder.finish())
        switch outcome {
        case .accepted: resolve(batch, droppedFor: nil, because: nil)
        case .rejected(let reason): resolve(batch, droppedFor: .rejected, because: reason)
        case .undeliverable(let reason): resolve(batch, droppedFor: .undeliverable, because: reason)
        }
    }

    private func resolve(
        _ batch: SpanQueue.Batch, droppedFor cause: ReporterStatus.DropCause?,
        because reason: String?
    ) {
        let status = queue.withLock { queue in
            queue.resolve(batch, droppedFor: cause, error: reason)
            return queue.status
        }
        metrics.note(batch.spans.count, droppedFor: cause, pending: status.pending)
        failures.note(batch.spans.count, because: reason)
        resumeResolved()
    }

    /// Gives up what waits, and the request under way.
    private func abandon() {
        let count = queue.withLock { $0.abandon() }
        if count > 0 { metrics.dropped(count, for: .closed) }
        worker.withLock { $0 }?.cancel()
        resumeResolved()
    }

    // MARK: Waiting for batches

    private func resolved(_ number: Int) async {
        wakeWorker()
        await withCheckedContinuation { continuation in
            waiting.withLock { $0.append(Waiting(batch: number, continuation: continuation)) }
            // A batch that was resolved meanwhile finds nobody waiting: look again.
            resumeResolved()
        }
    }

    private func resumeResolved() {
        let resumed = waiting.withLock { waiting in
            queue.withLock { queue in
                let resumed = waiting.filter { queue.isResolved($0.batch) }
                waiting.removeAll { queue.isResolved($0.batch) }
                return resumed
            }
        }
        for flush in resumed { flush.continuation.resume() }
    }
}

extension HTTPReporter: CustomStringConvertible {
    /// The account on one line.
    public var description: String { "HTTPReporter(\(status))" }
}
