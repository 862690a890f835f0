public import SpoorHTTP
import SpoorText

/// A set of peers: an IPv4 or IPv6 network with address and prefix length (RFC 4632, RFC 4291 §2.3), or Unix sockets.
public struct PeerNetwork: Hashable, Sendable {
    private enum Form: Hashable {
        case ip(IPNetwork)
        case unix
    }

    private let form: Form
    /// The network as written.
    public let description: String

    /// Parses `10.0.0.0/8`, `2001:db8::/32`, a single address such as `192.0.2.7`, or `unix` for all Unix sockets.
    ///
    /// Address bits after the prefix are ignored. A peer that is connected to an IPv6 socket over IPv4 counts as an
    /// IPv4 peer.
    ///
    /// - Throws: ``PeerNetworkError`` with the text if it is not a network.
    public init(_ text: String) throws(PeerNetworkError) {
        description = text
        if text == "unix" {
            form = .unix
            return
        }
        guard let network = IPNetwork(text) else { throw PeerNetworkError(text: text) }
        form = .ip(network)
    }

    /// Returns whether a peer is in the network.
    public func contains(_ peer: ConnectionInfo.Endpoint) -> Bool {
        switch peer {
        case .unix: form == .unix
        case .ipv4(let host, _), .ipv6(let host, _): IPAddress(ofPeer: host).map(contains) ?? false
        case .none: false
        }
    }

    func contains(_ address: IPAddress) -> Bool {
        if case .ip(let network) = form { network.contains(address) } else { false }
    }
}

extension PeerNetwork: CustomStringConvertible {}

/// The error of a text that is not a network.
public struct PeerNetworkError: Error, Hashable, CustomStringConvertible {
    /// The text.
    public let text: String

    /// The text, and what was expected.
    public var description: String {
        "\"\(text)\" is not a network: expected an address, an address with a prefix such as 10.0.0.0/8, or unix"
    }
}
