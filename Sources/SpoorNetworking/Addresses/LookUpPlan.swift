/// The scheduling decisions of ``HostResolver``, without threads or name servers.
///
/// A name is looked up by one thread at a time, for any number of callers. The limit of look-ups that a caller waits
/// for is lower than the number of threads, so that abandoned look-ups, which cannot be cancelled, do not keep others
/// from running.
struct LookUpPlan {
    struct Bounds: Sendable {
        /// The maximum number of concurrent look-ups that a caller waits for.
        var maxAwaited = 64
        /// The maximum number of concurrent look-ups, including abandoned ones: the number of threads.
        var maxThreads = 128
        /// The maximum number of names that wait for a thread.
        var maxQueued = 1024
    }

    /// The result of adding a caller.
    enum Admission: Equatable {
        /// A look-up of the name is running or queued; the caller shares its result.
        case join
        /// A look-up starts now.
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

    private struct LookUp {
        var stage: Stage
        var callerCount = 1
    }

    let bounds: Bounds
    private var lookUps: [String: LookUp] = [:]
    private var queue = TicketQueue<String>()
    /// The number of running look-ups that a caller waits for.
    private(set) var awaitedCount = 0
    /// The number of running look-ups that no caller waits for any more.
    private(set) var abandonedCount = 0

    init(_ bounds: Bounds = Bounds()) {
        self.bounds = bounds
    }

    /// The number of names that wait for a thread.
    var queuedCount: Int { queue.count }

    private var hasRoom: Bool {
        awaitedCount < bounds.maxAwaited && awaitedCount + abandonedCount < bounds.maxThreads
    }

    /// Returns whether a look-up of a name is running or queued.
    func isLookedUp(_ name: String) -> Bool { lookUps[name] != nil }

    /// Adds a caller that needs the addresses of a name.
    mutating func join(_ name: String) -> Admission {
        if var lookUp = lookUps[name] {
            if case .running = lookUp.stage, lookUp.callerCount == 0 {
                abandonedCount -= 1
                awaitedCount += 1
            }
            lookUp.callerCount += 1
            lookUps[name] = lookUp
            return .join
        }
        if hasRoom {
            awaitedCount += 1
            lookUps[name] = LookUp(stage: .running)
            return .start
        }
        guard queue.count < bounds.maxQueued else { return .reject }
        lookUps[name] = LookUp(stage: .queued(queue.append(name)))
        return .queue
    }

    /// Removes a caller that no longer waits.
    ///
    /// - Returns: The names whose look-ups start now.
    mutating func leave(_ name: String) -> [String] {
        guard var lookUp = lookUps[name], lookUp.callerCount > 0 else { return [] }
        lookUp.callerCount -= 1
        lookUps[name] = lookUp
        guard lookUp.callerCount == 0 else { return [] }
        switch lookUp.stage {
        case .queued(let ticket):
            queue.remove(ticket)
            lookUps[name] = nil
            return []
        case .running:
            awaitedCount -= 1
            abandonedCount += 1
            return startQueued()
        }
    }

    /// Removes a look-up that has its result.
    ///
    /// - Returns: The names whose look-ups start now.
    mutating func finish(_ name: String) -> [String] {
        guard let lookUp = lookUps[name], case .running = lookUp.stage else { return [] }
        lookUps[name] = nil
        if lookUp.callerCount > 0 { awaitedCount -= 1 } else { abandonedCount -= 1 }
        return startQueued()
    }

    private mutating func startQueued() -> [String] {
        var started: [String] = []
        while hasRoom, let name = queue.popFirst()?.element {
            lookUps[name]?.stage = .running
            awaitedCount += 1
            started.append(name)
        }
        return started
    }
}
