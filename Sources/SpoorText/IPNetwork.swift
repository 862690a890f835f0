/// A network of IP addresses: an address and a prefix length (CIDR; RFC 4632, RFC 4291 §2.3).
public struct IPNetwork: Hashable, Sendable {
    /// The first address of the network: all bits after the prefix are zero.
    public let address: IPAddress
    /// The number of leading bits that all members share: 0…32 for IPv4, 0…128 for IPv6.
    public let prefixLength: Int

    /// Creates the network that contains an address; the bits of the address after the prefix are ignored.
    ///
    /// Returns nil if the prefix is longer than an address of the family, or negative.
    public init?(_ address: IPAddress, prefixLength: Int) {
        guard 0...address.bitWidth ~= prefixLength else { return nil }
        // A shift by the whole width gives zero: with prefix length 0 every address is a member.
        let rest = UInt128(address.bitWidth - prefixLength)
        let bits = (address.bits >> rest) << rest
        self.address =
            address.family == .ipv4
            ? IPAddress(ipv4: UInt32(truncatingIfNeeded: bits)) : IPAddress(ipv6: bits)
        self.prefixLength = prefixLength
    }

    /// Returns whether the address is a member; addresses of the other family never are.
    ///
    /// An IPv4-mapped IPv6 address is compared as an IPv6 address: see ``IPAddress/unmapped``.
    public func contains(_ other: IPAddress) -> Bool {
        other.family == address.family
            && (other.bits ^ address.bits) >> UInt128(address.bitWidth - prefixLength) == 0
    }
}

extension IPNetwork: LosslessStringConvertible {
    /// Parses `10.0.0.0/8`, `2001:db8::/32`, or a single address such as `192.0.2.7`; returns nil for anything else.
    ///
    /// An IPv4-mapped IPv6 network (`::ffff:10.0.0.0/104`) becomes the IPv4 network.
    public init?(_ description: String) {
        let parts = description.utf8.split(
            separator: .slash, maxSplits: 1, omittingEmptySubsequences: false)
        guard let written = IPAddress(parts[0]) else { return nil }
        var length = written.bitWidth
        if parts.count == 2 {
            guard 1...3 ~= parts[1].count, parts[1].allSatisfy(\.isDigit),
                let number = Int(Substring(parts[1]))
            else { return nil }
            length = number
        }
        let address = written.unmapped
        if address != written, length >= 96 {
            self.init(address, prefixLength: length - 96)
        } else {
            self.init(written, prefixLength: length)
        }
    }

    /// The address and the prefix length, such as `10.0.0.0/8`.
    public var description: String { "\(address)/\(prefixLength)" }
}
