internal import Glibc
internal import Synchronization

/// The threads of a blocking pool, as the executor to which a task moves for work that blocks.
///
/// An executor cannot refuse a job, so work is admitted first, which takes its place in the bounds
/// and sees to it that there is a thread.
final class BlockingThreads: TaskExecutor, Sendable {
    /// Starts a detached thread; the tests have one that fails.
    typealias Start = @Sendable (@escaping @Sendable () -> Void) throws(SystemError) -> Void

    private enum Work {
        case job(UnownedJob)
        case closure(@Sendable () -> Void)
    }

    private struct State {
        var queue = WorkQueue<Work>()
        /// Threads that wait, or are about to.
        var idleCount = 0
        var counters = BlockingPool.Counters()
    }

    let name: String
    private let maxThreads: Int
    private let maxQueuedJobs: Int
    private let start: Start
    private let state = Mutex(State())
    private let bell = Bell()

    init(name: String, maxThreads: Int, maxQueuedJobs: Int, start: @escaping Start) {
        self.name = name
        self.maxThreads = maxThreads
        // So that the sum of both bounds is a number.
        self.maxQueuedJobs = min(maxQueuedJobs, Int.max - maxThreads)
        self.start = start
    }

    deinit {
        BlockingPoolRegistry.process.remove(self)
    }

    var counters: BlockingPool.Counters { state.withLock(\.counters) }

    // MARK: Work

    /// Takes a place for a piece of work, which must follow.
    func admit() throws(BlockingPool.Refusal) {
        try state.withLock { state throws(BlockingPool.Refusal) in
            let pending = state.counters.waiting + state.counters.running
            guard pending < maxThreads + maxQueuedJobs else {
                state.counters.refused += 1
                throw .queueFull(pool: name, maxThreads: maxThreads, maxQueuedJobs: maxQueuedJobs)
            }
            if state.idleCount <= state.counters.waiting, state.counters.threads < maxThreads {
                // Under the lock, so that no work relies on a thread that then does not start.
                do throws(SystemError) {
                    try start { self.serve() }
                    state.counters.threads += 1
                } catch {
                    // The threads that exist will do it, if there are any.
                    guard state.counters.threads > 0 else {
                        state.counters.refused += 1
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

    /// Queues admitted work.
    func enqueue(_ work: @escaping @Sendable () -> Void) {
        enqueue(.closure(work))
    }

    /// Queues the job of a task that moves here; called by the runtime.
    func enqueue(_ job: consuming ExecutorJob) {
        enqueue(.job(UnownedJob(job)))
    }

    private func enqueue(_ work: Work) {
        let rings = state.withLock { state in
            state.queue.append(work)
            return state.idleCount > 0
        }
        if rings { bell.ring() }
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

    /// The next piece of work; nil when the thread is to end.
    private func next() -> Work? {
        while true {
            // In one step, so that work queued afterwards sees that a thread waits.
            let work = state.withLock { state in
                let work = state.queue.popFirst()
                if work == nil { state.idleCount += 1 }
                return work
            }
            if let work { return work }
            let rang = bell.wait(seconds: 10)
            let ends = state.withLock { state in
                state.idleCount -= 1
                guard !rang, state.queue.count == 0, state.counters.waiting == 0 else {
                    return false
                }
                state.counters.threads -= 1
                return true
            }
            if ends { return nil }
        }
    }
}

/// A counting bell that threads wait at: every ring lets one through, now or later.
@safe private final class Bell: @unchecked Sendable {
    // Unchecked, because a POSIX semaphore is made to be shared; it lives at a fixed place until
    // nobody can ring, which also makes it safe.
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

    func ring() {
        unsafe sem_post(semaphore)
    }

    /// False if it was not rung in time.
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

/// A queue of work, first in, first out, whose memory follows the number of elements that wait.
struct WorkQueue<Element> {
    private var slots: [Element?] = []
    private var head = 0

    /// How many elements wait.
    var count: Int { slots.count - head }
    /// How many slots are taken, by waiting elements or by removed ones.
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
            // No more moves than there were removals, and no growth under load that never lets it
            // be empty.
            slots.removeFirst(head)
            head = 0
        }
        return element
    }
}
