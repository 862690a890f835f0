public import SpoorHTTP

/// A set of peers: an IPv4 or IPv6 network by its address and prefix (RFC 4632, RFC 4291 §2.3), or Unix sockets.
public struct PeerNetwork: Hashable, Sendable {
    private enum Form: Hashable {
        case ip(IPAddress, prefixLength: Int)
        case unix
    }

    private let form: Form
    /// The network as it was written.
    public let description: String

    /// Reads `10.0.0.0/8`, `2001:db8::/32`, a single address such as `192.0.2.7`, or `unix` for all Unix sockets.
    ///
    /// Bits of the address behind the prefix do not matter. A peer that reached an IPv6 socket by IPv4 is an IPv4 peer.
    ///
    /// - Throws: ``PeerNetworkError``, which tells the text.
    public init(_ text: String) throws(PeerNetworkError) {
        description = text
        if text == "unix" {
            form = .unix
            return
        }
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(parts[0]) else { throw PeerNetworkError(text: text) }
        guard parts.count == 2 else {
            form = .ip(address, prefixLength: address.width)
            return
        }
        guard parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let length = Int(parts[1]),
            length <= address.width
        else { throw PeerNetworkError(text: text) }
        form = .ip(address, prefixLength: length)
    }

    /// Whether a peer is in the network.
    public func contains(_ peer: ConnectionInfo.Endpoint) -> Bool {
        switch peer {
        case .unix: form == .unix
        case .ipv4(let host, _), .ipv6(let host, _): IPAddress(host).map(contains) ?? false
        case .none: false
        }
    }

    func contains(_ address: IPAddress) -> Bool {
        guard case .ip(let network, let prefixLength) = form, network.isIPv6 == address.isIPv6
        else { return false }
        // A shift by the whole width gives zero: a prefix of no length has all addresses.
        return (network.bits ^ address.bits) >> UInt128(network.width - prefixLength) == 0
    }
}

extension PeerNetwork: CustomStringConvertible {}

/// A text that names no network.
public struct PeerNetworkError: Error, Hashable, CustomStringConvertible {
    /// The text.
    public let text: String

    /// The text, and what was expected.
    public var description: String {
        "\"\(text)\" is no network: expected an address, an address with a prefix such as 10.0.0.0/8, or unix"
    }
}
