/// Which names are looked up when: the decisions of ``HostResolver``, without threads or name servers.
///
/// A name is looked up by one thread at a time, however many callers ask for it. Look-ups that a caller waits for have a bound of
/// their own, below that of threads, so that look-ups which their callers have given up, and which no call can end, do not
/// keep others from running.
struct LookUpPlan {
    struct Bounds: Sendable {
        /// How many look-ups that a caller waits for run at a time.
        var maxAwaited = 64
        /// How many look-ups run at a time, abandoned ones included: as many threads are there.
        var maxThreads = 128
        /// How many names wait for a thread.
        var maxQueued = 1024
    }

    /// What becomes of a caller.
    enum Admission: Equatable {
        /// A look-up of the name is under way or waits already; its answer is for this caller as well.
        case join
        /// A look-up starts now.
        case start
        /// The name waits for a thread.
        case queue
        /// Too many names wait.
        case refuse
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
    /// How many look-ups run that a caller waits for.
    private(set) var awaitedCount = 0
    /// How many look-ups run that no caller waits for any more.
    private(set) var abandonedCount = 0

    init(_ bounds: Bounds = Bounds()) {
        self.bounds = bounds
    }

    /// How many names wait for a thread.
    var queuedCount: Int { queue.count }

    private var hasRoom: Bool {
        awaitedCount < bounds.maxAwaited && awaitedCount + abandonedCount < bounds.maxThreads
    }

    /// Whether a look-up of a name is under way, or waits.
    func isLookedUp(_ name: String) -> Bool { lookUps[name] != nil }

    /// A caller wants the addresses of a name.
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
        guard queue.count < bounds.maxQueued else { return .refuse }
        lookUps[name] = LookUp(stage: .queued(queue.append(name)))
        return .queue
    }

    /// A caller waits no more.
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

    /// The look-up of a name has its answer.
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
