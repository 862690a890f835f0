import TestSupport
import Testing

@testable import SpoorNetworking

@Suite struct LookupPlanTests {
    private static func plan(awaited: Int, threads: Int, queued: Int) -> LookupPlan {
        LookupPlan(.init(maxAwaited: awaited, maxThreads: threads, maxQueued: queued))
    }

    @Test func `a name is looked up once for all callers`() {
        var plan = Self.plan(awaited: 2, threads: 2, queued: 2)
        #expect(plan.join("a") == .start)
        #expect(plan.join("a") == .join)
        #expect(plan.awaitedCount == 1)
        #expect(plan.finish("a") == [])
        #expect(plan.awaitedCount == 0)
        #expect(plan.join("a") == .start)
    }

    @Test func `abandoned lookups make room, until every thread is busy`() {
        var plan = Self.plan(awaited: 1, threads: 2, queued: 2)
        #expect(plan.join("slow") == .start)
        #expect(plan.join("b") == .queue)
        #expect(plan.leave("slow") == ["b"])
        #expect(plan.join("c") == .queue)
        #expect(plan.leave("b") == [])
        #expect(plan.abandonedCount == 2)
        #expect(plan.finish("slow") == ["c"])
        #expect(plan.awaitedCount == 1)
        #expect(plan.abandonedCount == 1)
    }

    @Test func `a new caller of an abandoned lookup gets its result`() {
        var plan = Self.plan(awaited: 1, threads: 1, queued: 1)
        #expect(plan.join("slow") == .start)
        #expect(plan.leave("slow") == [])
        #expect(plan.join("slow") == .join)
        #expect(plan.abandonedCount == 0)
        #expect(plan.awaitedCount == 1)
        #expect(plan.finish("slow") == [])
        #expect(plan.awaitedCount == 0)
    }

    @Test func `names without callers leave the queue`() {
        var plan = Self.plan(awaited: 1, threads: 1, queued: 1)
        #expect(plan.join("a") == .start)
        #expect(plan.join("b") == .queue)
        #expect(plan.join("c") == .reject)
        #expect(plan.leave("b") == [])
        #expect(plan.join("c") == .queue)
        #expect(plan.finish("a") == ["c"])
    }

    @Test(arguments: [UInt64](1...10))
    func `limits hold and no name is lost in any sequence of operations`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var plan = Self.plan(awaited: 3, threads: 5, queued: 4)
        var callers: [String: Int] = [:]
        var running: Set<String> = []
        for _ in 0..<4_000 {
            let name = "n\(Int.random(in: 0..<12, using: &generator))"
            switch Int.random(in: 0..<5, using: &generator) {
            case 0, 1:
                switch plan.join(name) {
                case .join, .queue: callers[name, default: 0] += 1
                case .start:
                    callers[name, default: 0] += 1
                    #expect(running.insert(name).inserted)
                case .reject: #expect(plan.queuedCount == 4)
                }
            case 2, 3:
                guard callers[name, default: 0] > 0 else { continue }
                callers[name, default: 0] -= 1
                for started in plan.leave(name) { #expect(running.insert(started).inserted) }
            default:
                guard running.remove(name) != nil else { continue }
                callers[name] = 0
                for started in plan.finish(name) { #expect(running.insert(started).inserted) }
            }
            #expect(running.count == plan.awaitedCount + plan.abandonedCount)
            #expect(running.count <= 5)
            #expect(plan.queuedCount <= 4)
            let waiting = callers.filter { $0.value > 0 && !running.contains($0.key) }
            #expect(plan.queuedCount == waiting.count)
        }
    }
}
