internal import Glibc
internal import SpoorText
internal import Synchronization

/// The run loop of the thread: run jobs, wait for events, fire timers, take items posted by other threads, until the
/// loop is stopped.
extension EventLoop {
    /// The maximum number of jobs between two polls of the descriptors, so that neither starves: a full turn costs
    /// one additional system call of 0.3 µs, and with jobs of some microseconds a ready connection waits a fraction
    /// of a millisecond.
    static let maxJobsPerTurn = 64

    /// The maximum number of turns at shutdown: tasks that keep yielding must not delay it.
    private static let maxShutdownTurns = 1024

    static let wakeUpToken = UInt64.max

    /// Whether the loop runs its last turns, or has ended; only for code on the loop, or after its end.
    package var isStopping: Bool { core.value.isStopping }

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
        core.value.remainingJobs = Self.maxJobsPerTurn
        while core.value.remainingJobs > 0, let job = core.value.jobs.popFirst() {
            // For the runtime, the job of a task is the task itself.
            activity.beginJob(unsafe unsafeBitCast(job, to: UInt.self))
            unsafe job.runSynchronously(on: executor)
            core.value.remainingJobs -= 1
        }
        activity.beginJob(0)
    }

    private func poll() {
        let mayBlock = core.value.jobs.isEmpty && inbox.prepareToSleep()
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
        // A poll that does not sleep belongs to the previous turn.
        if !mayBlock { endTurn(at: now) }
        core.value.now = now
        activity.beginTurn(at: now)
        for index in 0..<count {
            let (token, readiness) = epoll.event(at: index)
            // The token of a wake-up has no registration; posted items are taken below in any case.
            core.value.registrations[token]?.became(readiness)
        }
        // After the events, so that an event that arrived in time does not time out because the loop was late.
        while let due = core.value.deadlines.popDue(at: now) { due.fire() }
        takePosted()
    }

    /// Records the length of a turn: connections that became ready meanwhile waited as long.
    private func endTurn(at end: MonotonicInstant) {
        let began = now
        let length = end.nanoseconds &- began.nanoseconds
        if length > core.value.longestTurn { core.value.longestTurn = length }
        guard length >= LoopActivity.longTurn else { return }
        activity.recordLongTurn(since: began, nanoseconds: length)
        if length >= core.value.stallThreshold { core.value.stallCount += 1 }
    }

    private func sleepMilliseconds(from now: MonotonicInstant) -> Int32 {
        guard let key = core.value.deadlines.nextKey else { return -1 }
        guard key > now else { return 0 }
        // Rounded up: a turn that starts too early would find nothing due and run again.
        let milliseconds = (key.nanoseconds - now.nanoseconds) / 1_000_000 + 1
        return Int32(clamping: milliseconds)
    }

    private func takePosted() {
        guard let posted = inbox.takePosted() else { return }
        for item in posted {
            switch item {
            case .job(let job): core.value.jobs.append(job)
            case .work(let work): work()
            }
        }
    }

    // MARK: Shutdown

    /// Stops the loop's thread soon and calls `handler` when it has ended (immediately if it already has).
    func stop(then handler: @escaping @Sendable () -> Void) {
        let taken = inbox.post(
            .work { [self] in
                core.value.isStopping = true
                core.value.endHandlers.append(handler)
            })
        if !taken { handler() }
    }

    /// Interrupts all waits, runs the tasks for some turns to handle it, and moves remaining jobs to the global
    /// executor.
    private func end() {
        for _ in 0..<Self.maxShutdownTurns {
            for registration in core.value.registrations.removeAll() { registration.end() }
            // All are taken before the first fires: one that re-arms itself would otherwise never let the loop end.
            var due: [Deadline] = []
            while let deadline = core.value.deadlines.popDue(at: .never) {
                due.append(deadline)
            }
            for deadline in due { deadline.fire() }
            takePosted()
            guard !core.value.jobs.isEmpty else { break }
            runJobs()
        }
        let lastPosted = inbox.close()
        for registration in core.value.registrations.removeAll() { registration.end() }
        thread.store(0, ordering: .relaxed)
        hasEnded.store(true, ordering: .releasing)
        LoopThread.currentLoop = nil
        while let job = core.value.jobs.popFirst() { Self.runElsewhere(job) }
        for item in lastPosted {
            switch item {
            case .job(let job): Self.runElsewhere(job)
            case .work(let work): work()
            }
        }
        for handler in core.value.endHandlers { handler() }
    }
}

// MARK: - Lag

extension EventLoop {
    /// Returns the nanoseconds of the longest turn since the last call, which is the maximum time that a ready
    /// connection had to wait; only for code on the loop.
    package func takeLongestTurn() -> UInt64 {
        defer { core.value.longestTurn = 0 }
        return core.value.longestTurn
    }

    /// The number of nanoseconds from which a turn counts as a stall; only for code on the loop.
    package var stallThreshold: UInt64 {
        get { core.value.stallThreshold }
        set { core.value.stallThreshold = newValue }
    }

    /// The number of stalls; only for code on the loop, or after it has stopped.
    package var stallCount: Int { core.value.stallCount }
}

/// The queued jobs of a loop, first in, first out: a ring buffer that grows and never shrinks.
///
/// It is accessed only by the loop's own thread, hence no lock. Its length is bounded by the number of the loop's
/// tasks.
@safe struct JobRing: ~Copyable {
    // Safe, because head and count never exceed the storage's capacity.
    private var storage: UnsafeMutablePointer<UnownedJob>
    private var mask: Int
    private var head = 0
    private(set) var count = 0

    init() {
        unsafe storage = .allocate(capacity: 256)
        mask = 255
    }

    deinit {
        unsafe storage.deallocate()
    }

    var isEmpty: Bool { count == 0 }

    mutating func append(_ job: UnownedJob) {
        if count > mask { grow() }
        unsafe (storage + ((head &+ count) & mask)).initialize(to: job)
        count &+= 1
    }

    mutating func popFirst() -> UnownedJob? {
        guard count > 0 else { return nil }
        let job = unsafe storage[head]
        head = (head &+ 1) & mask
        count &-= 1
        return job
    }

    private mutating func grow() {
        let larger = UnsafeMutablePointer<UnownedJob>.allocate(capacity: (mask + 1) * 2)
        for index in 0..<count {
            unsafe (larger + index).initialize(to: storage[(head &+ index) & mask])
        }
        unsafe storage.deallocate()
        unsafe storage = larger
        mask = mask * 2 + 1
        head = 0
    }
}

/// A sleeping task.
///
/// Only the thread of its loop accesses it, hence unchecked.
@safe final class Sleeper: @unchecked Sendable {
    // Safe, because the continuation is removed before it is resumed.

    private static let farthest = MonotonicInstant(nanoseconds: .max - 1)

    private let loop: EventLoop
    private var continuation: UnsafeContinuation<WaitOutcome, Never>?
    private var isCancelled = false
    private(set) lazy var deadline = Deadline { [weak self] in
        guard let self else { return }
        wake(loop.isStopping ? .interrupted : .timedOut)
    }

    init(loop: EventLoop) {
        self.loop = loop
    }

    func sleep(until instant: MonotonicInstant) async -> WaitOutcome {
        if isCancelled || loop.isStopping { return .interrupted }
        return await unsafe withUnsafeContinuation { continuation in
            unsafe self.continuation = continuation
            // The heap does not store a deadline of `never`, but the loop must find each sleeper when it stops.
            loop.arm(deadline, at: min(instant, Self.farthest))
        }
    }

    func cancel() {
        isCancelled = true
        wake(.interrupted)
    }

    private func wake(_ outcome: WaitOutcome) {
        guard let waiting = unsafe continuation else { return }
        unsafe continuation = nil
        unsafe waiting.resume(returning: outcome)
    }
}
