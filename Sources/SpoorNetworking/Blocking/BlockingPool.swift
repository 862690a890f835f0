/// A thread pool for blocking work: files, database drivers, libraries with blocking calls.
///
/// The thread of an event loop serves many connections; blocking it stops all of them. The calling task itself moves
/// to a thread of the pool, keeps its task-local values, and returns to its executor afterwards.
public final class BlockingPool: Sendable {
    /// The reason why work was rejected.
    public enum Rejection: Error, Hashable, Sendable {
        /// All threads are busy, and the queue is full.
        case queueFull(pool: String, maxThreads: Int, maxQueuedJobs: Int)
        /// A thread could not be started.
        case noThread(pool: String, SystemError)
    }

    /// The counters of a pool.
    public struct Counters: Sendable, Hashable {
        /// The number of threads, busy or idle.
        public internal(set) var threads = 0
        /// The number of jobs that are running.
        public internal(set) var running = 0
        /// The number of accepted jobs that have not started.
        public internal(set) var waiting = 0
        /// The number of jobs that have returned or thrown; never decreases.
        public internal(set) var completed = 0
        /// The number of jobs that were rejected (``Rejection``); never decreases.
        public internal(set) var rejected = 0

        /// Creates counters of zero.
        package init() {}
    }

    /// The shared pool for applications: up to 8 threads, which mostly wait, and a queue of 1024 jobs.
    ///
    /// Spoor itself does not use it: files are opened and certificates read on the pool of ``fileCounters``, and
    /// names are resolved on a separate one.
    public static let shared = BlockingPool()

    /// The pool for files that Spoor itself opens and reads, so that slow jobs of applications do not delay them.
    package static let files = BlockingPool(name: "spoor.files")

    /// The counters of the pool that opens files to be sent, and reads certificates and keys: up to 8 threads and a
    /// queue of 1024 jobs.
    public static var fileCounters: Counters { files.counters }

    /// The name of the pool, used in errors and for its threads.
    public let name: String

    private let threads: BlockingThreads

    /// Creates a pool without threads; they are started on demand and end after 10 idle seconds.
    ///
    /// - Parameters:
    ///   - name: The name of the pool in errors and metrics, and of its threads (the kernel keeps 15 bytes).
    ///   - maxThreads: The maximum number of threads, at least 1.
    ///   - maxQueuedJobs: The maximum number of jobs that wait for a thread, at least 1.
    public convenience init(
        name: String = "blocking", maxThreads: Int = 8, maxQueuedJobs: Int = 1024
    ) {
        self.init(name: name, maxThreads: maxThreads, maxQueuedJobs: maxQueuedJobs) {
            body throws(SystemError) in
            try LoopThread.start(name: name, body)
        }
    }

    /// Creates a pool whose threads are started by `startThread`.
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

    /// The current counters.
    public var counters: Counters { threads.counters }

    /// Runs `work` on a thread of the pool and returns its result.
    ///
    /// The calling task executes `work`: task-local values such as `ServiceContext.current`, and with them traces and
    /// logging metadata, are available there. Accepted work is executed even if the task is cancelled; it can check
    /// `Task.isCancelled`.
    ///
    /// - Throws: The error of `work`, or ``Rejection`` if the work was not accepted; a handler that does not catch a
    ///   rejection responds with 503 and `Retry-After`.
    public func run<Success: Sendable>(
        _ work: @escaping @Sendable () throws -> Success
    ) async throws -> Success {
        try threads.admit()
        return try await withTaskExecutorPreference(threads) { [threads] in
            try await threads.perform(work)
        }
    }

    /// Submits `work` that no task waits for; returns the reason if it is rejected.
    package func submit(_ work: @escaping @Sendable () -> Void) -> Rejection? {
        do throws(Rejection) {
            try threads.admit()
        } catch {
            return error
        }
        threads.enqueue(work)
        return nil
    }
}

extension BlockingPool.Rejection: CustomStringConvertible {
    /// A message with the pool, the reason of the rejection, and what to do.
    public var description: String {
        switch self {
        case .queueFull(let pool, let maxThreads, let maxQueuedJobs):
            "the blocking pool \"\(pool)\" is full: all of its \(maxThreads) threads are busy and "
                + "\(maxQueuedJobs) jobs wait (maxThreads, maxQueuedJobs); retry later, or use a "
                + "separate pool for slow work"
        case .noThread(let pool, let error):
            "the blocking pool \"\(pool)\" could not start a thread: \(error); check the limits of "
                + "processes and memory"
        }
    }
}
