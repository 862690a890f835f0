import SpoorNetworking
import SpoorTLS
import Synchronization

/// The client side of TLS, created when the first `https` request is sent: reading the system's trust roots takes
/// time, and many clients never need them.
///
/// Files are read on threads of ``BlockingPool/files``, never on an event loop; concurrent requests wait for the
/// first read, and use the previous contents while changed files are read.
final class ClientTLS: Sendable {
    private typealias Outcome = Result<TLSClient, TLSConfigurationError>

    private enum State {
        /// Nothing was read, or it could not be loaded.
        case unread
        /// A request has started reading; these wait for it.
        case reading([CheckedContinuation<Outcome, Never>])
        /// The files were read, and last checked at this instant.
        case ready(TLSClient, checkedAt: MonotonicInstant)
    }

    /// What a request has to do for its connection.
    private enum Step {
        case use(TLSClient)
        /// Use the client, unless the files have changed.
        case check(TLSClient)
        case read
        case wait
    }

    private let configuration: TLSClientConfiguration
    private let state = Mutex(State.unread)

    /// The minimum interval between two checks of the files.
    private static let checkInterval = Duration.seconds(1)

    init(_ configuration: TLSClientConfiguration) {
        self.configuration = configuration
    }

    /// Returns the TLS client for a new connection; created again when its files have changed.
    ///
    /// Changed files that cannot be loaded, maybe because only one of two is written yet, have no effect. If the
    /// first read fails, the next request tries again.
    func client(at now: MonotonicInstant) async throws(TLSConfigurationError) -> TLSClient {
        switch state.withLock({ Self.step(&$0, at: now) }) {
        case .use(let client): return client
        case .check(let client): return await changedClient(client, at: now) ?? client
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
        case .ready(let client, let checkedAt):
            guard now >= checkedAt.advanced(by: checkInterval) else { return .use(client) }
            state = .ready(client, checkedAt: now)
            return .check(client)
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
                state = .ready(client, checkedAt: now)
            } else {
                state = .unread
            }
            return waiting
        }
        for continuation in waiting { continuation.resume(returning: outcome) }
        return try outcome.get()
    }

    /// Returns a client from the current files; nil if they have not changed, or cannot be loaded.
    private func changedClient(_ client: TLSClient, at now: MonotonicInstant) async -> TLSClient? {
        let fresh = try? await BlockingPool.files.run { [configuration] in
            client.isOutdated ? try TLSClient(configuration) : nil
        }
        guard let fresh = fresh.flatMap(\.self) else { return nil }
        state.withLock { $0 = .ready(fresh, checkedAt: now) }
        return fresh
    }

    private static let unavailable = TLSConfigurationError.library(
        "certificates not read: the thread pool for file reads is full")
}
