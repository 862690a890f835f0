import Synchronization

@testable import JaegerReporter

/// A clock that only advances by a sleep, to its end.
final class LeapingTime: Sendable {
    private let start = ContinuousClock.now
    private let passed = Mutex(Duration.zero)

    /// The total time of all sleeps.
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
