public import JaegerTracing
public import Logging
public import CoreMetrics
public import ServiceLifecycle
import SpoorClient
import SpoorNetworking
import Synchronization

/// The shared asynchronous reporter: gathers finished spans and posts them to a collector.
///
/// One instance serves any number of tracers. ``report(_:)`` only encodes the span into a bounded queue; a task of its own,
/// which begins with the first span, sends, and tries again. Every span is sent, or dropped and counted under its cause: see
/// ``status``. The reporter's own requests are never traced.
public final class HTTPReporter: SpanReporter, Service {
    let queue: Mutex<SpanQueue>
    let limits: ReporterLimits
    let endpoint: CollectorEndpoint
    let sender: any BatchSender
    let time: TimeSource
    let failures: FailureLog
    let metrics: ReporterMetrics
    let wakeUp = Signal()
    let waiters = FlushWaiters()
    let haste = Mutex(Haste())
    private let worker = Mutex<Task<Void, Never>?>(nil)

    /// Makes a reporter that posts to an endpoint; it connects when the first span comes.
    ///
    /// If no request can be sent to its URL, that is logged at once and stands in ``status``; spans are dropped as
    /// ``ReporterStatus/DropCause/rejected``.
    ///
    /// - Parameters:
    ///   - endpoint: Where a collector is, and in which format and with which headers it takes spans.
    ///   - limits: Bounds, time-outs, and how often is tried again.
    ///   - logger: Where failures are told: the first at once, then at most one line a minute; each refusal once.
    ///   - metricsFactory: Where the account is counted; bootstrap the metrics system before.
    public convenience init(
        _ endpoint: CollectorEndpoint,
        limits: ReporterLimits = ReporterLimits(),
        logger: Logger = Logger(label: "jaeger.reporter"),
        metricsFactory: any MetricsFactory = MetricsSystem.factory
    ) {
        self.init(
            endpoint, by: HTTPBatchSender(endpoint, limits: limits), limits: limits, logger: logger,
            metrics: ReporterMetrics(factory: metricsFactory))
    }

    /// Makes a reporter over a way of sending.
    init(
        _ endpoint: CollectorEndpoint, by sender: any BatchSender, limits: ReporterLimits,
        logger: Logger, metrics: ReporterMetrics = ReporterMetrics(), time: TimeSource = .continuous
    ) {
        self.endpoint = endpoint
        self.sender = sender
        self.limits = limits
        self.metrics = metrics
        self.time = time
        queue = Mutex(SpanQueue(limits: limits, format: endpoint.format))
        failures = FailureLog(logger: logger, endpoint: endpoint.description)
        if let refusal = HTTPClient.refusal(ofURL: endpoint.url) {
            queue.withLock { $0.noteFailure("\(refusal)", at: time.now()) }
            failures.report(unusable: "\(refusal)")
        }
    }

    /// The account of all spans at this moment.
    public var status: ReporterStatus { queue.withLock { $0.status } }

    /// Takes over a finished span; never waits and never throws.
    public func report(_ span: FinishedSpan) {
        // Here, while the span is still in the processor's cache, and before the lock.
        let bytes = endpoint.format.bytes(of: span)
        let admission = queue.withLock { $0.push(span, as: bytes, now: time.now) }
        switch admission {
        case .kept: break
        case .keptWaking: wakeWorker()
        case .dropped(let cause):
            metrics.drop(1, for: cause)
            failures.note {
                $0.lost(1, because: cause.rawValue, isRefusal: false, at: time.now())
            }
        }
    }

    /// Returns when every span reported before the call is sent or dropped.
    ///
    /// A pause after a failure is cut to ``RetryPolicy/firstPause``, unless the collector named its end. While the collector
    /// does not answer, a flush may take ``RetryPolicy/budget`` for each batch; ``close(within:)`` has a deadline. Cancelling
    /// the task does not end the wait.
    public func flush() async {
        haste.withLock { $0.flush() }
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
    /// What waits after a failure is tried at once, and a last time shortly before the deadline; before the time that the
    /// collector named in `Retry-After` only then.
    ///
    /// Cancelling the task does not cut it short. ``status`` is final afterwards: nothing is pending.
    ///
    /// - Parameter timeout: How long to wait, a day at the most; ``ReporterLimits/closeTimeout`` if nil.
    public func close(within timeout: Duration? = nil) async {
        let now = time.now()
        let deadline = now + (timeout ?? limits.closeTimeout).upToADay
        haste.withLock { $0.close(at: now, deadline: deadline) }
        let number = queue.withLock { queue in
            queue.close()
            return queue.flush()
        }
        // Not a child: the last flush goes on when the caller's task is cancelled.
        let alarm = Task.detached { [self] in
            try await time.sleep(deadline)
            abandon()
        }
        await resolved(number)
        alarm.cancel()
        await sender.close()
        failures.report(final: status)
    }

    /// Waits for the graceful shutdown of the service group, or for cancellation, then closes.
    public func run() async throws {
        try? await gracefulShutdown()
        await close()
    }

    /// Wakes the task that sends; starts it at the first span, so that a program without spans has no such task.
    func wakeWorker() {
        worker.withLock { worker in
            // Detached: what the first span's task carries, its trace above all, is no concern of the reporter's.
            worker = worker ?? Task.detached { [self] in await work() }
        }
        wakeUp.raise()
    }

    /// Gives up what is pending, and the request under way.
    private func abandon() {
        let count = queue.withLock { $0.abandon() }
        if count > 0 { metrics.drop(count, for: .closed) }
        worker.withLock { $0?.cancel() }
        resumeWaiters()
        wakeUp.raise()
    }

    private func resolved(_ number: Int) async {
        wakeWorker()
        await waiters.wait(for: number)
    }

    /// Lets those go on that wait for what is resolved by now.
    func resumeWaiters() {
        waiters.resume(upTo: queue.withLock { $0.lastResolvedNumber })
    }
}

extension HTTPReporter: CustomStringConvertible {
    /// The account on one line.
    public var description: String { "HTTPReporter(\(status))" }
}
