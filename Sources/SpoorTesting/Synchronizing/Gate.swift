import Synchronization

/// A gate at which one part of a test waits until another part opens it.
///
/// Use it for one event (``open()``: waiting tasks continue, and later ones do not wait), or for a series of events
/// (``admit(_:)``: exactly one wait returns for each admission). The order does not matter: an opening or admission
/// before the wait is not lost. All methods may be called from any task or thread.
///
/// ```swift
/// let entered = Gate(), release = Gate()
/// routes.get("/slow") { _ in
///     entered.open()
///     try await release.wait()
///     return "done"
/// }
/// ```
public final class Gate: Sendable {
    /// Whether a wait returns immediately, and how often.
    private enum Position {
        /// Waits suspend until the gate opens or admits them; the next `admissions` waits return immediately.
        case closed(admissions: Int)
        /// Every wait returns immediately.
        case open
    }

    private struct Waiter {
        let id: Int
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct ArrivalObserver {
        let id: Int
        let count: Int
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var position: Position
        var arrivals = 0
        var nextID = 0
        /// The waiting tasks, in order of arrival.
        var waiters: [Waiter] = []
        var observers: [ArrivalObserver] = []
    }

    private let state: Mutex<State>

    /// Creates a gate.
    ///
    /// - Parameter isOpen: Whether waits return immediately from the beginning; false by default.
    public init(isOpen: Bool = false) {
        state = Mutex(State(position: isOpen ? .open : .closed(admissions: 0)))
    }

    // MARK: Opening

    /// Whether a wait that begins now returns immediately, because the gate is open or an admission is left.
    public var isOpen: Bool {
        state.withLock {
            switch $0.position {
            case .open: true
            case .closed(let admissions): admissions > 0
            }
        }
    }

    /// Opens the gate: all waiting tasks continue, and later waits return immediately, until ``close()``.
    ///
    /// Opening an open gate has no effect.
    public func open() {
        let waiters = state.withLock { state in
            state.position = .open
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.continuation.resume() }
    }

    /// Closes the gate, so that it can be used again: later waits suspend until the gate opens or admits them.
    ///
    /// Unused admissions are discarded. Closing a closed gate without admissions has no effect.
    public func close() {
        state.withLock { $0.position = .closed(admissions: 0) }
    }

    /// Lets `count` waits return, the earliest first; unused admissions are kept for later waits.
    ///
    /// Has no effect on an open gate.
    ///
    /// - Parameter count: The number of waits, at least 0.
    public func admit(_ count: Int = 1) {
        precondition(count >= 0, "a gate cannot admit \(count) waits")
        let admitted = state.withLock { state -> [Waiter] in
            guard case .closed(let admissions) = state.position else { return [] }
            let first = Array(state.waiters.prefix(count))
            state.waiters.removeFirst(first.count)
            state.position = .closed(admissions: admissions + count - first.count)
            return first
        }
        for waiter in admitted { waiter.continuation.resume() }
    }

    // MARK: Waiting

    /// Returns when the gate is open, or admits this wait.
    ///
    /// - Throws: `CancellationError` if the task is cancelled before.
    public func wait() async throws {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                arrive(Waiter(id: id, continuation: continuation))
            }
        } onCancel: {
            cancel(id)
        }
    }

    /// Suspends until the task is cancelled, and opens the gate then.
    ///
    /// For a handler that must be cancelled: the test waits for the gate.
    package func openWhenCancelled() async {
        do {
            try await Gate().wait()
        } catch {
            open()
        }
    }

    /// The number of waits that have begun so far, including those that have returned.
    public var arrivals: Int {
        state.withLock { $0.arrivals }
    }

    /// Returns when `count` waits have begun, including those that have returned.
    ///
    /// - Parameter count: The number of waits since the gate was created.
    /// - Throws: `CancellationError` if the task is cancelled before.
    public func waitForArrivals(_ count: Int = 1) async throws {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                observe(ArrivalObserver(id: id, count: count, continuation: continuation))
            }
        } onCancel: {
            cancel(id)
        }
    }

    private enum Entry {
        case passes, waits, isCancelled
    }

    private func arrive(_ waiter: Waiter) {
        let (entry, observers) = state.withLock { state -> (Entry, [ArrivalObserver]) in
            state.arrivals += 1
            let arrivals = state.arrivals
            let reached = state.observers.filter { $0.count <= arrivals }
            state.observers.removeAll { $0.count <= arrivals }
            return (enter(waiter, &state), reached)
        }
        for observer in observers { observer.continuation.resume() }
        switch entry {
        case .passes: waiter.continuation.resume()
        case .isCancelled: waiter.continuation.resume(throwing: CancellationError())
        case .waits: break
        }
    }

    /// Called with the lock held, so that a cancellation comes either before it (and is detected here) or after it
    /// (and finds the waiter).
    private func enter(_ waiter: Waiter, _ state: inout State) -> Entry {
        if Task.isCancelled { return .isCancelled }
        switch state.position {
        case .open: return .passes
        case .closed(let admissions) where admissions > 0:
            state.position = .closed(admissions: admissions - 1)
            return .passes
        case .closed:
            state.waiters.append(waiter)
            return .waits
        }
    }

    private func observe(_ observer: ArrivalObserver) {
        let entry = state.withLock { state -> Entry in
            if Task.isCancelled { return .isCancelled }
            if state.arrivals >= observer.count { return .passes }
            state.observers.append(observer)
            return .waits
        }
        switch entry {
        case .passes: observer.continuation.resume()
        case .isCancelled: observer.continuation.resume(throwing: CancellationError())
        case .waits: break
        }
    }

    private func cancel(_ id: Int) {
        let continuation = state.withLock { state -> CheckedContinuation<Void, any Error>? in
            if let index = state.waiters.firstIndex(where: { $0.id == id }) {
                return state.waiters.remove(at: index).continuation
            }
            if let index = state.observers.firstIndex(where: { $0.id == id }) {
                return state.observers.remove(at: index).continuation
            }
            return nil
        }
        continuation?.resume(throwing: CancellationError())
    }
}
