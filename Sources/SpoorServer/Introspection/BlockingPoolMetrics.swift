import CoreMetrics
import SpoorNetworking
import Synchronization

/// The publisher of the counters of all blocking pools of the process through swift-metrics, by the pools' names.
///
/// Totals are published as differences, once for each factory: servers that use the bootstrapped `MetricsSystem`
/// share one publisher.
final class BlockingPoolMetrics: Sendable {
    private struct Instruments {
        let threads, running, waiting: Meter
        let completed, rejected: Counter
        private var completedCount = 0
        private var refusedCount = 0
        private(set) var latest = BlockingPool.Counters()

        init(pool: String, factory: any MetricsFactory) {
            func meter(_ name: String, _ dimensions: (String, String)...) -> Meter {
                Meter(
                    label: "spoor.blocking_pool." + name,
                    dimensions: [("pool", pool)] + dimensions, factory: factory)
            }
            func counter(_ name: String) -> Counter {
                Counter(
                    label: "spoor.blocking_pool." + name, dimensions: [("pool", pool)],
                    factory: factory)
            }
            threads = meter("threads")
            running = meter("work", ("state", "running"))
            waiting = meter("work", ("state", "waiting"))
            completed = counter("completed")
            rejected = counter("rejected")
        }

        mutating func publish(_ counters: BlockingPool.Counters) {
            threads.set(counters.threads)
            running.set(counters.running)
            waiting.set(counters.waiting)
            // Totals never decrease here: those of a pool that is ending are missing for a moment.
            let more = (
                completed: counters.completed - completedCount,
                rejected: counters.rejected - refusedCount
            )
            if more.completed > 0 { completed.increment(by: more.completed) }
            if more.rejected > 0 { rejected.increment(by: more.rejected) }
            completedCount += max(0, more.completed)
            refusedCount += max(0, more.rejected)
            latest = counters
        }
    }

    /// The publisher to the bootstrapped `MetricsSystem`.
    static let system = BlockingPoolMetrics(factory: nil)

    private let factory: (any MetricsFactory)?
    private let instruments = Mutex<[String: Instruments]>([:])

    init(factory: (any MetricsFactory)?) {
        self.factory = factory
    }

    /// Publishes the changes since the last call.
    func publish(_ all: [String: BlockingPool.Counters]) {
        instruments.withLock { instruments in
            for name in Set(all.keys).union(instruments.keys) {
                // A missing entry is a pool that has ended without any work.
                let counters = all[name] ?? BlockingPool.Counters()
                var pool =
                    instruments[name]
                    ?? Instruments(pool: name, factory: factory ?? MetricsSystem.factory)
                guard counters != pool.latest else { continue }
                pool.publish(counters)
                instruments[name] = pool
            }
        }
    }
}
