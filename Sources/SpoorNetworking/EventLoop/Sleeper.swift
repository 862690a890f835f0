/// One sleeping task.
///
/// Only its loop's thread touches it, hence unchecked.
@safe final class Sleeper: @unchecked Sendable {
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
