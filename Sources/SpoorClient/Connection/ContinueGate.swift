import SpoorNetworking

/// Holds the body of a request back until `100 Continue` comes, or has been waited for long enough (RFC 9110 §10.1.1).
///
/// It belongs to the thread of its loop, and one task at most waits at it.
final class ContinueGate {
    private enum State {
        case closed
        case waitedFor(CheckedContinuation<Void, Never>)
        case open
    }

    private let loop: EventLoop
    private var state = State.closed
    private var deadline: Deadline?

    init(on loop: EventLoop) {
        self.loop = loop
    }

    /// Suspends until the gate is open, and opens it at `instant`.
    func pass(until instant: MonotonicInstant) async {
        guard case .closed = state else { return }
        await withCheckedContinuation { continuation in
            state = .waitedFor(continuation)
            let deadline = Deadline { [unowned self] in open() }
            self.deadline = deadline
            loop.arm(deadline, at: instant)
        }
    }

    /// Lets the body go; a second time does nothing.
    func open() {
        let before = state
        state = .open
        if let deadline { loop.remove(deadline) }
        deadline = nil
        if case .waitedFor(let continuation) = before { continuation.resume() }
    }
}
