public import JaegerTracing
public import Logging
public import CoreMetrics
public import ServiceLifecycle
import SpoorClient
import SpoorNetworking
import Synchronization

/// Exports finished spans to a collector in batches; OpenTelemetry calls this a batch span processor with its exporter.
///
/// One instance serves any number of tracers. ``report(_:)`` only encodes the span into a bounded queue; a separate
/// task, which starts with the first span, exports and retries. Each span is sent, or dropped and counted under its
/// cause: see ``status``. The reporter's own requests are never traced.
public final class HTTPReporter: SpanReporter, Service {
    let queue: Mutex<SpanQueue>
    let limits: ReporterLimits
    let endpoint: CollectorEndpoint
    let exporter: any SpanExporter
    let time: TimeSource
    let failures: FailureLog
    let metrics: ReporterMetrics
    let waiters = FlushWaiters()
    let requests = Mutex(FlushRequests())
    /// Wakes the worker, the only iterator; a wake-up during its work is kept, several are merged into one.
    let wakeUps: AsyncStream<Void>
    let wakeUp: AsyncStream<Void>.Continuation
    private let worker = Mutex<Task<Void, Never>?>(nil)

    /// Creates a reporter that posts to an endpoint; it connects when the first span is reported.
    ///
    /// If no request can be sent to its URL, that is logged immediately and shown in ``status``; spans are dropped as
    /// ``ReporterStatus/DropCause/rejected``.
    ///
    /// - Parameters:
    ///   - endpoint: The URL, format and headers of the collector.
    ///   - limits: The limits, timeouts and retries.
    ///   - logger: The logger of failures: the first immediately, then at most one line per minute; each rejection
    ///     reason once.
    ///   - metricsFactory: The factory of the counters; bootstrap the metrics system before.
    public convenience init(
        _ endpoint: CollectorEndpoint,
        limits: ReporterLimits = ReporterLimits(),
        logger: Logger = Logger(label: "jaeger.reporter"),
        metricsFactory: any MetricsFactory = MetricsSystem.factory
    ) {
        self.init(
            endpoint, by: HTTPExporter(endpoint, limits: limits), limits: limits, logger: logger,
            metrics: ReporterMetrics(factory: metricsFactory))
    }

    /// Creates a reporter with an exporter.
    init(
        _ endpoint: CollectorEndpoint, by exporter: any SpanExporter, limits: ReporterLimits,
        logger: Logger, metrics: ReporterMetrics = ReporterMetrics(), time: TimeSource = .continuous
    ) {
        self.endpoint = endpoint
        self.exporter = exporter
        self.limits = limits
        self.metrics = metrics
        self.time = time
        (wakeUps, wakeUp) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        queue = Mutex(SpanQueue(limits: limits, format: endpoint.format))
        failures = FailureLog(logger: logger, endpoint: endpoint.description)
        if let error = HTTPClient.validationError(ofURL: endpoint.url) {
            queue.withLock { $0.recordFailure("\(error)", at: time.now()) }
            failures.report(unusable: "\(error)")
        }
    }

    /// The current counts of all spans.
    public var status: ReporterStatus { queue.withLock { $0.status } }

    /// Accepts a finished span; never blocks and does not throw.
    public func report(_ span: FinishedSpan) {
        // Encoded here, while the span is still in the processor's cache, and before the lock is acquired.
        let bytes = endpoint.format.bytes(of: span)
        let admission = queue.withLock { $0.push(span, as: bytes, now: time.now) }
        switch admission {
        case .queued(wakesWorker: false): break
        case .queued(wakesWorker: true): wakeWorker()
        case .dropped(let cause):
            metrics.drop(1, for: cause)
            failures.record {
                $0.lost(1, because: cause.rawValue, isRejection: false, at: time.now())
            }
        }
    }

    /// Returns when every span reported before the call is sent or dropped.
    ///
    /// A running backoff is shortened to ``RetryPolicy/initialBackoff``, unless the collector has sent `Retry-After`. While
    /// the collector does not respond, a flush may take ``RetryPolicy/maxElapsedTime`` for each batch;
    /// ``shutdown(timeout:)`` has a deadline. Cancelling the task does not end the wait.
    public func forceFlush() async {
        requests.withLock { $0.requestFlush() }
        let number = queue.withLock { $0.flush() }
        await resolved(number)
    }

    /// Requests a flush and returns immediately: pending spans are sent without waiting for a full batch.
    public func requestFlush() {
        _ = queue.withLock { $0.flush() }
        wakeWorker()
    }

    /// Drops spans that are reported from now on, sends pending ones, and drops and counts those that cannot be sent in
    /// time.
    ///
    /// A batch that waits for a retry is sent immediately, and a last time shortly before the deadline; if the collector
    /// has sent `Retry-After`, and that time has not passed, only shortly before the deadline.
    ///
    /// Cancelling the task does not shorten the wait. ``status`` is final afterwards: nothing is pending.
    ///
    /// - Parameter timeout: The maximum time to wait, at most a day; ``ReporterLimits/shutdownTimeout`` if nil.
    public func shutdown(timeout: Duration? = nil) async {
        let now = time.now()
        let deadline = now + (timeout ?? limits.shutdownTimeout).upToADay
        requests.withLock { $0.requestShutdown(at: now, deadline: deadline) }
        let number = queue.withLock { queue in
            queue.close()
            return queue.flush()
        }
        // Not a child task: the last flush continues when the caller's task is cancelled.
        let timer = Task.detached { [self] in
            try await time.sleep(deadline)
            abandon()
        }
        await resolved(number)
        timer.cancel()
        await exporter.shutdown()
        failures.report(final: status)
    }

    /// Waits for the graceful shutdown of the service group, or for cancellation, then shuts down.
    public func run() async throws {
        try? await gracefulShutdown()
        await shutdown()
    }

    /// Wakes the worker; starts it at the first span, so that a program without spans has no such task.
    func wakeWorker() {
        worker.withLock { worker in
            // Detached, so that it does not inherit the task-local values of the first span's task, in particular its
            // trace.
            worker = worker ?? Task.detached { [self] in await work() }
        }
        wakeUp.yield()
    }

    /// Drops all pending spans, and cancels the request in flight.
    private func abandon() {
        let count = queue.withLock { $0.abandon() }
        if count > 0 { metrics.drop(count, for: .closed) }
        worker.withLock { $0?.cancel() }
        resumeWaiters()
        wakeUp.yield()
    }

    private func resolved(_ number: Int) async {
        wakeWorker()
        await waiters.wait(for: number)
    }

    /// Resumes the flushes whose batches are sent or dropped.
    func resumeWaiters() {
        waiters.resume(upTo: queue.withLock { $0.lastResolvedNumber })
    }
}

extension HTTPReporter: CustomStringConvertible {
    /// The name of the type, and the counts on one line.
    public var description: String { "HTTPReporter(\(status))" }
}

// MARK: Creation with a URL

extension HTTPReporter {
    /// The URL for `jaeger.thrift` of a Jaeger collector on this machine.
    public static let localEndpoint = CollectorEndpoint.localJaegerURL

    /// Creates a reporter that posts `jaeger.thrift`; it connects when the first span is reported.
    ///
    /// - Parameters:
    ///   - endpoint: The complete URL of the collector's `POST /api/traces`, with path and query.
    ///   - limits: The limits, timeouts and retries.
    ///   - logger: The logger of failures: the first immediately, then at most one line per minute; each rejection
    ///     reason once.
    ///   - metricsFactory: The factory of the counters; bootstrap the metrics system before.
    public convenience init(
        endpoint: String = HTTPReporter.localEndpoint,
        limits: ReporterLimits = ReporterLimits(),
        logger: Logger = Logger(label: "jaeger.reporter"),
        metricsFactory: any MetricsFactory = MetricsSystem.factory
    ) {
        self.init(.jaeger(endpoint), limits: limits, logger: logger, metricsFactory: metricsFactory)
    }

    /// The URL for OTLP of an OpenTelemetry Collector, or of a Jaeger collector since version 1.35, on this machine.
    public static let localOTLPEndpoint = CollectorEndpoint.localOTLPURL

    /// Returns a reporter that posts OTLP in binary protobuf; it connects when the first span is reported.
    ///
    /// - Parameters:
    ///   - endpoint: The complete URL of the collector's `POST /v1/traces`, with path and query.
    ///   - limits: The limits, timeouts and retries.
    ///   - logger: The logger of failures: the first immediately, then at most one line per minute; each rejection
    ///     reason once.
    ///   - metricsFactory: The factory of the counters; bootstrap the metrics system before.
    public static func otlp(
        endpoint: String = HTTPReporter.localOTLPEndpoint,
        limits: ReporterLimits = ReporterLimits(),
        logger: Logger = Logger(label: "jaeger.reporter"),
        metricsFactory: any MetricsFactory = MetricsSystem.factory
    ) -> HTTPReporter {
        HTTPReporter(
            .otlp(endpoint), limits: limits, logger: logger, metricsFactory: metricsFactory)
    }
}

/// The flushes that wait until all batches up to a number are sent or dropped.
final class FlushWaiters: Sendable {
    private struct Waiter {
        let batch: Int
        let continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        /// All batches up to this number are sent or dropped.
        var lastCompleted = 0
        var waiters: [Waiter] = []
    }

    private let state = Mutex(State())

    /// Returns when a batch is sent or dropped; cancelling the task has no effect, so that a last flush is not
    /// shortened.
    func wait(for batch: Int) async {
        await withCheckedContinuation { continuation in
            let isCompleted = state.withLock { state in
                if batch <= state.lastCompleted { return true }
                state.waiters.append(Waiter(batch: batch, continuation: continuation))
                return false
            }
            if isCompleted { continuation.resume() }
        }
    }

    /// Resumes the waiters of batches up to that number, now or later.
    func resume(upTo batch: Int) {
        let done = state.withLock { state in
            state.lastCompleted = max(state.lastCompleted, batch)
            let done = state.waiters.filter { $0.batch <= batch }
            state.waiters.removeAll { $0.batch <= batch }
            return done
        }
        for waiter in done { waiter.continuation.resume() }
    }
}

/// The clock of a reporter: the continuous clock, or a manual one in tests.
///
/// It has two closures and is not a `Clock`, because instants of another clock could not be compared with those in
/// ``ReporterStatus``.
struct TimeSource: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// Returns the current instant.
    let now: @Sendable () -> Instant
    /// Returns at an instant, or after a day; throws if the task is cancelled before.
    let sleep: @Sendable (_ until: Instant) async throws -> Void

    /// The continuous clock.
    static let continuous = TimeSource(
        now: { ContinuousClock.now },
        sleep: { instant in
            let pause = ContinuousClock.now.duration(to: instant)
            try await ContinuousClock().sleep(for: pause.upToADay)
        })
}
