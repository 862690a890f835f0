internal import Glibc
internal import Synchronization

/// The loop's thread: run jobs, wait for events, fire timers, take what other threads posted, until the loop is stopped.
extension EventLoop {
    /// The jobs that run between two looks at the descriptors, so that neither starves: a full turn
    /// costs one spare system call of 0.3 µs, and at some microseconds a job a waiting connection
    /// waits a fraction of a millisecond.
    static let maxJobsPerTurn = 64

    /// Tasks that keep yielding to each other must not hold up a shutdown.
    private static let maxShutdownTurns = 1024

    static let wakeUpToken = UInt64.max

    var isStopping: Bool { unsafe core.pointee.isStopping }

    static func runElsewhere(_ job: UnownedJob) {
        globalConcurrentExecutor.enqueue(ExecutorJob(job))
    }

    func run() {
        thread.store(UInt(pthread_self()), ordering: .relaxed)
        LoopThread.currentLoop = self
        while !isStopping {
            runJobs()
            poll()
        }
        end()
    }

    private func runJobs() {
        let executor = unsafe asUnownedTaskExecutor()
        var budget = Self.maxJobsPerTurn
        while budget > 0, let job = unsafe core.pointee.jobs.popFirst() {
            // The job of a task is the task itself, to the runtime.
            activity.beginJob(unsafe unsafeBitCast(job, to: UInt.self))
            unsafe job.runSynchronously(on: executor)
            budget -= 1
        }
        activity.beginJob(0)
    }

    private func poll() {
        let mayBlock = unsafe core.pointee.jobs.isEmpty && inbox.prepareToSleep()
        var milliseconds: Int32 = 0
        if mayBlock {
            let now = MonotonicInstant.now()
            endTurn(at: now)
            milliseconds = sleepMilliseconds(from: now)
            activity.beginSleep()
        }
        let count = epoll.wait(milliseconds: milliseconds)
        if mayBlock { inbox.wokeUp() }
        let now = MonotonicInstant.now()
        // A look without sleep belongs to the turn before.
        if !mayBlock { endTurn(at: now) }
        unsafe core.pointee.now = now
        activity.beginTurn(at: now)
        for index in 0..<count {
            let (token, readiness) = epoll.event(at: index)
            // A wake-up's token finds no registration; posted items are taken below in any case.
            unsafe core.pointee.registrations[token]?.became(readiness)
        }
        // After the events: what has arrived in time is not judged late because the loop was.
        while let due = unsafe core.pointee.deadlines.popDue(at: now) { due.fire() }
        takePosted()
    }

    /// Records how long a turn was: connections that became ready meanwhile waited as long.
    private func endTurn(at end: MonotonicInstant) {
        let began = now
        let length = end.nanoseconds &- began.nanoseconds
        if unsafe length > core.pointee.longestTurn { unsafe core.pointee.longestTurn = length }
        guard length >= LoopActivity.longTurn else { return }
        activity.noteLongTurn(since: began, nanoseconds: length)
        if unsafe length >= core.pointee.stallThreshold { unsafe core.pointee.stallCount += 1 }
    }

    private func sleepMilliseconds(from now: MonotonicInstant) -> Int32 {
        guard let key = unsafe core.pointee.deadlines.nextKey else { return -1 }
        guard key > now else { return 0 }
        // Rounded up: a turn that comes too early would find nothing due and turn again.
        let milliseconds = (key.nanoseconds - now.nanoseconds) / 1_000_000 + 1
        return Int32(clamping: milliseconds)
    }

    private func takePosted() {
        guard let posted = inbox.takePosted() else { return }
        for item in posted {
            switch item {
            case .job(let job): unsafe core.pointee.jobs.append(job)
            case .work(let work): work()
            }
        }
    }

    // MARK: The end

    /// Ends the loop's thread soon and calls `handler` when it has ended (at once if it had).
    func stop(then handler: @escaping @Sendable () -> Void) {
        let taken = inbox.post(
            .work { [self] in
                unsafe core.pointee.isStopping = true
                unsafe core.pointee.endHandlers.append(handler)
            })
        if !taken { handler() }
    }

    /// Interrupts all waits, lets the tasks act on it for some turns, and passes on what is left.
    private func end() {
        for _ in 0..<Self.maxShutdownTurns {
            for registration in unsafe core.pointee.registrations.removeAll() { registration.end() }
            // All before the first fires: one that arms itself again would never let the loop end.
            var due: [Deadline] = []
            while let deadline = unsafe core.pointee.deadlines.popDue(at: .never) {
                due.append(deadline)
            }
            for deadline in due { deadline.fire() }
            takePosted()
            guard unsafe !core.pointee.jobs.isEmpty else { break }
            runJobs()
        }
        let lastPosted = inbox.close()
        for registration in unsafe core.pointee.registrations.removeAll() { registration.end() }
        thread.store(0, ordering: .relaxed)
        hasEnded.store(true, ordering: .releasing)
        LoopThread.currentLoop = nil
        while let job = unsafe core.pointee.jobs.popFirst() { Self.runElsewhere(job) }
        for item in lastPosted {
            switch item {
            case .job(let job): Self.runElsewhere(job)
            case .work(let work): work()
            }
        }
        for handler in unsafe core.pointee.endHandlers { handler() }
    }
}

// MARK: - Lag

extension EventLoop {
    /// How many nanoseconds the longest turn since the last call took, which is how long a ready connection had to wait at the
    /// most; only for code on the loop.
    package func takeLongestTurn() -> UInt64 {
        defer { unsafe core.pointee.longestTurn = 0 }
        return unsafe core.pointee.longestTurn
    }

    /// A turn of so many nanoseconds, or more, counts as a stall; only for code on the loop.
    package var stallThreshold: UInt64 {
        get { unsafe core.pointee.stallThreshold }
        set { unsafe core.pointee.stallThreshold = newValue }
    }

    /// How many turns have taken that long; only for code on the loop, or after its end.
    package var stallCount: Int { unsafe core.pointee.stallCount }
}
