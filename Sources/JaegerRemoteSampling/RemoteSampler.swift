public import JaegerTracing
public import Logging
public import CoreMetrics
public import SpoorHTTP
import SpoorNetworking
public import SpoorTLS
import Synchronization

/// A sampler that follows the strategies of a Jaeger backend, which it polls immediately and then once a minute.
///
/// The endpoint is `http://HOST:5778/sampling` of a backend or an agent, or `http://HOST:14268/api/sampling` of a
/// Jaeger collector before version 2. Before the first response another sampler decides. A failed or invalid response
/// changes nothing; a response that is equal to the last one keeps the tokens of rate limits.
///
/// Metrics are `jaeger_tracer_sampler_queries` (`result` is `ok` for a response, `err` for none) and
/// `jaeger_tracer_sampler_updates` (`ok` for a changed strategy, `err` for an invalid one).
public final class RemoteSampler: Sampler {
    /// The default endpoint, of a backend on this machine.
    public static let localEndpoint = "http://127.0.0.1:5778/sampling"

    /// The minimum interval between two requests.
    package static let minInterval = Duration.seconds(1)

    private let poller: StrategyPoller
    private let task: Task<Void, Never>

    /// Creates a sampler that polls an endpoint over HTTP.
    ///
    /// - Parameters:
    ///   - serviceName: The name of the service, as of the tracer.
    ///   - endpoint: The URL, `http` or `https`; `service=NAME` is added to its query.
    ///   - headers: The headers of each request, such as `Authorization`.
    ///   - tls: The TLS configuration for `https`.
    ///   - initial: The sampler before the first response; default: one trace in a thousand.
    ///   - interval: The interval between two requests, a second to a day; it varies randomly by a tenth, so that
    ///     services that start at the same time do not poll at the same time.
    ///   - timeout: The timeout of a request; default: ten seconds.
    ///   - maxOperationCount: The maximum number of operations with separate limits, for strategies per operation.
    ///   - logger: The logger of the first failure and of the recovery.
    ///   - metricsFactory: The factory of the counters of requests and changes.
    public convenience init(
        serviceName: String,
        endpoint: String = RemoteSampler.localEndpoint,
        headers: Headers = Headers(),
        tls: TLSClientConfiguration = TLSClientConfiguration(),
        initial: any Sampler = ProbabilisticSampler(rate: 0.001),
        interval: Duration = .seconds(60),
        timeout: Duration = .seconds(10),
        maxOperationCount: Int = 2000,
        logger: Logger = Logger(label: "jaeger.sampler"),
        metricsFactory: any MetricsFactory = MetricsSystem.factory
    ) {
        self.init(
            serviceName: serviceName,
            source: HTTPStrategySource(
                endpoint: endpoint, headers: headers, tls: tls, timeout: timeout),
            initial: initial, interval: interval, maxOperationCount: maxOperationCount,
            logger: logger, metricsFactory: metricsFactory)
    }

    /// Creates a sampler that polls a custom source.
    public convenience init(
        serviceName: String,
        source: any SamplingStrategySource,
        initial: any Sampler = ProbabilisticSampler(rate: 0.001),
        interval: Duration = .seconds(60),
        maxOperationCount: Int = 2000,
        logger: Logger = Logger(label: "jaeger.sampler"),
        metricsFactory: any MetricsFactory = MetricsSystem.factory
    ) {
        self.init(
            StrategyPoller(
                serviceName: serviceName, source: source,
                followed: FollowedStrategy(
                    initial: initial, maxOperationCount: maxOperationCount),
                logger: logger, metricsFactory: metricsFactory),
            pause: {
                try await ContinuousClock().sleep(for: Self.pause(interval))
            })
    }

    /// Returns the delay before the next request: the interval, varied randomly by a tenth.
    static func pause(_ interval: Duration) -> Duration {
        max(interval.upToADay * .random(in: 0.9...1.1), minInterval)
    }

    /// Creates a sampler with a custom delay between two requests.
    init(_ poller: StrategyPoller, pause: @escaping @Sendable () async throws -> Void) {
        self.poller = poller
        // Detached, so that it does not inherit the task-local values of the caller, in particular its trace.
        task = Task.detached { await poller.run(pause: pause) }
    }

    deinit {
        task.cancel()
    }

    /// Decides with the last received strategy.
    public func decide(_ parameters: SamplingParameters) -> SamplingDecision {
        poller.sampler.decide(parameters)
    }

    /// Stops polling immediately, and cancels a request in progress; the last strategy remains in use.
    public func shutdown() {
        task.cancel()
    }

    /// Returns when polling has stopped after ``shutdown()``.
    func stopped() async {
        await task.value
    }
}

/// Polls a source, and applies the received strategies.
///
/// It is separate from ``RemoteSampler``, so that its task does not keep an unused sampler alive.
final class StrategyPoller: Sendable {
    private let serviceName: String
    private let source: any SamplingStrategySource
    private let followed: Mutex<FollowedStrategy>
    private let logger: Logger
    private let isFailing = Atomic(false)
    private let queriesSucceeded, queriesFailed, updatesApplied, updatesFailed: Counter

    init(
        serviceName: String, source: any SamplingStrategySource, followed: FollowedStrategy,
        logger: Logger, metricsFactory: any MetricsFactory
    ) {
        self.serviceName = serviceName
        self.source = source
        self.followed = Mutex(followed)
        self.logger = logger
        func counter(_ name: String, _ result: String) -> Counter {
            Counter(
                label: "jaeger_tracer_" + name, dimensions: [("result", result)],
                factory: metricsFactory)
        }
        queriesSucceeded = counter("sampler_queries", "ok")
        queriesFailed = counter("sampler_queries", "err")
        updatesApplied = counter("sampler_updates", "ok")
        updatesFailed = counter("sampler_updates", "err")
    }

    /// The current sampler.
    var sampler: any Sampler { followed.withLock { $0.sampler } }

    /// The current strategy; nil before the first response.
    var strategy: SamplingStrategy? { followed.withLock { $0.strategy } }

    /// Polls immediately and after each delay, until the task is cancelled.
    func run(pause: @Sendable () async throws -> Void) async {
        while !Task.isCancelled {
            await poll()
            // The delay throws only if the task is cancelled.
            guard (try? await pause()) != nil else { break }
        }
        await source.shutdown()
    }

    /// Polls once.
    func poll() async {
        let response: [UInt8]
        do {
            response = try await source.strategy(of: serviceName)
        } catch {
            if Task.isCancelled { return }
            queriesFailed.increment()
            return failed("\(error)")
        }
        queriesSucceeded.increment()
        do throws(SamplingStrategyError) {
            let strategy = try SamplingStrategy(response: response)
            if followed.withLock({ $0.follow(strategy) }) {
                updatesApplied.increment()
                logger.debug("sampling strategy changed", metadata: ["to": "\(strategy)"])
            }
            succeeded()
        } catch {
            updatesFailed.increment()
            failed("\(error)")
        }
    }

    private func failed(_ reason: String) {
        if isFailing.exchange(true, ordering: .relaxed) { return }
        logger.warning(
            "sampling strategy request failed, keeping last strategy",
            metadata: ["service": "\(serviceName)", "reason": "\(reason)"])
    }

    private func succeeded() {
        guard isFailing.exchange(false, ordering: .relaxed) else { return }
        logger.info("sampling strategy requests recovered")
    }
}

/// The current strategy and its sampler.
///
/// It has no side effects. A strategy of the same kind updates the sampler, so that its tokens are kept; an equal
/// strategy changes nothing.
struct FollowedStrategy {
    /// The last received strategy; nil before the first response.
    private(set) var strategy: SamplingStrategy?
    /// The sampler of the strategy.
    private(set) var sampler: any Sampler
    private let maxOperationCount: Int

    init(initial: any Sampler, maxOperationCount: Int) {
        sampler = initial
        self.maxOperationCount = maxOperationCount
    }

    /// Applies a strategy; returns false if it is equal to the current one.
    mutating func follow(_ new: SamplingStrategy) -> Bool {
        guard new != strategy else { return false }
        strategy = new
        switch (new, sampler) {
        case (.probabilistic(let rate), _):
            sampler = ProbabilisticSampler(rate: rate)
        case (.rateLimiting(let rate), let sampler as RateLimitingSampler):
            sampler.update(tracesPerSecond: rate)
        case (.rateLimiting(let rate), _):
            sampler = RateLimitingSampler(tracesPerSecond: rate)
        case (.perOperation(let rates), let sampler as PerOperationSampler):
            sampler.update(rates)
        case (.perOperation(let rates), _):
            sampler = PerOperationSampler(rates, maxOperationCount: maxOperationCount)
        }
        return true
    }
}
