import TestSupport
import Testing

@testable import SpoorNetworking

@Suite struct DeadlineHeapTests {
    @Test(arguments: [UInt64](1...20))
    func `pops the same deadlines as a naive model, at every instant`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var heap = DeadlineHeap()
        let deadlines = (0..<50).map { _ in Deadline {} }
        var model = [MonotonicInstant](repeating: .never, count: deadlines.count)
        var now: UInt64 = 0

        for _ in 0..<3_000 {
            let index = Int.random(in: deadlines.indices, using: &generator)
            switch Int.random(in: 0..<10, using: &generator) {
            case 0..<6:
                let delay = UInt64.random(in: 1...500, using: &generator)
                let instant = MonotonicInstant(nanoseconds: now + delay)
                heap.arm(deadlines[index], at: instant)
                model[index] = instant
            case 6:
                heap.disarm(deadlines[index])
                model[index] = .never
            case 7:
                heap.remove(deadlines[index])
                model[index] = .never
                #expect(deadlines[index].heapIndex == -1)
            default:
                now += UInt64.random(in: 0...100, using: &generator)
                let instant = MonotonicInstant(nanoseconds: now)
                var popped: Set<Int> = []
                while let due = heap.popDue(at: instant) {
                    popped.insert(deadlines.firstIndex { $0 === due } ?? -1)
                }
                let expected = Set(model.indices.filter { model[$0] <= instant })
                #expect(popped == expected)
                for index in expected { model[index] = .never }
            }
            if let earliest = model.min(), earliest != .never {
                #expect(heap.nextKey.map { $0 <= earliest } == true)
            }
            #expect(heap.count <= deadlines.count)
        }
    }

    @Test func `due deadlines are popped in the order of their instants`() {
        var generator = SeededGenerator(seed: 7)
        var heap = DeadlineHeap()
        let instants = (0..<5_000).map { _ in
            MonotonicInstant(nanoseconds: .random(in: 0..<1_000_000, using: &generator))
        }
        var names: [ObjectIdentifier: MonotonicInstant] = [:]
        for instant in instants {
            let deadline = Deadline {}
            heap.arm(deadline, at: instant)
            names[ObjectIdentifier(deadline)] = instant
        }
        var order: [MonotonicInstant] = []
        while let due = heap.popDue(at: MonotonicInstant(nanoseconds: 1_000_000)) {
            names.removeValue(forKey: ObjectIdentifier(due)).map { order.append($0) }
        }
        #expect(order == instants.sorted())
    }

    @Test func `postponing and disarming change the heap only when the entry reaches the top`() {
        var heap = DeadlineHeap()
        let deadline = Deadline {}
        heap.arm(deadline, at: MonotonicInstant(nanoseconds: 10))
        heap.arm(deadline, at: MonotonicInstant(nanoseconds: 1_000))
        #expect(heap.nextKey == MonotonicInstant(nanoseconds: 10))
        #expect(heap.popDue(at: MonotonicInstant(nanoseconds: 10)) == nil)
        #expect(heap.nextKey == MonotonicInstant(nanoseconds: 1_000))
        heap.disarm(deadline)
        #expect(heap.count == 1)
        #expect(heap.popDue(at: MonotonicInstant(nanoseconds: 1_000)) == nil)
        #expect(heap.count == 0)
    }

    @Test func `a deadline of never is not stored`() {
        var heap = DeadlineHeap()
        heap.arm(Deadline {}, at: .never)
        #expect(heap.count == 0)
        #expect(heap.popDue(at: .never) == nil)
    }
}

@Suite struct MonotonicInstantTests {
    @Test func `an overflow is never`() {
        let instant = MonotonicInstant(nanoseconds: .max - 5)
        #expect(instant.advanced(byNanoseconds: 6) == .never)
        #expect(instant.advanced(by: .seconds(1 << 40)) == .never)
    }

    @Test(arguments: [
        (Duration.seconds(2), UInt64(2_000_000_000)), (.milliseconds(1), 1_000_000),
        (.nanoseconds(-1), 0), (.seconds(Int64.max), .max), (.zero, 0),
    ])
    func `durations are converted to whole nanoseconds`(duration: Duration, nanoseconds: UInt64) {
        #expect(duration.wholeNanoseconds == nanoseconds)
    }

    @Test func `a sleep lasts at most one day`() {
        #expect(Duration.seconds(Int64.max).upToADay == .seconds(86_400))
        #expect(Duration.seconds(Int64.min).upToADay == .zero)
        #expect(Duration.seconds(5).upToADay == .seconds(5))
    }

    @Test func `the clock is monotonic`() {
        let first = MonotonicInstant.now()
        #expect(MonotonicInstant.now() >= first)
        #expect(first.duration(since: first.advanced(by: .seconds(1))) == .zero)
    }
}
