import Glibc
import PeerSupport
import TestSupport
import SpoorTesting
import Testing

@testable import SpoorNetworking

@Suite(.finishes(within: .seconds(60))) struct EventLoopTests {
    @Test func `a task that prefers a loop runs on its thread, before and after a wait`()
        async throws
    {
        let group = try EventLoopGroup(loopCount: 2)
        for loop in group.loops {
            await Task(executorPreference: loop) {
                #expect(loop.isCurrent)
                #expect(EventLoop.current === loop)
                await Task.yield()
                #expect(loop.isCurrent)
            }.value
        }
        #expect(EventLoop.current == nil)
        await group.shutdown()
    }

    @Test func `work moves to a loop from any executor, and stays after a wait`() async throws {
        let group = try EventLoopGroup(loopCount: 2)
        let loop = group.next()
        let other = group.next()
        #expect(await loop.run { loop.isCurrent })
        let stays: Bool = await loop.run {
            let came = loop.isCurrent
            await Task.yield()
            return came && loop.isCurrent
        }
        #expect(stays)
        let fromOther = await Task(executorPreference: other) {
            await loop.run { loop.isCurrent } && other.isCurrent
        }.value
        #expect(fromOther)
        let fromItself = await Task(executorPreference: loop) {
            await loop.run { EventLoop.ofCurrentTask === loop }
        }.value
        #expect(fromItself)
        await group.shutdown()
    }

    @MainActor @Test func `work moves to a loop from an actor, and returns to it afterwards`()
        async throws
    {
        let loop = EventLoopGroup.shared.next()
        #expect(await loop.run { loop.isCurrent })
        MainActor.assertIsolated()
        try await loop.sleep(for: .microseconds(1))
        MainActor.assertIsolated()
        let onLoop = await withTaskExecutorPreference(loop) { EventLoop.ofCurrentTask == nil }
        #expect(onLoop)
    }

    @Test func `a task that yields its turn lets a timer fire in each turn`() async throws {
        let group = try EventLoopGroup(loopCount: 1)
        let loop = group.next()
        let (turnCount, timerCount) = await loop.run {
            var timerCount = 0
            let deadline = Deadline { timerCount += 1 }
            var turnCount = 0
            while timerCount < 10, turnCount < 1000 {
                loop.arm(deadline, at: loop.now)
                await loop.yieldTurn()
                turnCount += 1
            }
            loop.remove(deadline)
            return (turnCount, timerCount)
        }
        #expect(timerCount == 10)
        // A timer is due from the turn after the one that armed it.
        #expect(turnCount <= 20)
        await group.shutdown()
    }

    @Test func `jobs and closures from many threads all run`() async throws {
        let group = try EventLoopGroup(loopCount: 1)
        let loop = group.next()
        let count = Counter()
        let done = Gate()
        await withTaskGroup { tasks in
            for _ in 0..<16 {
                tasks.addTask {
                    for _ in 0..<250 {
                        await Task(executorPreference: loop) {
                            count.add()
                        }.value
                        loop.execute { count.add() }
                    }
                }
            }
        }
        loop.execute { done.open() }
        try await done.wait()
        #expect(count.value == 8_000)
        await group.shutdown()
    }

    @Test func `no wake-up is lost between loops that sleep after each message`() async throws {
        let group = try EventLoopGroup(loopCount: 2)
        let (left, right) = (group.loops[0], group.loops[1])
        let rounds = await Task(executorPreference: left) {
            var rounds = 0
            for _ in 0..<2_000 {
                let there = await withTaskExecutorPreference(right) { right.isCurrent }
                if there, left.isCurrent { rounds += 1 }
            }
            return rounds
        }.value
        #expect(rounds == 2_000)
        await group.shutdown()
    }

    @Test func `tasks that never suspend do not starve the descriptors`() async throws {
        let server = try LoopbackServer { stream in try await SocketStreamTests.echo(stream) }
        let ends = Counter()
        let busy = Task(executorPreference: server.loop) {
            while ends.value == 0 { await Task.yield() }
        }
        let response = try await withConnection(to: server.address) { stream async throws in
            try await stream.write([1, 2])
            return try await stream.readSome()
        }
        #expect(response == [1, 2])
        ends.add()
        await busy.value
        try await server.stop()
    }

    @Test func `thousands of sleepers wake, none too early`() async throws {
        let group = try EventLoopGroup(loopCount: 1)
        let loop = group.next()
        let early = await withTaskGroup(of: Bool.self) { tasks in
            var generator = SeededGenerator(seed: 3)
            for _ in 0..<4_000 {
                let delay = Duration.microseconds(Int.random(in: 0...20_000, using: &generator))
                tasks.addTask(executorPreference: loop) {
                    let end = MonotonicInstant.now().advanced(by: delay)
                    guard (try? await loop.sleep(until: end)) != nil else { return true }
                    return MonotonicInstant.now() < end
                }
            }
            return await tasks.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(early == 0)
        await group.shutdown()
    }

    @Test func `a cancelled sleeper wakes`() async throws {
        let group = try EventLoopGroup(loopCount: 1)
        let loop = group.next()
        let sleeper = Task(executorPreference: loop) {
            try await loop.sleep(until: .never)
        }
        loop.execute { sleeper.cancel() }
        await #expect(throws: CancellationError.self) { try await sleeper.value }
        let late = Task { try await loop.sleep(for: .seconds(3_600)) }
        late.cancel()
        await #expect(throws: CancellationError.self) { try await late.value }
        await group.shutdown()
    }

    @Test func `deadlines fire once, in order, and not when disarmed`() async throws {
        let group = try EventLoopGroup(loopCount: 1)
        let loop = group.next()
        let (order, note) = AsyncStream.makeStream(of: Int.self)
        loop.execute {
            let start = loop.now
            let disarmed = Deadline { note.yield(-1) }
            loop.arm(disarmed, at: start.advanced(byNanoseconds: 1))
            loop.disarm(disarmed)
            let removed = Deadline { note.yield(-2) }
            loop.arm(removed, at: start.advanced(byNanoseconds: 1))
            loop.remove(removed)
            loop.arm(Deadline { note.yield(2) }, at: start.advanced(byNanoseconds: 2_000_000))
            loop.arm(Deadline { note.yield(1) }, at: start.advanced(byNanoseconds: 1_000_000))
            loop.arm(Deadline { note.finish() }, at: start.advanced(byNanoseconds: 3_000_000))
        }
        var seen: [Int] = []
        for await number in order { seen.append(number) }
        #expect(seen == [1, 2])
        await group.shutdown()
    }

    @Test func `a shutdown ends waits and sleeps, and leaves no task hanging`()
        async throws
    {
        let group = try EventLoopGroup(loopCount: 2)
        let loop = group.loops[0]
        let listener = try Listener(at: .loopback(port: 0), on: loop)
        let accepting = Task(executorPreference: loop) { () -> Bool in
            let stream = try? await listener.accept()
            return stream == nil
        }
        let sleeping = Task(executorPreference: loop) { try await loop.sleep(until: .never) }
        let halfway = Gate()
        let goOn = Gate()
        let outliving = Task(executorPreference: loop) {
            halfway.open()
            try await goOn.wait()
            await Task.yield()
            return loop.isCurrent
        }
        try await halfway.wait()
        await group.shutdown()
        await group.shutdown()

        #expect(await accepting.value)
        await #expect(throws: CancellationError.self) { try await sleeping.value }
        goOn.open()
        #expect(try await outliving.value == false)
        #expect(await Task(executorPreference: loop) { 42 }.value == 42)
        #expect(loop.isEnded)
    }

    @Test func `a deadline that re-arms itself does not delay a shutdown`() async throws {
        let group = try EventLoopGroup(loopCount: 1)
        let loop = group.next()
        let recurring = Recurring(on: loop)
        await loop.run { recurring.arm() }
        await group.shutdown()
        #expect(loop.isEnded)
        recurring.arm()
    }

    /// A deadline that re-arms itself whenever it fires.
    // Unchecked, because only its loop accesses it.
    private final class Recurring: @unchecked Sendable {
        private let loop: EventLoop
        private lazy var deadline = Deadline { [unowned self] in arm() }

        init(on loop: EventLoop) {
            self.loop = loop
        }

        func arm() {
            loop.arm(deadline, at: loop.now.advanced(by: .seconds(3_600)))
        }
    }

    @Test func `a task on the group may shut it down`() async throws {
        let group = try EventLoopGroup(loopCount: 1)
        await Task(executorPreference: group.next()) { await group.shutdown() }.value
        #expect(group.loops.map(\.isEnded) == [true])
    }

    @Test func `loops are returned round-robin and have names`() throws {
        let loops = EventLoopGroup.shared.loops
        #expect(loops.count == EventLoopGroup.allowedCoreCount)
        let names = Set((0..<loops.count).map { _ in EventLoopGroup.shared.next().description })
        #expect(names == Set(loops.map(\.description)))
        #expect("\(EventLoopGroup.shared)" == "EventLoopGroup(\(loops.count) loops)")
    }
}

@Suite struct RegistrationTableTests {
    @Test
    func `the token of a removed registration finds nothing, even if its slot is reused`() {
        var table = RegistrationTable()
        let loop = EventLoopGroup.shared.next()
        let first = Registration(loop: loop)
        table.insert(first)
        let stale = first.token
        #expect(table[stale] === first)
        table.remove(stale)
        table.remove(stale)
        #expect(table[stale] == nil)

        let second = Registration(loop: loop)
        table.insert(second)
        #expect(UInt32(truncatingIfNeeded: second.token) == UInt32(truncatingIfNeeded: stale))
        #expect(table[stale] == nil)
        #expect(table[second.token] === second)
        #expect(table[.max] == nil)
        #expect(table.count == 1)
    }
}

@Suite struct JobRingTests {
    @Test func `keeps the order while it grows and wraps`() async throws {
        let group = try EventLoopGroup(loopCount: 1)
        let loop = group.next()
        let order = await Task(executorPreference: loop) {
            await withTaskGroup(of: Int.self) { tasks in
                for number in 0..<2_000 {
                    tasks.addTask(executorPreference: loop) { number }
                }
                return await tasks.reduce(into: []) { $0.append($1) }
            }
        }.value
        #expect(order == Array(0..<2_000))
        await group.shutdown()
    }

    @Test func `a group that shuts down does not start the shared one`() async {
        // In a separate process: here other tests use the shared group.
        await #expect(processExitsWith: .success) {
            func epollCount() -> Int {
                (0..<256).count { number in
                    var target = [CChar](repeating: 0, count: 64)
                    let length = unsafe readlink("/proc/self/fd/\(number)", &target, 63)
                    let bytes = target.prefix(max(0, length)).map(UInt8.init(bitPattern:))
                    return String(decoding: bytes, as: UTF8.self) == "anon_inode:[eventpoll]"
                }
            }
            let before = epollCount()
            let group = try EventLoopGroup(loopCount: 1)
            precondition(epollCount() == before + 1)
            await group.shutdown()
            precondition(epollCount() <= before + 1)
        }
    }
}
