public import SpoorHTTP

/// A condition on peers: all, none, those of some networks, or those that a closure accepts.
public struct PeerTrust: Sendable {
    private enum Form: Sendable {
        case all
        case none
        case networks([PeerNetwork])
        case condition(@Sendable (Exchange) -> Bool)
    }

    private let form: Form

    /// All peers.
    public static let all = PeerTrust(form: .all)
    /// No peer.
    public static let none = PeerTrust(form: .none)

    /// Returns the peers of these networks.
    ///
    /// The peer is the remote endpoint of the connection: if a proxy is in front of the server, that is the proxy.
    public static func networks(_ networks: [PeerNetwork]) -> PeerTrust {
        PeerTrust(form: .networks(networks))
    }

    /// Returns the peers of the networks in the notation of ``PeerNetwork/init(_:)``.
    ///
    /// - Throws: ``PeerNetworkError`` for the first text that is not a network.
    public static func networks(_ texts: String...) throws(PeerNetworkError) -> PeerTrust {
        var networks: [PeerNetwork] = []
        for text in texts { networks.append(try PeerNetwork(text)) }
        return .networks(networks)
    }

    /// Returns the peers whose requests the closure accepts, for example by a header or a client certificate.
    ///
    /// It is called before the rest of the chain runs, for requests that contain a trace context or a debug id.
    public static func `where`(
        where isTrusted: @escaping @Sendable (Exchange) -> Bool
    ) -> PeerTrust {
        PeerTrust(form: .condition(isTrusted))
    }

    /// Whether all peers are trusted, so that no check is needed.
    var isUnconditional: Bool {
        if case .all = form { true } else { false }
    }

    /// Returns whether the peer of an exchange is trusted.
    func includes(_ exchange: Exchange) -> Bool {
        switch form {
        case .all: true
        case .none: false
        case .networks(let networks):
            networks.contains { $0.contains(exchange.connection.peer) }
        case .condition(let isTrusted): isTrusted(exchange)
        }
    }
}
