internal import Glibc
internal import Synchronization

/// The threads of a blocking pool, as the executor to which a task moves for blocking work.
///
/// An executor cannot reject a job, so work is admitted first, which reserves its place within the limits and ensures
/// that there is a thread.
final class BlockingThreads: TaskExecutor, Sendable {
    /// Starts a detached thread; tests pass one that fails.
    typealias Start = @Sendable (@escaping @Sendable () -> Void) throws(SystemError) -> Void

    private enum Work {
        case job(UnownedJob)
        case closure(@Sendable () -> Void)
    }

    private struct State {
        var queue = WorkQueue<Work>()
        /// The number of threads that wait, or are about to.
        var idleCount = 0
        var counters = BlockingPool.Counters()
    }

    let name: String
    private let maxThreads: Int
    private let maxQueuedJobs: Int
    private let start: Start
    private let state = Mutex(State())
    private let semaphore = CountingSemaphore()

    init(name: String, maxThreads: Int, maxQueuedJobs: Int, start: @escaping Start) {
        self.name = name
        self.maxThreads = maxThreads
        // Clamped so that the sum of both limits does not overflow.
        self.maxQueuedJobs = min(maxQueuedJobs, Int.max - maxThreads)
        self.start = start
    }

    deinit {
        BlockingPoolRegistry.process.remove(self)
    }

    var counters: BlockingPool.Counters { state.withLock(\.counters) }

    // MARK: Work

    /// Reserves a place for a job, which must be enqueued afterwards.
    func admit() throws(BlockingPool.Rejection) {
        try state.withLock { state throws(BlockingPool.Rejection) in
            let pending = state.counters.waiting + state.counters.running
            guard pending < maxThreads + maxQueuedJobs else {
                state.counters.rejected += 1
                throw .queueFull(pool: name, maxThreads: maxThreads, maxQueuedJobs: maxQueuedJobs)
            }
            if state.idleCount <= state.counters.waiting, state.counters.threads < maxThreads {
                // Under the lock, so that no job relies on a thread that then fails to start.
                do throws(SystemError) {
                    try start { self.serve() }
                    state.counters.threads += 1
                } catch {
                    // If there are other threads, they will execute it.
                    guard state.counters.threads > 0 else {
                        state.counters.rejected += 1
                        throw .noThread(pool: name, error)
                    }
                }
            }
            state.counters.waiting += 1
        }
    }

    /// Executes admitted work in the calling task, on a thread of the pool if the task prefers it.
    @concurrent
    func perform<Success>(_ work: @Sendable () throws -> Success) async throws -> Success {
        begin()
        defer { finish() }
        return try work()
    }

    /// Enqueues admitted work.
    func enqueue(_ work: @escaping @Sendable () -> Void) {
        enqueue(.closure(work))
    }

    /// Enqueues the job of a task that moves to this executor; called by the runtime.
    func enqueue(_ job: consuming ExecutorJob) {
        enqueue(.job(UnownedJob(job)))
    }

    private func enqueue(_ work: Work) {
        let needsSignal = state.withLock { state in
            state.queue.append(work)
            return state.idleCount > 0
        }
        if needsSignal { semaphore.signal() }
    }

    private func begin() {
        state.withLock { state in
            state.counters.waiting -= 1
            state.counters.running += 1
        }
    }

    private func finish() {
        state.withLock { state in
            state.counters.running -= 1
            state.counters.completed += 1
        }
    }

    // MARK: Threads

    private func serve() {
        let executor = unsafe asUnownedTaskExecutor()
        while let work = next() {
            switch work {
            case .job(let job): unsafe job.runSynchronously(on: executor)
            case .closure(let closure):
                begin()
                closure()
                finish()
            }
        }
    }

    /// Returns the next job; nil when the thread should end.
    private func next() -> Work? {
        while true {
            // In one critical section, so that a job enqueued later sees that a thread waits.
            let work = state.withLock { state in
                let work = state.queue.popFirst()
                if work == nil { state.idleCount += 1 }
                return work
            }
            if let work { return work }
            let isSignaled = semaphore.wait(seconds: 10)
            let ends = state.withLock { state in
                state.idleCount -= 1
                guard !isSignaled, state.queue.count == 0, state.counters.waiting == 0 else {
                    return false
                }
                state.counters.threads -= 1
                return true
            }
            if ends { return nil }
        }
    }
}

/// A counting semaphore: each signal releases one waiting thread, now or later.
@safe private final class CountingSemaphore: @unchecked Sendable {
    // Unchecked, because a POSIX semaphore is thread-safe; it has a fixed address that stays valid until no thread
    // can signal it, which also makes the pointer safe.
    private let semaphore: UnsafeMutablePointer<sem_t>

    init() {
        unsafe semaphore = .allocate(capacity: 1)
        unsafe semaphore.initialize(to: sem_t())
        unsafe sem_init(semaphore, 0, 0)
    }

    deinit {
        unsafe sem_destroy(semaphore)
        unsafe semaphore.deallocate()
    }

    func signal() {
        unsafe sem_post(semaphore)
    }

    /// Waits for a signal; returns false after the timeout.
    func wait(seconds: Int) -> Bool {
        var end = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &end)
        end.tv_sec += seconds
        while unsafe sem_timedwait(semaphore, &end) != 0 {
            if errno == ETIMEDOUT { return false }
        }
        return true
    }
}

/// A first-in, first-out queue of jobs whose memory is proportional to the number of waiting jobs.
struct WorkQueue<Element> {
    private var slots: [Element?] = []
    private var head = 0

    /// The number of waiting elements.
    var count: Int { slots.count - head }
    /// The number of slots, including those of removed elements.
    var slotCount: Int { slots.count }

    mutating func append(_ element: Element) {
        slots.append(element)
    }

    mutating func popFirst() -> Element? {
        guard head < slots.count else { return nil }
        let element = slots[head].take()
        head += 1
        if head == slots.count {
            slots.removeAll(keepingCapacity: true)
            head = 0
        } else if head >= 64, head >= count {
            // Moves at most as many elements as were removed, and prevents growth under load that never empties the
            // queue.
            slots.removeFirst(head)
            head = 0
        }
        return element
    }
}
