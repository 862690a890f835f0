internal import Synchronization

/// The blocking pools of the process, from which their counters are published.
///
/// Pools with the same name are summed, and the totals of a pool that was deallocated are kept under its name.
package final class BlockingPoolRegistry: Sendable {
    private struct Entry {
        weak var threads: BlockingThreads?
    }

    private struct State {
        var entries: [ObjectIdentifier: Entry] = [:]
        /// The totals of deallocated pools, by name.
        var ended: [String: BlockingPool.Counters] = [:]
    }

    /// The registry of the process.
    package static let process = BlockingPoolRegistry()

    /// The maximum number of names; further ones share one entry, because metrics are created from the names.
    static let maxNames = 64
    static let otherNames = "other"

    private let state = Mutex(State())

    init() {}

    /// The current counters, by the names of the pools.
    package var counters: [String: BlockingPool.Counters] {
        // The pools are retained until the lock is released, because the deinitialiser of a pool takes it.
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

    /// Removes a pool that is deallocated, and keeps its totals.
    func remove(_ threads: BlockingThreads) {
        var totals = BlockingPool.Counters()
        totals.completed = threads.counters.completed
        totals.rejected = threads.counters.rejected
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
        left.rejected += right.rejected
    }
}
