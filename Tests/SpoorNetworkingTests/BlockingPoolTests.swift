import Glibc
import Synchronization
import Testing

@testable import SpoorNetworking

@Suite(.timeLimit(.minutes(10))) struct BlockingPoolTests {
    struct Failure: Error {}

    /// How many run at once, and the most that ever did.
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

    @Test func `runs work off the loop and comes back to it`() async throws {
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

    @Test func `does everything it took, with no more threads than allowed`() async throws {
        let pool = BlockingPool(threadsMax: 3, queueMax: 5_000)
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

    @Test func `refuses what its queue does not hold`() async throws {
        let pool = BlockingPool(threadsMax: 1, queueMax: 1)
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        let isOpen = Atomic(false)
        let blocked = Task {
            try await pool.run {
                start.finish()
                while !isOpen.load(ordering: .acquiring) { sched_yield() }
            }
        }
        for await _ in started {}
        let (second, finish) = AsyncStream.makeStream(of: Void.self)
        #expect(pool.submit { finish.finish() } == nil)
        #expect(pool.submit {} == .queueFull)
        await #expect(throws: BlockingPool.Refusal.queueFull) { try await pool.run {} }
        isOpen.store(true, ordering: .releasing)
        try await blocked.value
        for await _ in second {}
    }

    @Test func `a thread that does not start takes nobody else's work along`() async throws {
        let attempts = Atomic(0)
        let (waiting, meet) = AsyncStream.makeStream(of: Void.self)
        let (done, finish) = AsyncStream.makeStream(of: Void.self)
        let pool = BlockingPool(threadsMax: 1, queueMax: 8) { body throws(SystemError) in
            let attempt = attempts.add(1, ordering: .sequentiallyConsistent).newValue
            guard attempt == 1 else { return try LoopThread.start(name: "blocking", body) }
            meet.finish()
            for _ in 0..<1_000 { sched_yield() }
            throw SystemError(code: EAGAIN, call: "pthread_create")
        }
        let other = Task {
            for await _ in waiting {}
            return pool.submit { finish.finish() }
        }
        let refusal = pool.submit { Issue.record("refused work was done") }
        #expect(refusal == .noThread(SystemError(code: EAGAIN, call: "pthread_create")))
        #expect(await other.value == nil)
        for await _ in done {}
    }

    @Test func `work goes to the threads that are there when no other starts`() async throws {
        let attempts = Atomic(0)
        let pool = BlockingPool(threadsMax: 4, queueMax: 100) { body throws(SystemError) in
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

    @Test func `a queue that is never empty does not grow`() {
        var queue = BlockingPool.Queue()
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
