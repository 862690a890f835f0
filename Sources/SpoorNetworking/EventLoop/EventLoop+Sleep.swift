/// Sleeping on a loop: one entry in its heap, no timer of the runtime.
extension EventLoop {
    /// Suspends until `instant`.
    ///
    /// - Throws: `CancellationError` as soon as the task is cancelled or the loop ends.
    package func sleep(until instant: MonotonicInstant) async throws {
        guard isCurrent || isEnded else {
            return try await run { try await self.sleep(until: instant) }
        }
        let sleeper = Sleeper(loop: self)
        let outcome = await withTaskCancellationHandler {
            await sleeper.sleep(until: instant)
        } onCancel: {
            execute { sleeper.cancel() }
        }
        remove(sleeper.deadline)
        guard outcome == .timedOut, !Task.isCancelled else { throw CancellationError() }
    }

    /// Suspends for a while; cheaper than `Task.sleep` for a task on the loop, for it stays there.
    ///
    /// - Throws: `CancellationError` as soon as the task is cancelled or the loop ends.
    public func sleep(for duration: Duration) async throws {
        try await sleep(until: MonotonicInstant.now().advanced(by: duration))
    }
}

/// One sleeping task.
///
/// Only its loop's thread touches it, hence unchecked.
@safe private final class Sleeper: @unchecked Sendable {
    // Safe, because the continuation is taken out before it is resumed.

    private static let farthest = MonotonicInstant(nanoseconds: .max - 1)

    private let loop: EventLoop
    private var continuation: UnsafeContinuation<WaitOutcome, Never>?
    private var isCancelled = false
    private(set) lazy var deadline = Deadline { [weak self] in
        guard let self else { return }
        wake(loop.isStopping ? .interrupted : .timedOut)
    }

    init(loop: EventLoop) {
        self.loop = loop
    }

    func sleep(until instant: MonotonicInstant) async -> WaitOutcome {
        if isCancelled || loop.isStopping { return .interrupted }
        return await unsafe withUnsafeContinuation { continuation in
            unsafe self.continuation = continuation
            // The heap keeps no deadline that never comes, but the loop's end must find each
            // sleeper.
            loop.arm(deadline, at: min(instant, Self.farthest))
        }
    }

    func cancel() {
        isCancelled = true
        wake(.interrupted)
    }

    private func wake(_ outcome: WaitOutcome) {
        guard let waiting = unsafe continuation else { return }
        unsafe continuation = nil
        unsafe waiting.resume(returning: outcome)
    }
}
