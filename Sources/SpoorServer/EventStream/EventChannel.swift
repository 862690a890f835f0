import SpoorHTTP
import SpoorNetworking
import Synchronization

/// Passes events from the task that iterates a sequence, and heartbeats, to the task that sends them.
///
/// It holds one event: the sequence is not asked for another one until that was taken (back-pressure). A heartbeat is
/// dropped unless the receiver is waiting.
final class EventChannel: Sendable {
    /// What is sent.
    enum Signal: Sendable {
        case event(ServerSentEvent)
        case heartbeat
    }

    private enum Receiver {
        case busy
        case waiting(CheckedContinuation<Signal?, any Error>)
    }

    private struct State {
        var event: ServerSentEvent?
        var receiver = Receiver.busy
        var sender: CheckedContinuation<Void, Never>?
        /// The end of the sequence, if it has ended.
        var end: Result<Void, any Error>?
        var isClosed = false
        /// The time of the last signal.
        var lastSignal = ContinuousClock.now

        mutating func takeReceiver() -> CheckedContinuation<Signal?, any Error>? {
            guard case .waiting(let receiver) = receiver else { return nil }
            self.receiver = .busy
            return receiver
        }

        mutating func takeSender() -> CheckedContinuation<Void, Never>? {
            defer { sender = nil }
            return sender
        }
    }

    private let state = Mutex(State())

    // MARK: Receiving

    /// Waits for the next signal; nil at the end of the sequence, and when the task is cancelled.
    ///
    /// - Throws: The error of the sequence.
    func next() async throws -> Signal? {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { receive($0) }
        } onCancel: {
            close()
        }
    }

    private func receive(_ receiver: CheckedContinuation<Signal?, any Error>) {
        let (signal, sender): (Result<Signal?, any Error>?, CheckedContinuation<Void, Never>?) =
            state.withLock { state in
                if state.isClosed { return (.success(nil), state.takeSender()) }
                if let event = state.event {
                    state.event = nil
                    state.lastSignal = .now
                    return (.success(.event(event)), state.takeSender())
                }
                if let end = state.end { return (end.map { nil }, nil) }
                state.receiver = .waiting(receiver)
                return (nil, nil)
            }
        sender?.resume()
        if let signal { receiver.resume(with: signal) }
    }

    /// Ends the stream: the receiver gets nil, and nothing more is accepted.
    func close() {
        let (receiver, sender) = state.withLock { state in
            state.isClosed = true
            return (state.takeReceiver(), state.takeSender())
        }
        receiver?.resume(returning: nil)
        sender?.resume()
    }

    // MARK: Sending

    /// Sends the events of a sequence, each after the one before was taken, until it ends or the channel is closed.
    func forward<Events: AsyncSequence>(_ events: Events) async
    where Events.Element == ServerSentEvent {
        do {
            for try await event in events {
                guard await send(event) else { return }
            }
            finish(.success(()))
        } catch {
            finish(.failure(error))
        }
    }

    /// Sends an event, and waits until another one is accepted; returns false if the channel is closed.
    private func send(_ event: ServerSentEvent) async -> Bool {
        let receiver = state.withLock { state in
            guard let receiver = state.takeReceiver() else {
                if !state.isClosed { state.event = event }
                return nil as CheckedContinuation<Signal?, any Error>?
            }
            state.lastSignal = .now
            return receiver
        }
        receiver?.resume(returning: .event(event))
        await withCheckedContinuation { sender in
            let isFree = state.withLock { state in
                if state.isClosed || state.event == nil { return true }
                state.sender = sender
                return false
            }
            if isFree { sender.resume() }
        }
        return state.withLock { !$0.isClosed }
    }

    private func finish(_ end: Result<Void, any Error>) {
        let receiver = state.withLock { state in
            state.end = end
            return state.takeReceiver()
        }
        receiver?.resume(with: end.map { nil })
    }

    /// Sends a heartbeat whenever nothing was sent for an interval of a millisecond to a day, until the task is
    /// cancelled.
    func sendHeartbeats(every interval: Duration) async {
        let interval = max(interval.upToADay, .milliseconds(1))
        while true {
            let due = state.withLock { $0.lastSignal.advanced(by: interval) }
            guard
                (try? await Task.sleep(
                    until: due, tolerance: .milliseconds(100), clock: .continuous)) != nil
            else { return }
            let receiver = state.withLock { state -> CheckedContinuation<Signal?, any Error>? in
                let now = ContinuousClock.now
                guard state.lastSignal.advanced(by: interval) <= now else { return nil }
                state.lastSignal = now
                return state.takeReceiver()
            }
            receiver?.resume(returning: .heartbeat)
        }
    }
}
