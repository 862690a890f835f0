internal import CLinux
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

    private struct State {
        var queue: [@Sendable () -> Void] = []
        var head = 0
        var threadCount = 0
        var idleCount = 0

        var waitingCount: Int { queue.count - head }

        mutating func popFirst() -> (@Sendable () -> Void)? {
            guard head < queue.count else { return nil }
            let work = queue[head]
            queue[head] = {}
            head += 1
            if head == queue.count {
                queue.removeAll(keepingCapacity: true)
                head = 0
            }
            return work
        }
    }

    /// The pool of this process: up to 8 threads, for they mostly wait, and 1024 waiting pieces of
    /// work.
    public static let shared = BlockingPool()

    private let threadsMax: Int
    private let queueMax: Int
    private let state = Mutex(State())
    private let bell = Bell()

    /// Makes a pool without threads; they start with the first work.
    ///
    /// - Parameters:
    ///   - threadsMax: the most threads, at least 1.
    ///   - queueMax: the most pieces of work that wait for a thread, at least 1.
    public init(threadsMax: Int = 8, queueMax: Int = 1024) {
        self.threadsMax = max(1, threadsMax)
        self.queueMax = max(1, queueMax)
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
        enum Step { case refuse, ring, start }
        let step = state.withLock { state in
            guard state.waitingCount < queueMax else { return Step.refuse }
            state.queue.append(work)
            if state.idleCount >= state.waitingCount { return .ring }
            guard state.threadCount < threadsMax else { return .ring }
            state.threadCount += 1
            return .start
        }
        switch step {
        case .refuse: return .queueFull
        case .ring: bell.ring()
        case .start:
            do {
                try LoopThread.start(name: "blocking") { self.serve() }
            } catch {
                return withdraw(after: error)
            }
        }
        return nil
    }

    /// A thread could not start: with others at work theirs is the queue, else the work is refused.
    private func withdraw(after error: SystemError) -> Refusal? {
        let isAlone = state.withLock { state in
            state.threadCount -= 1
            guard state.threadCount == 0 else { return false }
            state.queue.removeLast()
            return true
        }
        return isAlone ? .noThread(error) : nil
    }

    private func serve() {
        while true {
            if let work = state.withLock({ $0.popFirst() }) {
                work()
                continue
            }
            state.withLock { $0.idleCount += 1 }
            let rang = bell.wait(seconds: 10)
            let ends = state.withLock { state in
                state.idleCount -= 1
                guard !rang, state.waitingCount == 0 else { return false }
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
