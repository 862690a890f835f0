/// A few threads for work that blocks: files, database drivers, libraries that wait by themselves.
///
/// A loop's thread serves many connections; blocking it stops them all. The task itself moves
/// to a thread of the pool, keeps its task-local values, and comes back to where it was.
public final class BlockingPool: Sendable {
    /// Why work was not accepted.
    public enum Refusal: Error, Hashable, Sendable {
        /// All threads are busy, and as much work waits as the pool accepts.
        case queueFull(pool: String, maxThreads: Int, maxQueuedJobs: Int)
        /// No thread could be started.
        case noThread(pool: String, SystemError)
    }

    /// What a pool has done so far and what it does now.
    public struct Counters: Sendable, Hashable {
        /// Threads that exist, busy or idle.
        public internal(set) var threads = 0
        /// Work that a thread is executing.
        public internal(set) var running = 0
        /// Work that was accepted and has not begun.
        public internal(set) var waiting = 0
        /// Work that has ended, by returning or by throwing; never goes down.
        public internal(set) var completed = 0
        /// Work that was refused (``Refusal``); never goes down.
        public internal(set) var refused = 0

        /// Those of a pool that has done nothing.
        package init() {}
    }

    /// The pool for the work of applications: up to 8 threads, for they mostly wait, and 1024
    /// waiting pieces of work.
    ///
    /// Nothing of Spoor's own runs here: files are opened and certificates read on a pool that
    /// ``fileCounters`` counts, names are resolved on another.
    public static let shared = BlockingPool()

    /// The pool for the files that Spoor itself opens and reads, so that slow work of applications
    /// does not delay them.
    package static let files = BlockingPool(name: "spoor.files")

    /// The counters of the pool that opens the files to be sent, and reads certificates and keys:
    /// up to 8 threads and 1024 waiting pieces of work.
    public static var fileCounters: Counters { files.counters }

    /// The name of the pool, in errors and of its threads.
    public let name: String

    private let threads: BlockingThreads

    /// Makes a pool without threads; they start with the first work and end when they have been
    /// idle for 10 seconds.
    ///
    /// - Parameters:
    ///   - name: names the pool in errors and metrics, and its threads (the kernel keeps 15 bytes).
    ///   - maxThreads: the most threads, at least 1.
    ///   - maxQueuedJobs: the most pieces of work that wait for a thread, at least 1.
    public convenience init(
        name: String = "blocking", maxThreads: Int = 8, maxQueuedJobs: Int = 1024
    ) {
        self.init(name: name, maxThreads: maxThreads, maxQueuedJobs: maxQueuedJobs) {
            body throws(SystemError) in
            try LoopThread.start(name: name, body)
        }
    }

    /// Makes a pool whose threads are started by `startThread`.
    init(
        name: String = "blocking", maxThreads: Int, maxQueuedJobs: Int,
        startThread: @escaping BlockingThreads.Start
    ) {
        self.name = name
        threads = BlockingThreads(
            name: name, maxThreads: max(1, maxThreads), maxQueuedJobs: max(1, maxQueuedJobs),
            start: startThread)
        BlockingPoolRegistry.process.add(threads)
    }

    /// What the pool has done so far.
    public var counters: Counters { threads.counters }

    /// Runs `work` on a thread of the pool and returns its result.
    ///
    /// The calling task executes `work`: task-local values such as `ServiceContext.current`, and
    /// with them traces and the metadata of log lines, are there as well. Once accepted the work is
    /// done even if the task is cancelled; it can ask `Task.isCancelled`.
    ///
    /// - Throws: what `work` throws, or ``Refusal`` if it was not accepted; a handler that lets a
    ///   refusal pass answers 503 with `Retry-After`.
    public func run<Success: Sendable>(
        _ work: @escaping @Sendable () throws -> Success
    ) async throws -> Success {
        try threads.admit()
        return try await withTaskExecutorPreference(threads) { [threads] in
            try await threads.perform(work)
        }
    }

    /// Hands over `work`, which no task waits for, unless it is refused.
    package func submit(_ work: @escaping @Sendable () -> Void) -> Refusal? {
        do throws(Refusal) {
            try threads.admit()
        } catch {
            return error
        }
        threads.enqueue(work)
        return nil
    }
}

extension BlockingPool.Refusal: CustomStringConvertible {
    /// Which pool refused the work and why, and what can be done.
    public var description: String {
        switch self {
        case .queueFull(let pool, let maxThreads, let maxQueuedJobs):
            "the blocking pool \"\(pool)\" is full: all of its \(maxThreads) threads are busy and "
                + "\(maxQueuedJobs) pieces of work wait (maxThreads, maxQueuedJobs); retry later, or use a "
                + "pool of your own for slow work"
        case .noThread(let pool, let error):
            "the blocking pool \"\(pool)\" could not start a thread: \(error); check the limits on "
                + "processes and memory"
        }
    }
}
