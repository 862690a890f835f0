import SpoorTLS
import Synchronization

/// A client's side of TLS, which is made when the first `https` request comes: reading the system's
/// roots takes time, and most clients never need them.
final class ClientTLS: Sendable {
    private let configuration: TLSClientConfiguration
    private let made = Mutex(TLSClient?.none)

    init(_ configuration: TLSClientConfiguration) {
        self.configuration = configuration
    }

    /// The one for all connections; files that cannot be used are tried again by the next request.
    func client() throws(TLSConfigurationError) -> TLSClient {
        try made.withLock { made throws(TLSConfigurationError) in
            if let made { return made }
            let client = try TLSClient(configuration)
            made = client
            return client
        }
    }
}
