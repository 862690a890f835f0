internal import CSpoorLinux
internal import Glibc
internal import Synchronization

/// A thread of its own with one epoll instance, and the executor of the tasks that prefer it.
///
/// A task started by `Task(executorPreference: loop)` runs on the loop's thread from wait to wait,
/// so the state of its connection needs no lock. `Task {}` inside such a task leaves the loop;
/// structured children stay. What blocks the thread stops every connection of the loop: hand it to
/// `BlockingPool`.
///
/// After its group's shutdown a loop still takes the jobs of tasks that outlived it and passes them
/// to the global concurrent executor, so that no task is ever left hanging; their waits for
/// readiness end as interrupted.
@safe public final class EventLoop: TaskExecutor, @unchecked Sendable {
    // Safe, because the core lives as long as the loop.
    //
    // Unchecked, because the state below belongs to the loop's own thread and everything that
    // touches it checks `isCurrent` or is only called from the run loop. What other threads touch
    // is atomic or behind the inbox's lock.

    /// The jobs that run between two looks at the descriptors, so that neither starves: a full turn
    /// costs one spare system call of 0.3 µs, and at some microseconds a job a waiting connection
    /// waits a fraction of a millisecond.
    static let jobsPerTurnMax = 64

    private static let wakeUpToken = UInt64.max

    /// For descriptions and the thread's name.
    let name: String

    private let thread = Atomic<UInt>(0)
    private let hasEnded = Atomic(false)
    /// What other threads may see of its work.
    let activity = LoopActivity()
    private let inbox: LoopInbox
    private let epoll: Epoll

    /// What only the loop's thread touches, in a box: stored in the object itself every access
    /// would be checked for exclusivity, several times a request.
    private struct Core: ~Copyable {
        var jobs = JobRing()
        var registrations = RegistrationTable()
        var deadlines = DeadlineHeap()
        var now = MonotonicInstant.now()
        var isStopping = false
        /// The longest turn since the last query, in nanoseconds.
        var longestTurn: UInt64 = 0
        /// A turn of so many nanoseconds is counted as a stall.
        var stallThreshold = UInt64.max
        var stallCount = 0
        var endHandlers: [@Sendable () -> Void] = []
    }

    private let core: UnsafeMutablePointer<Core>

    /// The clock as of the loop's last wake-up: a few jobs old at most.
    ///
    /// Only for code on the loop.
    package var now: MonotonicInstant { unsafe core.pointee.now }

    var isStopping: Bool { unsafe core.pointee.isStopping }

    /// Makes a loop and starts its thread.
    init(name: String) throws(SystemError) {
        self.name = name
        inbox = try LoopInbox()
        epoll = try Epoll()
        unsafe core = .allocate(capacity: 1)
        unsafe core.initialize(to: Core())
        try inbox.watch(in: epoll, token: Self.wakeUpToken)
        try LoopThread.start(name: name) { self.run() }
    }

    deinit {
        unsafe core.deinitialize(count: 1)
        unsafe core.deallocate()
    }

    /// The loop that the calling thread belongs to, if it is a loop's.
    public static var current: EventLoop? { LoopThread.currentLoop }

    /// True on the loop's own thread.
    public var isCurrent: Bool {
        thread.load(ordering: .relaxed) == UInt(pthread_self())
    }

    /// True after the loop's thread has ended.
    package var isEnded: Bool { hasEnded.load(ordering: .acquiring) }

    /// Stops the process if the caller could race with the loop: descriptors are used on their loop
    /// only.
    package func checkConfinement() {
        precondition(isCurrent || isEnded, "a stream is used outside of its event loop")
    }

    // MARK: Jobs

    /// Takes a job of a task that prefers this loop; called by the runtime.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isCurrent {
            unsafe core.pointee.jobs.append(job)
        } else if !inbox.post(.job(job)) {
            Self.runElsewhere(job)
        }
    }

    /// Runs a closure on the loop's thread, outside of any task; on the calling thread if the loop
    /// has ended.
    package func execute(_ work: @escaping @Sendable () -> Void) {
        if !inbox.post(.work(work)) { work() }
    }

    private static func runElsewhere(_ job: UnownedJob) {
        globalConcurrentExecutor.enqueue(ExecutorJob(job))
    }

    // MARK: The turn

    private func run() {
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
        var budget = Self.jobsPerTurnMax
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
            // A wake-up's token finds no registration; the mail is looked for below in any case.
            unsafe core.pointee.registrations[token]?.became(readiness)
        }
        // After the events: what has arrived in time is not judged late because the loop was.
        while let due = unsafe core.pointee.deadlines.popDue(at: now) { due.fire() }
        takeMail()
    }

    /// Takes note of how long a turn was: so long did those wait who became ready meanwhile.
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

    private func takeMail() {
        guard let mail = inbox.takeMail() else { return }
        for piece in mail {
            switch piece {
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
        for _ in 0..<Self.farewellTurnsMax {
            for registration in unsafe core.pointee.registrations.removeAll() { registration.end() }
            // All before the first fires: one that arms itself again would never let the loop end.
            var due: [Deadline] = []
            while let deadline = unsafe core.pointee.deadlines.popDue(at: .never) {
                due.append(deadline)
            }
            for deadline in due { deadline.fire() }
            takeMail()
            guard unsafe !core.pointee.jobs.isEmpty else { break }
            runJobs()
        }
        let lastMail = inbox.close()
        for registration in unsafe core.pointee.registrations.removeAll() { registration.end() }
        thread.store(0, ordering: .relaxed)
        hasEnded.store(true, ordering: .releasing)
        LoopThread.currentLoop = nil
        while let job = unsafe core.pointee.jobs.popFirst() { Self.runElsewhere(job) }
        for piece in lastMail {
            switch piece {
            case .job(let job): Self.runElsewhere(job)
            case .work(let work): work()
            }
        }
        for handler in unsafe core.pointee.endHandlers { handler() }
    }

    /// Tasks that go on yielding to each other must not hold up a shutdown.
    private static let farewellTurnsMax = 1024
}

// MARK: - Descriptors

extension EventLoop {
    /// Watches `descriptor` for reading from now on.
    func register(
        _ descriptor: borrowing FileDescriptor, for interest: Epoll.Readiness
    ) throws(SystemError) -> Registration {
        checkConfinement()
        guard !isEnded else { throw SystemError(code: ESHUTDOWN, call: "epoll_ctl") }
        let registration = Registration(loop: self)
        unsafe core.pointee.registrations.insert(registration)
        do {
            try epoll.add(descriptor, for: interest, token: registration.token)
        } catch {
            unsafe core.pointee.registrations.remove(registration.token)
            throw error
        }
        return registration
    }

    /// A registration of something that has no descriptor and is told of what happens to it by others.
    func register() throws(SystemError) -> Registration {
        checkConfinement()
        guard !isEnded else { throw SystemError(code: ESHUTDOWN, call: "register") }
        let registration = Registration(loop: self)
        unsafe core.pointee.registrations.insert(registration)
        return registration
    }

    /// Watches `descriptor` for writing too.
    func watchWritability(
        of descriptor: borrowing FileDescriptor, _ registration: Registration
    ) throws(SystemError) {
        try epoll.modify(
            descriptor, for: [.readable, .writable, .peerClosedWriting],
            token: registration.token)
    }

    /// Ends a registration whose descriptor is about to be closed.
    func deregister(_ registration: Registration) {
        registration.end()
        if isCurrent { unsafe core.pointee.registrations.remove(registration.token) }
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

// MARK: - Deadlines

extension EventLoop {
    /// Makes `deadline` due at `instant`: a store if that is later than before.
    ///
    /// A loop that is ending fires what is armed once, and arms nothing more.
    package func arm(_ deadline: Deadline, at instant: MonotonicInstant) {
        checkConfinement()
        guard !isStopping else { return }
        unsafe core.pointee.deadlines.arm(deadline, at: instant)
    }

    /// Makes `deadline` never due, by a store.
    package func disarm(_ deadline: Deadline) {
        unsafe core.pointee.deadlines.disarm(deadline)
    }

    /// Forgets a deadline that will not be armed again.
    package func remove(_ deadline: Deadline) {
        if isCurrent { unsafe core.pointee.deadlines.remove(deadline) }
    }
}

extension EventLoop: CustomStringConvertible {
    /// The loop's name.
    public var description: String { name }
}
