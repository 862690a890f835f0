internal import Synchronization

/// The blocking pools of the process, so that their counters can be published without a list of them
/// by hand.
///
/// Pools of one name are summed, and the totals of a pool that is gone stay with its name.
package final class BlockingPoolRegistry: Sendable {
    private struct Entry {
        weak var threads: BlockingThreads?
    }

    private struct State {
        var entries: [ObjectIdentifier: Entry] = [:]
        /// Totals of pools that are gone, by name.
        var ended: [String: BlockingPool.Counters] = [:]
    }

    /// That of the process.
    package static let process = BlockingPoolRegistry()

    /// Further names share one entry: names must not grow without bound, for metrics are made of them.
    static let maxNames = 64
    static let otherNames = "other"

    private let state = Mutex(State())

    init() {}

    /// The counters at this moment, by the names of the pools.
    package var counters: [String: BlockingPool.Counters] {
        // The pools are held until the lock is released, for the end of one takes it.
        let (pools, ended) = state.withLock { state in
            (state.entries.values.compactMap(\.threads), state.ended)
        }
        return pools.sorted { $0.name < $1.name }.reduce(into: ended) { all, threads in
            all[Self.key(for: threads.name, in: all), default: .init()] += threads.counters
        }
    }

    func add(_ threads: BlockingThreads) {
        state.withLock { $0.entries[ObjectIdentifier(threads)] = Entry(threads: threads) }
    }

    /// Forgets a pool that ends, and keeps what it has done.
    func remove(_ threads: BlockingThreads) {
        var totals = BlockingPool.Counters()
        totals.completed = threads.counters.completed
        totals.refused = threads.counters.refused
        state.withLock { state in
            state.entries[ObjectIdentifier(threads)] = nil
            guard totals != .init() else { return }
            state.ended[Self.key(for: threads.name, in: state.ended), default: .init()] += totals
        }
    }

    private static func key(
        for name: String, in all: [String: BlockingPool.Counters]
    ) -> String {
        all[name] != nil || all.count < maxNames ? name : otherNames
    }
}

extension BlockingPool.Counters {
    static func += (left: inout Self, right: Self) {
        left.threads += right.threads
        left.running += right.running
        left.waiting += right.waiting
        left.completed += right.completed
        left.refused += right.refused
    }
}
