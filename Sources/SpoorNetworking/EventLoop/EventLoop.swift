internal import CSpoorLinux
internal import Glibc
internal import SpoorText
internal import Synchronization

/// A thread with an epoll instance: the executor of the tasks that prefer it, with their descriptors and timers.
///
/// This file is the interface; `EventLoop+Turn.swift` is the run loop. A task started by `Task(executorPreference:
/// loop)` runs on the loop's thread, so the state of its connection needs no lock. `Task {}` inside such a task runs
/// on the global executor; child tasks stay on the loop. Blocking the thread stops every connection of the loop: run
/// blocking work on a `BlockingPool`.
///
/// After the shutdown of its group a loop passes the jobs of remaining tasks to the global executor, so that no task
/// hangs; their waits for readiness end as interrupted.
public final class EventLoop: TaskExecutor, @unchecked Sendable {
    // Unchecked, because the state below is confined to the loop's own thread, and all code that accesses it checks
    // `isCurrent` or is called only from the run loop. State that other threads access is atomic or protected by the
    // inbox's lock.

    /// The name of the loop and its thread.
    let name: String

    let thread = Atomic<UInt>(0)
    let hasEnded = Atomic(false)
    /// The loop's activity, readable by other threads.
    let activity = LoopActivity()
    let inbox: LoopInbox
    let epoll: Epoll

    /// The state that only the loop's thread accesses.
    struct Core: ~Copyable {
        var jobs = JobRing()
        /// The number of jobs before the next poll of the descriptors.
        var remainingJobs = 0
        var registrations = RegistrationTable()
        var deadlines = DeadlineHeap()
        var now = MonotonicInstant.now()
        var isStopping = false
        /// The longest turn since the last query, in nanoseconds.
        var longestTurn: UInt64 = 0
        /// The number of nanoseconds from which a turn counts as a stall.
        var stallThreshold = UInt64.max
        var stallCount = 0
        var endHandlers: [@Sendable () -> Void] = []
    }

    let core: TaskConfined<Core>

    /// Creates the descriptors and starts the thread.
    init(name: String) throws(SystemError) {
        self.name = name
        inbox = try LoopInbox()
        epoll = try Epoll()
        core = TaskConfined(Core())
        try inbox.watch(in: epoll, token: Self.wakeUpToken)
        try LoopThread.start(name: name) { self.run() }
    }

    deinit {
        core.deallocate()
    }

    /// The time of the loop's last wake-up, at most a few jobs ago; only for code on the loop.
    package var now: MonotonicInstant { core.value.now }

    /// The loop of the calling thread; nil on other threads.
    public static var current: EventLoop? { LoopThread.currentLoop }

    /// Whether the calling thread is that of the loop.
    public var isCurrent: Bool {
        thread.load(ordering: .relaxed) == UInt(pthread_self())
    }

    /// Whether the loop's thread has ended.
    package var isEnded: Bool { hasEnded.load(ordering: .acquiring) }

    /// Stops the process if the caller could race with the loop: streams may be used only on their event loop.
    package func checkConfinement() {
        precondition(isCurrent || isEnded, "a stream was used outside of its event loop")
    }
}

// MARK: - Executing

extension EventLoop {
    /// Enqueues a job of a task that prefers this loop; called by the runtime.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isCurrent {
            core.value.jobs.append(job)
        } else if !inbox.post(.job(job)) {
            Self.runElsewhere(job)
        }
    }

    /// Runs a closure on the loop's thread, outside of any task; on the calling thread if the loop has stopped.
    package func execute(_ work: @escaping @Sendable () -> Void) {
        if !inbox.post(.work(work)) { work() }
    }

    /// The loop that the current task prefers and runs on, so that it continues there after each wait; nil for a task
    /// that only happens to run on a loop's thread.
    package static var ofCurrentTask: EventLoop? {
        guard let loop = current, !loop.isStopping else { return nil }
        let isPreferred = unsafe withUnsafeCurrentTask { task in
            guard let preferred = unsafe task?.unownedTaskExecutor else { return false }
            return unsafe preferred == loop.asUnownedTaskExecutor()
        }
        return isPreferred ? loop : nil
    }

    /// Runs `work` on this loop, without a hop if the current task already runs there.
    package func run<Success: Sendable, Failure: Error>(
        _ work: @Sendable () async throws(Failure) -> Success
    ) async throws(Failure) -> Success {
        if Self.ofCurrentTask === self { return try await work() }
        return try await withTaskExecutorPreference(self) { () async throws(Failure) -> Success in
            try await leavingIsolation(work)
        }
    }

    /// Leaves the isolation of an actor, if any: a task executor is used only by code that no actor isolates.
    @concurrent
    private func leavingIsolation<Success: Sendable, Failure: Error>(
        _ work: @Sendable () async throws(Failure) -> Success
    ) async throws(Failure) -> Success {
        // Not only a check: a function that does nothing before the next call loses its hop to the executor in
        // optimisation (Swift 6.3.1), and `work` would run on the caller's executor.
        checkConfinement()
        return try await work()
    }
}

// MARK: - Registering

extension EventLoop {
    /// Registers a descriptor.
    func register(
        _ descriptor: borrowing FileDescriptor, for interest: Epoll.Readiness
    ) throws(SystemError) -> Registration {
        checkConfinement()
        guard !isEnded else { throw SystemError(code: ESHUTDOWN, call: "epoll_ctl") }
        let registration = Registration(loop: self)
        core.value.registrations.insert(registration)
        do {
            try epoll.add(descriptor, for: interest, token: registration.token)
        } catch {
            core.value.registrations.remove(registration.token)
            throw error
        }
        return registration
    }

    /// Registers a stream without a descriptor, whose readiness is set by other code: see ``StreamReadiness``.
    func register() throws(SystemError) -> Registration {
        checkConfinement()
        guard !isEnded else { throw SystemError(code: ESHUTDOWN, call: "register") }
        let registration = Registration(loop: self)
        core.value.registrations.insert(registration)
        return registration
    }

    /// Registers `descriptor` for writability as well.
    func watchWritability(
        of descriptor: borrowing FileDescriptor, _ registration: Registration
    ) throws(SystemError) {
        try epoll.modify(
            descriptor, for: [.readable, .writable, .peerClosedWriting],
            token: registration.token)
    }

    /// Removes a registration whose descriptor is about to be closed.
    func deregister(_ registration: Registration) {
        registration.end()
        if isCurrent { core.value.registrations.remove(registration.token) }
    }
}

// MARK: - Timers

extension EventLoop {
    /// Arms `deadline` at `instant`: a single store if that is later than before.
    ///
    /// When a loop stops, it fires all armed deadlines once, and arms no more.
    package func arm(_ deadline: Deadline, at instant: MonotonicInstant) {
        checkConfinement()
        guard !isStopping else { return }
        core.value.deadlines.arm(deadline, at: instant)
    }

    /// Disarms `deadline`, by a single store.
    package func disarm(_ deadline: Deadline) {
        core.value.deadlines.disarm(deadline)
    }

    /// Removes a deadline that will not be armed again.
    package func remove(_ deadline: Deadline) {
        if isCurrent { core.value.deadlines.remove(deadline) }
    }
}

// MARK: - Sleeping

extension EventLoop {
    /// Suspends until the loop has polled its descriptors and timers, and has run the jobs that are waiting.
    ///
    /// For a task that does I/O without ever waiting for a peer. After `Task.yield()` it would run again and again in
    /// the same turn, so that a ready connection waits for all of that.
    package func yieldTurn() async {
        if isCurrent { core.value.remainingJobs = 0 }
        await Task.yield()
    }

    /// Suspends until `instant`.
    ///
    /// - Throws: `CancellationError` as soon as the task is cancelled or the loop stops.
    package func sleep(until instant: MonotonicInstant) async throws {
        guard isCurrent || isEnded else {
            return try await run { try await self.sleep(until: instant) }
        }
        let sleeper = Sleeper(loop: self)
        let outcome = await withTaskCancellationHandler {
            await sleeper.sleep(until: instant)
        } onCancel: {
            execute { sleeper.cancel() }
        }
        remove(sleeper.deadline)
        guard outcome == .timedOut, !Task.isCancelled else { throw CancellationError() }
    }

    /// Suspends for a duration; cheaper than `Task.sleep` for a task on the loop, because it stays there.
    ///
    /// - Throws: `CancellationError` as soon as the task is cancelled or the loop stops.
    public func sleep(for duration: Duration) async throws {
        try await sleep(until: MonotonicInstant.now().advanced(by: duration))
    }
}

extension EventLoop: CustomStringConvertible {
    /// The name of the loop.
    public var description: String { name }
}
