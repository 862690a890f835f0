import SpoorNetworking
import SpoorTLS
import Synchronization

/// A client's side of TLS, which is made when the first `https` request comes: reading the system's
/// roots takes time, and most clients never need them.
///
/// Files are read by threads of ``BlockingPool/files``, never by an event loop; requests that come meanwhile wait for the
/// first reading, and go on with what was read before if files have changed.
final class ClientTLS: Sendable {
    private typealias Outcome = Result<TLSClient, TLSConfigurationError>

    private enum State {
        /// Nothing was read, or it could not be used.
        case unread
        /// A request has it read; these wait for that.
        case reading([CheckedContinuation<Outcome, Never>])
        /// It was read, and at this instant the files were last looked at.
        case ready(TLSClient, lookedAt: MonotonicInstant)
    }

    /// What a request has to do for its connection.
    private enum Step {
        case use(TLSClient)
        /// Use it, unless the files have changed.
        case look(TLSClient)
        case read
        case wait
    }

    private let configuration: TLSClientConfiguration
    private let state = Mutex(State.unread)

    /// How often the files are looked at for a change, at the most.
    private static let lookInterval = Duration.seconds(1)

    init(_ configuration: TLSClientConfiguration) {
        self.configuration = configuration
    }

    /// What a connection that begins now uses; made again when its files have changed.
    ///
    /// Changed files that cannot be used, maybe because only one of two is written yet, change
    /// nothing. What cannot be used from the start is tried again by the next request.
    func client(at now: MonotonicInstant) async throws(TLSConfigurationError) -> TLSClient {
        switch state.withLock({ Self.step(&$0, at: now) }) {
        case .use(let client): return client
        case .look(let client): return await changedClient(client, at: now) ?? client
        case .read: return try await firstClient(at: now)
        case .wait:
            return try await withCheckedContinuation { continuation in
                let outcome: Outcome? = state.withLock { state in
                    switch state {
                    case .reading(let waiting):
                        state = .reading(waiting + [continuation])
                        return nil
                    case .ready(let client, _): return .success(client)
                    case .unread: return .failure(Self.unavailable)
                    }
                }
                if let outcome { continuation.resume(returning: outcome) }
            }.get()
        }
    }

    private static func step(_ state: inout State, at now: MonotonicInstant) -> Step {
        switch state {
        case .unread:
            state = .reading([])
            return .read
        case .reading: return .wait
        case .ready(let client, let lookedAt):
            guard now >= lookedAt.advanced(by: lookInterval) else { return .use(client) }
            state = .ready(client, lookedAt: now)
            return .look(client)
        }
    }

    private func firstClient(
        at now: MonotonicInstant
    ) async throws(TLSConfigurationError) -> TLSClient {
        let outcome: Outcome
        do {
            let client = try await BlockingPool.files.run { [configuration] in
                try TLSClient(configuration)
            }
            outcome = .success(client)
        } catch {
            outcome = .failure(error as? TLSConfigurationError ?? Self.unavailable)
        }
        let waiting: [CheckedContinuation<Outcome, Never>] = state.withLock { state in
            guard case .reading(let waiting) = state else { return [] }
            if case .success(let client) = outcome {
                state = .ready(client, lookedAt: now)
            } else {
                state = .unread
            }
            return waiting
        }
        for continuation in waiting { continuation.resume(returning: outcome) }
        return try outcome.get()
    }

    /// What the files make now; nil if they have not changed, or cannot be used.
    private func changedClient(_ client: TLSClient, at now: MonotonicInstant) async -> TLSClient? {
        let fresh = try? await BlockingPool.files.run { [configuration] in
            client.isOutdated ? try TLSClient(configuration) : nil
        }
        guard let fresh = fresh.flatMap(\.self) else { return nil }
        state.withLock { $0 = .ready(fresh, lookedAt: now) }
        return fresh
    }

    private static let unavailable = TLSConfigurationError.library(
        "the certificates were not read, because the pool of threads that reads files is full")
}
