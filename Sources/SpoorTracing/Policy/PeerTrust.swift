public import SpoorHTTP

/// Who is trusted with something: all peers, none, those of some networks, or those that a closure says.
public struct PeerTrust: Sendable {
    private enum Form: Sendable {
        case everyone
        case nobody
        case networks([PeerNetwork])
        case those(@Sendable (Exchange) -> Bool)
    }

    private let form: Form

    /// All peers.
    public static let everyone = PeerTrust(form: .everyone)
    /// No peer.
    public static let nobody = PeerTrust(form: .nobody)

    /// Peers of these networks.
    ///
    /// The peer is who holds the other end of the connection: behind a proxy, that is the proxy.
    public static func networks(_ networks: [PeerNetwork]) -> PeerTrust {
        PeerTrust(form: .networks(networks))
    }

    /// Peers of the networks that are written so, as ``PeerNetwork/init(_:)`` reads them.
    ///
    /// - Throws: ``PeerNetworkError`` for the first text that names none.
    public static func networks(_ texts: String...) throws(PeerNetworkError) -> PeerTrust {
        var networks: [PeerNetwork] = []
        for text in texts { networks.append(try PeerNetwork(text)) }
        return .networks(networks)
    }

    /// Those whose requests the closure says yes to, by a field, a client certificate or whatever it looks at.
    ///
    /// It is called before the rest of the chain runs, for requests that bring along what the trust is about.
    public static func those(
        where isTrusted: @escaping @Sendable (Exchange) -> Bool
    ) -> PeerTrust {
        PeerTrust(form: .those(isTrusted))
    }

    /// Whether all are trusted, so that nobody need be asked.
    var isUnconditional: Bool {
        if case .everyone = form { true } else { false }
    }

    /// Whether the peer of an exchange is trusted.
    func includes(_ exchange: Exchange) -> Bool {
        switch form {
        case .everyone: true
        case .nobody: false
        case .networks(let networks):
            networks.contains { $0.contains(exchange.connection.peer) }
        case .those(let isTrusted): isTrusted(exchange)
        }
    }
}
