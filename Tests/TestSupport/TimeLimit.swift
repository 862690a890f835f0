import FoundationEssentials
import Synchronization
package import Testing

/// A time limit in seconds for tests that could otherwise only fail by hanging.
///
/// The limit is for a step that never happens, not for measuring durations. It sleeps in a hundred parts, each of which waits for
/// its turn among the tasks of the process: on a busy machine the limit is therefore longer. `SPOOR_TIME_LIMIT_FACTOR`
/// multiplies all limits, for example with a sanitizer.
package struct TimeLimit: TestTrait, SuiteTrait, TestScoping {
    let limit: Duration

    package var isRecursive: Bool { true }

    @concurrent package func provideScope(
        for test: Test, testCase: Test.Case?,
        performing function: @Sendable @concurrent () async throws -> Void
    ) async throws {
        try await withTimeLimit(limit, sourceLocation: test.sourceLocation, function)
    }

    /// The value of `SPOOR_TIME_LIMIT_FACTOR`; 1 by default.
    static let factor: Int = {
        let text = ProcessInfo.processInfo.environment["SPOOR_TIME_LIMIT_FACTOR"] ?? ""
        return max(1, Int(text) ?? 1)
    }()

    static let partCount = 100

    /// How long cancelled code may take to return before the process ends.
    package static let grace = Duration.seconds(60)
}

extension Trait where Self == TimeLimit {
    /// Fails and cancels each test, or each test of a suite, that takes longer.
    ///
    /// The `.timeLimit` of Swift Testing has minutes.
    package static func finishes(within limit: Duration) -> TimeLimit {
        TimeLimit(limit: limit)
    }
}

/// Runs `body`; if it takes longer than `limit`, records an issue at the location of the call and cancels the task.
///
/// `body` runs in the calling task and can use the same values as the caller. If it does not return after the cancellation, the
/// process ends a minute later with the location in its last line, because a run that hangs prints nothing.
///
/// - Parameters:
///   - limit: How long `body` may take, before `SPOOR_TIME_LIMIT_FACTOR` multiplies it.
///   - grace: How long it may take to return after it was cancelled.
///   - sourceLocation: Where the issue is recorded.
///   - giveUp: Called with the reason if it has not returned by then; ends the process.
///   - body: What is limited.
/// - Throws: What `body` throws, usually `CancellationError` after the limit.
package func withTimeLimit<Result>(
    _ limit: Duration, grace: Duration = TimeLimit.grace,
    sourceLocation: SourceLocation = #_sourceLocation,
    giveUp: @escaping @Sendable (String) -> Void = { fatalError($0) },
    _ body: () async throws -> Result
) async rethrows -> Result {
    let limited = LimitedTask()
    let limit = limit * TimeLimit.factor
    let watch = Task {
        for _ in 0..<TimeLimit.partCount {
            try await Task.sleep(for: limit / TimeLimit.partCount)
        }
        guard limited.isRunning else { return }
        // Before the test can end because of it: an issue that is recorded later belongs to no test.
        Issue.record("not finished within \(limit)", sourceLocation: sourceLocation)
        // In a separate task: Swift Testing handles the cancellation of a test by cancelling the task that caused it.
        await Task { limited.cancel() }.value
        try await Task.sleep(for: grace)
        guard limited.isRunning else { return }
        giveUp("not finished within \(limit), and it ignores cancellation: \(sourceLocation)")
    }
    func end() async {
        limited.finish()
        watch.cancel()
        // It may be about to record an issue.
        _ = await watch.result
    }
    do {
        let result = try await body()
        await end()
        return result
    } catch {
        await end()
        throw error
    }
}

/// The calling task while the limited code runs in it.
@safe private final class LimitedTask: Sendable {
    // Safe, because the task is accessed only under the lock and before finish(), when it still exists.

    private let task: Mutex<RunningTask?>

    init() {
        let running = unsafe withUnsafeCurrentTask { task in
            unsafe task.map { task in unsafe RunningTask(task: task) }
        }
        task = Mutex(running)
    }

    var isRunning: Bool { task.withLock { $0 != nil } }

    /// Cancels the task, unless the code has finished.
    func cancel() {
        task.withLock { $0?.cancel() }
    }

    func finish() {
        task.withLock { $0 = nil }
    }
}

@safe private struct RunningTask {
    let task: UnsafeCurrentTask

    func cancel() {
        unsafe task.cancel()
    }
}
