import JaegerTracing
import Logging
import CoreMetrics
import Synchronization

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
