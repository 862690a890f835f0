import Synchronization

@testable import JaegerReporter

/// A clock that only the test advances.
final class MovableTime: Sendable {
    private struct Sleeper {
        let number: Int
        let until: Duration
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var passed = Duration.zero
        var lastNumber = 0
        var sleepers: [Sleeper] = []
        var cancelled: Set<Int> = []
    }

    private let start = ContinuousClock.now
    private let state = Mutex(State())
    private let slept: AsyncStream<Duration>
    private let sleeps: AsyncStream<Duration>.Continuation

    init() {
        (slept, sleeps) = AsyncStream.makeStream()
    }

    var source: TimeSource {
        TimeSource(
            now: { [self] in start + state.withLock { $0.passed } },
            sleep: { [self] in try await sleep(until: start.duration(to: $0)) })
    }

    /// Advances the time, and wakes the sleepers that are due.
    func pass(_ duration: Duration) {
        let due = state.withLock { state in
            state.passed += duration
            let passed = state.passed
            defer { state.sleepers.removeAll { $0.until <= passed } }
            return state.sleepers.filter { $0.until <= passed }
        }
        for sleeper in due { sleeper.continuation.resume() }
    }

    /// Returns when there is a sleep until a time within the range, relative to the start.
    func isAwaited(within range: ClosedRange<Duration>) async {
        for await until in slept where range.contains(until) { return }
    }

    private func sleep(until: Duration) async throws {
        let number = state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let outcome = state.withLock { state -> Result<Void, any Error>? in
                    if state.cancelled.contains(number) { return .failure(CancellationError()) }
                    if until <= state.passed { return .success(()) }
                    state.sleepers.append(
                        Sleeper(number: number, until: until, continuation: continuation))
                    return nil
                }
                if let outcome { continuation.resume(with: outcome) } else { sleeps.yield(until) }
            }
        } onCancel: {
            let sleeper = state.withLock { state -> Sleeper? in
                state.cancelled.insert(number)
                guard let index = state.sleepers.firstIndex(where: { $0.number == number }) else {
                    return nil
                }
                return state.sleepers.remove(at: index)
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }
}
