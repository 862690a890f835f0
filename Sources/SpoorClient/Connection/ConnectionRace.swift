import SpoorNetworking

/// Connects to the first address of a host that accepts the connection (Happy Eyeballs, RFC 8305 §5).
///
/// Attempts start one after the other: the next one when the last has failed, or after the connection attempt delay;
/// all continue until one has succeeded. Whatever the outcome, every other socket is closed before it is returned.
final class ConnectionRace: @unchecked Sendable {
    // Unchecked, because all state is confined to the event loop's thread, on which every method is called.

    /// The maximum number of addresses of a host that are tried; a name may have any number.
    private static let maxAttempts = 32

    private enum Event {
        case connected(SocketStream)
        case failed(SystemError, SocketStream)
        /// The delay after this attempt has passed.
        case delayed(after: Int)
    }

    private let addresses: [SocketAddress]
    private let loop: EventLoop
    private let delay: Duration
    private let counts: ClientCounts
    /// The number of started attempts.
    private var attemptCount = 0
    private var pending: [SocketStream] = []
    private var failure = SystemError(code: 0, call: "connect")
    private var isInterrupted = false

    /// Creates a race without starting it.
    ///
    /// - Parameters:
    ///   - addresses: The addresses in the order in which they are tried.
    ///   - delay: The connection attempt delay, 10 milliseconds to 2 seconds (RFC 8305 §8); clamped to that range.
    init(
        to addresses: [SocketAddress], on loop: EventLoop, delay: Duration,
        counting counts: ClientCounts
    ) {
        self.addresses = Array(addresses.prefix(Self.maxAttempts))
        self.loop = loop
        self.delay = min(max(delay, .milliseconds(10)), .seconds(2))
        self.counts = counts
    }

    /// Connects; to be called once.
    ///
    /// - Parameter timeout: The timeout that expires at `end`.
    /// - Throws: `timedOut(.connect, timeout)` at `end`, `cancelled` after ``interrupt()``, otherwise the error of the
    ///   last attempt.
    func run(
        until end: MonotonicInstant, timeout: ClientError.Timeout
    ) async throws(ClientError) -> SocketStream {
        // Most connections are established immediately, by one attempt, and need no additional tasks.
        while let stream = beginNext() {
            let isLast = attemptCount == addresses.count
            let attemptEnd = isLast ? end : min(end, loop.now.advanced(by: delay))
            do throws(SystemError) {
                if try await stream.isConnected(by: attemptEnd) { return succeed(stream) }
            } catch {
                record(error, of: stream)
                continue
            }
            if attemptEnd == end {
                stream.close()
                record(.connectTimedOut, of: stream)
                break
            }
            if let winner = await race(stream, until: end) { return winner }
        }
        if isInterrupted { throw .cancelled }
        throw failure.isTimeout ? .timedOut(.connect, timeout) : .connect(failure)
    }

    /// Ends all attempts and starts no more.
    func interrupt() {
        isInterrupted = true
        for stream in pending { stream.interrupt() }
    }

    /// Waits for a first attempt and starts others in parallel; returns nil when all have failed.
    private func race(_ first: SocketStream, until end: MonotonicInstant) async -> SocketStream? {
        await withTaskGroup(of: Event.self, returning: SocketStream?.self) { group in
            watch(first, in: &group, until: end)
            watchNext(in: &group, until: end)
            var winner: SocketStream?
            while winner == nil || !pending.isEmpty, let event = await group.next() {
                switch event {
                case .connected(let stream) where winner == nil && !isInterrupted:
                    winner = succeed(stream)
                    for loser in pending { loser.interrupt() }
                case .connected(let stream):
                    stream.close()
                    record(.connectInterrupted, of: stream)
                case .failed(let error, let stream):
                    record(error, of: stream)
                    if winner == nil { watchNext(in: &group, until: end) }
                case .delayed(let attempt):
                    if winner == nil, attempt == attemptCount { watchNext(in: &group, until: end) }
                }
                if winner == nil, pending.isEmpty { break }
            }
            // Only delays are left.
            group.cancelAll()
            return winner
        }
    }

    /// Starts the next attempt, if there is one, and the delay after it.
    private func watchNext(in group: inout TaskGroup<Event>, until end: MonotonicInstant) {
        guard let stream = beginNext() else { return }
        watch(stream, in: &group, until: end)
        let attempt = attemptCount
        guard attempt < addresses.count else { return }
        let next = loop.now.advanced(by: delay)
        group.addTask(executorPreference: loop) { [loop] in
            try? await loop.sleep(until: next)
            return .delayed(after: attempt)
        }
    }

    private func watch(
        _ stream: SocketStream, in group: inout TaskGroup<Event>, until end: MonotonicInstant
    ) {
        group.addTask(executorPreference: loop) {
            do throws(SystemError) {
                try await stream.finishConnecting(until: end)
                return .connected(stream)
            } catch {
                return .failed(error, stream)
            }
        }
    }

    /// Starts attempts until one is pending; returns nil when there are no addresses left.
    private func beginNext() -> SocketStream? {
        while !isInterrupted, attemptCount < addresses.count {
            attemptCount += 1
            do throws(SystemError) {
                let stream = try SocketStream.dial(addresses[attemptCount - 1], on: loop)
                pending.append(stream)
                return stream
            } catch {
                record(error, of: nil)
            }
        }
        return nil
    }

    private func succeed(_ stream: SocketStream) -> SocketStream {
        pending.removeAll { $0 === stream }
        counts.add(\.connectionsOpened)
        return stream
    }

    private func record(_ error: SystemError, of stream: SocketStream?) {
        pending.removeAll { $0 === stream }
        guard !error.isCancelled else { return }
        counts.add(\.connectionsFailed)
        failure = error
    }
}
