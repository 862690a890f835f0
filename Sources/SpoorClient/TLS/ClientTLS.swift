import SpoorNetworking
import SpoorTLS
import Synchronization

/// A client's side of TLS, which is made when the first `https` request comes: reading the system's
/// roots takes time, and most clients never need them.
final class ClientTLS: Sendable {
    private struct State {
        var client: TLSClient?
        var lookedAt = MonotonicInstant(nanoseconds: 0)
    }

    private let configuration: TLSClientConfiguration
    private let state = Mutex(State())

    /// How often the files are looked at for a change, at the most.
    private static let lookInterval = Duration.seconds(1)

    init(_ configuration: TLSClientConfiguration) {
        self.configuration = configuration
    }

    /// What a connection that begins now uses; made again when its files have changed.
    ///
    /// Changed files that cannot be used, maybe because only one of two is written yet, change
    /// nothing. What cannot be used from the start is tried again by the next request.
    func client(at now: MonotonicInstant) throws(TLSConfigurationError) -> TLSClient {
        try state.withLock { state throws(TLSConfigurationError) in
            guard let client = state.client else {
                let client = try TLSClient(configuration)
                state = State(client: client, lookedAt: now)
                return client
            }
            guard now >= state.lookedAt.advanced(by: Self.lookInterval) else { return client }
            state.lookedAt = now
            guard client.isOutdated, let fresh = try? TLSClient(configuration) else {
                return client
            }
            state.client = fresh
            return fresh
        }
    }
}
