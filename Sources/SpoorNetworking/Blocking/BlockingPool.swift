internal import CSpoorLinux
internal import Glibc
internal import Synchronization

/// A few threads for work that blocks: files, name look-ups, libraries that wait by themselves.
///
/// A loop's thread serves many connections; whoever blocks it stops them all. The task waits
/// suspended while a thread of the pool works, then goes on where it was. Threads start on demand
/// and end when they have been idle for a while.
public final class BlockingPool: Sendable {
    /// Refused work.
    public enum Refusal: Error, Hashable, Sendable {
        /// As many pieces of work wait as the pool keeps.
        case queueFull
        /// No thread could be started.
        case noThread(SystemError)
    }

    typealias Work = @Sendable () -> Void

    /// Starts a thread; the tests have one that fails.
    typealias ThreadStart = @Sendable (@escaping Work) throws(SystemError) -> Void

    /// Work in the order in which it came.
    struct Queue {
        private var slots: [Work] = []
        private var head = 0

        /// How many pieces of work wait.
        var count: Int { slots.count - head }
        /// How many places are taken, by waiting work or by what has been done.
        var slotCount: Int { slots.count }

        mutating func append(_ work: @escaping Work) {
            slots.append(work)
        }

        mutating func popFirst() -> Work? {
            guard head < slots.count else { return nil }
            let work = slots[head]
            slots[head] = {}
            head += 1
            if head == slots.count {
                slots.removeAll(keepingCapacity: true)
                head = 0
            } else if head >= 64, head >= count {
                // Not more moves than were takes, and no growth under load that never lets it be empty.
                slots.removeFirst(head)
                head = 0
            }
            return work
        }
    }

    /// Work waits only when there is a thread that will come for it.
    private struct State {
        var queue = Queue()
        var threadCount = 0
        var idleCount = 0
    }

    /// The pool of this process: up to 8 threads, for they mostly wait, and 1024 waiting pieces of
    /// work.
    public static let shared = BlockingPool()

    private let threadsMax: Int
    private let queueMax: Int
    private let startThread: ThreadStart
    private let state = Mutex(State())
    private let bell = Bell()

    /// Makes a pool without threads; they start with the first work.
    ///
    /// - Parameters:
    ///   - threadsMax: the most threads, at least 1.
    ///   - queueMax: the most pieces of work that wait for a thread, at least 1.
    public convenience init(threadsMax: Int = 8, queueMax: Int = 1024) {
        self.init(threadsMax: threadsMax, queueMax: queueMax) { body throws(SystemError) in
            try LoopThread.start(name: "blocking", body)
        }
    }

    /// Makes a pool whose threads are started by `startThread`.
    init(threadsMax: Int, queueMax: Int, startThread: @escaping ThreadStart) {
        self.threadsMax = max(1, threadsMax)
        self.queueMax = max(1, queueMax)
        self.startThread = startThread
    }

    /// Runs `work` on a thread of the pool and returns its result.
    ///
    /// A cancelled task still waits for it.
    ///
    /// - Throws: what `work` throws, or `Refusal` if it was not taken.
    public func run<Success: Sendable>(
        _ work: @escaping @Sendable () throws -> Success
    ) async throws -> Success {
        let result: Result<Success, any Error> = await withCheckedContinuation { continuation in
            let refusal = submit { continuation.resume(returning: Result(catching: work)) }
            if let refusal { continuation.resume(returning: .failure(refusal)) }
        }
        return try result.get()
    }

    /// Hands over `work`, unless it is refused.
    package func submit(_ work: @escaping @Sendable () -> Void) -> Refusal? {
        let (refusal, rings) = state.withLock { state -> (Refusal?, Bool) in
            guard state.queue.count < queueMax else { return (.queueFull, false) }
            var isStarted = false
            if state.idleCount <= state.queue.count, state.threadCount < threadsMax {
                // Under the lock, so that nobody counts on a thread that then does not start.
                do throws(SystemError) {
                    try startThread { self.serve() }
                    state.threadCount += 1
                    isStarted = true
                } catch {
                    // With others at work theirs is the queue.
                    guard state.threadCount > 0 else { return (.noThread(error), false) }
                }
            }
            state.queue.append(work)
            return (nil, !isStarted)
        }
        if rings { bell.ring() }
        return refusal
    }

    private func serve() {
        while true {
            if let work = state.withLock({ $0.queue.popFirst() }) {
                work()
                continue
            }
            state.withLock { $0.idleCount += 1 }
            let rang = bell.wait(seconds: 10)
            let ends = state.withLock { state in
                state.idleCount -= 1
                guard !rang, state.queue.count == 0 else { return false }
                state.threadCount -= 1
                return true
            }
            if ends { return }
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

    /// False if nobody rang in time.
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
