import Glibc
import Synchronization
import SpoorTesting
import TestSupport
import Testing

@testable import SpoorNetworking

@Suite(.finishes(within: .seconds(60))) struct BlockingPoolTests {
    struct Failure: Error {}

    /// The number of jobs that run concurrently, and its maximum.
    private final class Gauge: Sendable {
        let running = Atomic(0)
        let most = Atomic(0)

        func measure(_ body: () -> Void) {
            let now = running.add(1, ordering: .sequentiallyConsistent).newValue
            most.max(now, ordering: .sequentiallyConsistent)
            body()
            running.subtract(1, ordering: .sequentiallyConsistent)
        }
    }

    @Test func `runs work off the loop and returns to it`() async throws {
        let group = try EventLoopGroup(loopCount: 1)
        let loop = group.next()
        try await Task(executorPreference: loop) { () async throws in
            let wasOnLoop = try await BlockingPool.shared.run { EventLoop.current != nil }
            #expect(!wasOnLoop)
            #expect(loop.isCurrent)
            await #expect(throws: Failure.self) {
                try await BlockingPool.shared.run { throw Failure() }
            }
        }.value
        await group.shutdown()
    }

    @Test func `executes all accepted work with at most the allowed number of threads`()
        async throws
    {
        let pool = BlockingPool(maxThreads: 3, maxQueuedJobs: 5_000)
        let gauge = Gauge()
        let sum = try await withThrowingTaskGroup { tasks in
            for number in 0..<1_000 {
                tasks.addTask {
                    try await pool.run {
                        gauge.measure { sched_yield() }
                        return number
                    }
                }
            }
            return try await tasks.reduce(0, +)
        }
        #expect(sum == 499_500)
        #expect(gauge.most.load(ordering: .relaxed) <= 3)
    }

    @Test func `rejects work when its queue is full`() async throws {
        let pool = BlockingPool(name: "narrow", maxThreads: 1, maxQueuedJobs: 1)
        let started = Gate()
        let isOpen = Atomic(false)
        let blocked = Task {
            try await pool.run {
                started.open()
                while !isOpen.load(ordering: .acquiring) { sched_yield() }
            }
        }
        try await started.wait()
        let second = Gate()
        #expect(pool.submit { second.open() } == nil)
        let rejection = BlockingPool.Rejection.queueFull(
            pool: "narrow", maxThreads: 1, maxQueuedJobs: 1)
        #expect(pool.submit {} == rejection)
        await #expect(throws: rejection) { try await pool.run {} }
        #expect(pool.counters.running == 1)
        #expect(pool.counters.waiting == 1)
        #expect(pool.counters.rejected == 2)
        isOpen.store(true, ordering: .releasing)
        try await blocked.value
        try await second.wait()
    }

    @Test func `a thread that fails to start does not affect other work`() async throws {
        let attempts = Atomic(0)
        let waiting = Gate()
        let done = Gate()
        let pool = BlockingPool(maxThreads: 1, maxQueuedJobs: 8) { body throws(SystemError) in
            let attempt = attempts.add(1, ordering: .sequentiallyConsistent).newValue
            guard attempt == 1 else { return try LoopThread.start(name: "blocking", body) }
            waiting.open()
            for _ in 0..<1_000 { sched_yield() }
            throw SystemError(code: EAGAIN, call: "pthread_create")
        }
        let other = Task {
            try await waiting.wait()
            return pool.submit { done.open() }
        }
        let rejection = pool.submit { Issue.record("rejected work was executed") }
        #expect(
            rejection
                == .noThread(pool: "blocking", SystemError(code: EAGAIN, call: "pthread_create")))
        #expect(try await other.value == nil)
        try await done.wait()
    }

    @Test func `existing threads execute the work if no further thread starts`() async throws {
        let attempts = Atomic(0)
        let pool = BlockingPool(maxThreads: 4, maxQueuedJobs: 100) { body throws(SystemError) in
            let attempt = attempts.add(1, ordering: .sequentiallyConsistent).newValue
            guard attempt > 1 else { return try LoopThread.start(name: "blocking", body) }
            throw SystemError(code: EAGAIN, call: "pthread_create")
        }
        let sum = try await withThrowingTaskGroup { tasks in
            for number in 0..<50 { tasks.addTask { try await pool.run { number } } }
            return try await tasks.reduce(0, +)
        }
        #expect(sum == 1_225)
    }

    @TaskLocal private static var marker = "unset"

    @Test func `task-local values are available on the pool's thread`() async throws {
        let pool = BlockingPool(maxThreads: 1)
        let group = try EventLoopGroup(loopCount: 1)
        try await Task(executorPreference: group.next()) { () async throws in
            let seen = try await Self.$marker.withValue("outer") {
                try await pool.run {
                    Self.$marker.withValue("inner") { [Self.marker] } + [Self.marker]
                }
            }
            #expect(seen == ["inner", "outer"])
            #expect(try await pool.run { Self.marker } == "unset")
        }.value
        let seen = try await Self.$marker.withValue("no loop") {
            try await pool.run { Self.marker }
        }
        #expect(seen == "no loop")
        await group.shutdown()
    }

    @Test func `a task of an actor returns to its actor`() async throws {
        let isOffMain = try await Task { @MainActor in
            let thread = try await BlockingPool(maxThreads: 1).run { pthread_self() }
            MainActor.assertIsolated()
            return thread != pthread_self()
        }.value
        #expect(isOffMain)
    }

    @Test func `accepted work is executed although its task is cancelled, and can check for it`()
        async throws
    {
        let pool = BlockingPool(maxThreads: 1)
        let task = Task {
            unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
            return try await pool.run { Task.isCancelled }
        }
        #expect(try await task.value)
        #expect(pool.counters.completed == 1)
    }

    @Test func `slow work of applications does not delay the files that Spoor opens`()
        async throws
    {
        let isOpen = Atomic(false)
        let started = Gate()
        for _ in 0..<8 {
            let rejection = BlockingPool.shared.submit {
                started.admit()
                while !isOpen.load(ordering: .acquiring) { sched_yield() }
            }
            #expect(rejection == nil)
        }
        for _ in 0..<8 { try await started.wait() }
        // It returns although every thread of the shared pool is busy.
        let file = try await ReadableFile.open("/proc/self/status")
        isOpen.store(true, ordering: .releasing)
        #expect(file.byteCount == 0)
        #expect(BlockingPool.fileCounters.completed > 0)
    }

    @Test func `a rejection states the pool, the limit and what to do`() {
        let full = BlockingPool.Rejection.queueFull(pool: "db", maxThreads: 8, maxQueuedJobs: 1024)
        #expect(
            "\(full)" == """
                the blocking pool "db" is full: all of its 8 threads are busy and 1024 \
                jobs wait (maxThreads, maxQueuedJobs); retry later, or use a separate pool for slow work
                """)
    }

    @Test func `a queue that is never empty does not grow`() {
        var queue = WorkQueue<@Sendable () -> Void>()
        let done = Mutex<[Int]>([])
        var slotsMost = 0
        for number in 0..<2_000 {
            queue.append { done.withLock { $0.append(number) } }
            guard number >= 10 else { continue }
            let work = queue.popFirst()
            work?()
            slotsMost = max(slotsMost, queue.slotCount)
        }
        #expect(queue.count == 10)
        #expect(slotsMost <= 128)
        #expect(done.withLock { $0 } == Array(0..<1_990))
    }
}
