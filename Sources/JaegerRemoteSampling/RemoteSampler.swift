public import JaegerTracing
public import Logging
public import CoreMetrics
public import SpoorHTTP
import SpoorNetworking
public import SpoorTLS
import Synchronization

/// Samples as a Jaeger backend says: it is asked at once, then again each minute.
///
/// The endpoint is `http://HOST:5778/sampling` of a backend or an agent, or
/// `http://HOST:14268/api/sampling` of a Jaeger collector before version 2. Before its first answer
/// another sampler decides. An answer that cannot be had or understood changes nothing; an answer that
/// says the same as the last one keeps the credits of limits.
///
/// Counted as `jaeger_tracer_sampler_queries` (`result` is `ok` for an answer, `err` for none) and
/// `jaeger_tracer_sampler_updates` (`ok` for an answer that said something new, `err` for one that
/// cannot be understood).
public final class RemoteSampler: Sampler {
    /// Where backends on this machine answer.
    public static let localEndpoint = "http://127.0.0.1:5778/sampling"

    /// How long is waited between two questions at the least, whatever is asked for.
    package static let minInterval = Duration.seconds(1)

    private let poller: StrategyPoller
    private let task: Task<Void, Never>

    /// Makes a sampler that asks an endpoint over HTTP.
    ///
    /// - Parameters:
    ///   - serviceName: The service to ask for, as the tracer has it.
    ///   - endpoint: The URL to ask, `http` or `https`; `service=NAME` is added to its query.
    ///   - headers: Header fields for every question, such as `Authorization`.
    ///   - tls: Whom to trust for `https`, and who we are.
    ///   - initial: Decides before the first answer; one trace in a thousand unless told otherwise.
    ///   - interval: How long to wait between two questions, a second to a day; a tenth more or less by chance, so that
    ///     services that start together do not ask together for ever.
    ///   - timeout: How long a question may take; ten seconds.
    ///   - maxOperationCount: For how many operations bounds are kept, where the backend gives such.
    ///   - logger: Where it is told, once, that the endpoint fails, and that it answers again.
    ///   - metricsFactory: Where questions and changes are counted.
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

    /// Makes a sampler that asks a source of one's own.
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

    /// How long to wait before the next question: a tenth more or less than asked for, by chance.
    static func pause(_ interval: Duration) -> Duration {
        max(interval.upToADay * .random(in: 0.9...1.1), minInterval)
    }

    /// Makes a sampler with a pause of one's own between two questions.
    init(_ poller: StrategyPoller, pause: @escaping @Sendable () async throws -> Void) {
        self.poller = poller
        // Detached: what the caller's task carries, its trace above all, is no concern of the sampler's.
        task = Task.detached { await poller.run(pause: pause) }
    }

    deinit {
        task.cancel()
    }

    /// Decides as the endpoint said last.
    public func decide(_ candidate: SamplingParameters) -> SamplingDecision {
        poller.sampler.decide(candidate)
    }

    /// Ends the questions at once, also one that is under way; the last answer stays in force.
    public func close() {
        task.cancel()
    }

    /// Returns when the questions have ended after ``close()``.
    func closed() async {
        await task.value
    }
}

/// Asks a source again and again, and follows what it answers.
///
/// A class of its own beside ``RemoteSampler``, so that its task does not keep a forgotten sampler
/// alive.
final class StrategyPoller: Sendable {
    private let serviceName: String
    private let source: any SamplingStrategySource
    private let followed: Mutex<FollowedStrategy>
    private let logger: Logger
    private let isFailing = Atomic(false)
    private let queriesAnswered, queriesFailed, updatesTaken, updatesFailed: Counter

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
        queriesAnswered = counter("sampler_queries", "ok")
        queriesFailed = counter("sampler_queries", "err")
        updatesTaken = counter("sampler_updates", "ok")
        updatesFailed = counter("sampler_updates", "err")
    }

    /// The sampler in force.
    var sampler: any Sampler { followed.withLock { $0.sampler } }

    /// What is being followed; nil before the first answer.
    var strategy: SamplingStrategy? { followed.withLock { $0.strategy } }

    /// Asks at once and after each pause, until the task is cancelled.
    func run(pause: @Sendable () async throws -> Void) async {
        while !Task.isCancelled {
            await poll()
            // A pause ends early for one reason: the task is cancelled.
            guard (try? await pause()) != nil else { break }
        }
        await source.close()
    }

    /// Asks once.
    func poll() async {
        let answer: [UInt8]
        do {
            answer = try await source.strategy(of: serviceName)
        } catch {
            if Task.isCancelled { return }
            queriesFailed.increment()
            return failed("\(error)")
        }
        queriesAnswered.increment()
        do throws(SamplingStrategyError) {
            let strategy = try SamplingStrategy(answer: answer)
            if followed.withLock({ $0.follow(strategy) }) {
                updatesTaken.increment()
                logger.debug("the sampling strategy changed", metadata: ["to": "\(strategy)"])
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
            "the sampling endpoint cannot be followed; the sampler stays as it is",
            metadata: ["service": "\(serviceName)", "reason": "\(reason)"])
    }

    private func succeeded() {
        guard isFailing.exchange(false, ordering: .relaxed) else { return }
        logger.info("the sampling endpoint answers again")
    }
}

/// The strategy that is being followed, and the sampler that does so.
///
/// Pure. A strategy of the same kind changes the sampler in place, so that its credits stay; the same
/// strategy again changes nothing.
struct FollowedStrategy {
    /// What the endpoint said last; nil before its first answer.
    private(set) var strategy: SamplingStrategy?
    /// Decides as the strategy says.
    private(set) var sampler: any Sampler
    private let maxOperationCount: Int

    init(initial: any Sampler, maxOperationCount: Int) {
        sampler = initial
        self.maxOperationCount = maxOperationCount
    }

    /// Follows another strategy; false if it is the same as before.
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
