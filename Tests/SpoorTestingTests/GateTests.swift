import SpoorTesting
import TestSupport
import Testing

@Suite(.finishes(within: .seconds(60))) struct GateTests {
    @Test func `an open gate lets every task pass`() async throws {
        let gate = Gate(isOpen: true)
        try await gate.wait()
        try await gate.wait()
        #expect(gate.isOpen)
        #expect(gate.arrivals == 2)
    }

    @Test func `opening resumes waiting tasks, and later waits return immediately`() async throws {
        let gate = Gate()
        async let first: Void = gate.wait()
        async let second: Void = gate.wait()
        try await gate.waitForArrivals(2)
        #expect(!gate.isOpen)
        gate.open()
        gate.open()
        _ = try await (first, second)
        try await gate.wait()
        #expect(gate.arrivals == 3)
    }

    @Test func `an opening before the first wait is not lost`() async throws {
        let gate = Gate()
        gate.open()
        try await gate.wait()
        #expect(gate.isOpen)
    }

    @Test func `an admission lets one wait return, the first one first`() async throws {
        let gate = Gate()
        let order = AsyncStream.makeStream(of: Int.self)
        var passed = order.stream.makeAsyncIterator()
        let waiting = (1...3).map { number in
            Task {
                try await gate.waitForArrivals(number - 1)
                try await gate.wait()
                order.continuation.yield(number)
            }
        }
        try await gate.waitForArrivals(3)
        for number in 1...3 {
            gate.admit()
            #expect(await passed.next() == number)
        }
        for task in waiting { try await task.value }
        #expect(!gate.isOpen)
    }

    @Test func `unused admissions are kept, until the gate closes`() async throws {
        let gate = Gate()
        gate.admit(2)
        try await gate.wait()
        #expect(gate.isOpen)
        try await gate.wait()
        #expect(!gate.isOpen)
        gate.admit()
        gate.close()
        #expect(!gate.isOpen)
    }

    @Test func `a gate that is closed again holds waits until it opens again`() async throws {
        let gate = Gate(isOpen: true)
        try await gate.wait()
        gate.close()
        async let next: Void = gate.wait()
        try await gate.waitForArrivals(2)
        gate.open()
        try await next
        #expect(gate.isOpen)
    }

    @Test func `cancelling ends a wait, and takes no admission`() async throws {
        let gate = Gate()
        let cancelled = Task { try await gate.wait() }
        try await gate.waitForArrivals(1)
        cancelled.cancel()
        await #expect(throws: CancellationError.self) { try await cancelled.value }
        gate.admit()
        #expect(gate.isOpen)
        try await gate.wait()
    }

    @Test func `cancelling ends waiting for arrivals`() async throws {
        let gate = Gate()
        let observer = Task { try await gate.waitForArrivals(1) }
        observer.cancel()
        await #expect(throws: CancellationError.self) { try await observer.value }
    }

    @Test func `a task that was cancelled before does not wait`() async throws {
        let gate = Gate(), start = Gate()
        let late = Task {
            try? await start.wait()
            try await gate.wait()
        }
        late.cancel()
        await #expect(throws: CancellationError.self) { try await late.value }
        #expect(gate.arrivals == 1)
    }

    @Test func `many tasks on many threads lose no admission`() async throws {
        let gate = Gate()
        try await withThrowingTaskGroup { group in
            for _ in 0..<1_000 {
                group.addTask { try await gate.wait() }
                group.addTask { gate.admit() }
            }
            try await group.waitForAll()
        }
        #expect(gate.arrivals == 1_000)
        #expect(!gate.isOpen)
    }
}
