/// The scheduling decisions of ``HostResolver``, without threads or name servers.
///
/// A name is looked up by one thread at a time, for any number of callers. The limit of lookups that a caller waits
/// for is lower than the number of threads, so that abandoned lookups, which cannot be cancelled, do not keep others
/// from running.
struct LookupPlan {
    struct Limits: Sendable {
        /// The maximum number of concurrent lookups that a caller waits for.
        var maxAwaited = 64
        /// The maximum number of concurrent lookups, including abandoned ones: the number of threads.
        var maxThreads = 128
        /// The maximum number of names that wait for a thread.
        var maxQueued = 1024
    }

    /// The result of adding a caller.
    enum Admission: Equatable {
        /// A lookup of the name is running or queued; the caller shares its result.
        case join
        /// A lookup starts now.
        case start
        /// The name waits for a thread.
        case queue
        /// The queue is full.
        case reject
    }

    private enum Stage {
        case queued(TicketQueue<String>.Ticket)
        case running
    }

    private struct Lookup {
        var stage: Stage
        var callerCount = 1
    }

    let limits: Limits
    private var lookups: [String: Lookup] = [:]
    private var queue = TicketQueue<String>()
    /// The number of running lookups that a caller waits for.
    private(set) var awaitedCount = 0
    /// The number of running lookups that no caller waits for any more.
    private(set) var abandonedCount = 0

    init(_ limits: Limits = Limits()) {
        self.limits = limits
    }

    /// The number of names that wait for a thread.
    var queuedCount: Int { queue.count }

    private var hasRoom: Bool {
        awaitedCount < limits.maxAwaited && awaitedCount + abandonedCount < limits.maxThreads
    }

    /// Returns whether a lookup of a name is running or queued.
    func isLookedUp(_ name: String) -> Bool { lookups[name] != nil }

    /// Adds a caller that needs the addresses of a name.
    mutating func join(_ name: String) -> Admission {
        if var lookup = lookups[name] {
            if case .running = lookup.stage, lookup.callerCount == 0 {
                abandonedCount -= 1
                awaitedCount += 1
            }
            lookup.callerCount += 1
            lookups[name] = lookup
            return .join
        }
        if hasRoom {
            awaitedCount += 1
            lookups[name] = Lookup(stage: .running)
            return .start
        }
        guard queue.count < limits.maxQueued else { return .reject }
        lookups[name] = Lookup(stage: .queued(queue.append(name)))
        return .queue
    }

    /// Removes a caller that no longer waits.
    ///
    /// - Returns: The names whose lookups start now.
    mutating func leave(_ name: String) -> [String] {
        guard var lookup = lookups[name], lookup.callerCount > 0 else { return [] }
        lookup.callerCount -= 1
        lookups[name] = lookup
        guard lookup.callerCount == 0 else { return [] }
        switch lookup.stage {
        case .queued(let ticket):
            queue.remove(ticket)
            lookups[name] = nil
            return []
        case .running:
            awaitedCount -= 1
            abandonedCount += 1
            return startQueued()
        }
    }

    /// Removes a lookup that has its result.
    ///
    /// - Returns: The names whose lookups start now.
    mutating func finish(_ name: String) -> [String] {
        guard let lookup = lookups[name], case .running = lookup.stage else { return [] }
        lookups[name] = nil
        if lookup.callerCount > 0 { awaitedCount -= 1 } else { abandonedCount -= 1 }
        return startQueued()
    }

    private mutating func startQueued() -> [String] {
        var started: [String] = []
        while hasRoom, let name = queue.popFirst()?.element {
            lookups[name]?.stage = .running
            awaitedCount += 1
            started.append(name)
        }
        return started
    }
}
