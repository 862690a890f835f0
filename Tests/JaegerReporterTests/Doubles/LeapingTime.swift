import Synchronization

@testable import JaegerReporter

/// Time that stands still, and leaps to wherever somebody wants to sleep to.
final class LeapingTime: Sendable {
    private let start = ContinuousClock.now
    private let passed = Mutex(Duration.zero)

    /// How long was slept in all.
    var elapsed: Duration { passed.withLock { $0 } }

    var source: TimeSource {
        TimeSource(
            now: { [self] in start + elapsed },
            sleep: { [self] instant in
                try Task.checkCancellation()
                passed.withLock { $0 = max($0, start.duration(to: instant)) }
            })
    }
}
