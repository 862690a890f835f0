/// A network of IP addresses: an address and the length of the prefix that its members share (RFC 4632, RFC 4291 §2.3).
public struct IPNetwork: Hashable, Sendable {
    /// The first address of the network: bits after the prefix are zero.
    public let address: IPAddress
    /// How many leading bits members share: 0…32 for IPv4, 0…128 for IPv6.
    public let prefixLength: Int

    /// The network of an address; bits of the address after the prefix do not matter.
    ///
    /// Nil if the family's addresses have fewer bits, or the length is negative.
    public init?(_ address: IPAddress, prefixLength: Int) {
        guard 0...address.bitWidth ~= prefixLength else { return nil }
        // A shift by the whole width gives zero: without a prefix every address is a member.
        let rest = UInt128(address.bitWidth - prefixLength)
        let bits = (address.bits >> rest) << rest
        self.address =
            address.family == .ipv4
            ? IPAddress(ipv4: UInt32(truncatingIfNeeded: bits)) : IPAddress(ipv6: bits)
        self.prefixLength = prefixLength
    }

    /// Whether the address is a member; addresses of the other family are none.
    ///
    /// An IPv4 address that is mapped into IPv6 is compared as it is: see ``IPAddress/unmapped``.
    public func contains(_ other: IPAddress) -> Bool {
        other.family == address.family
            && (other.bits ^ address.bits) >> UInt128(address.bitWidth - prefixLength) == 0
    }
}

extension IPNetwork: LosslessStringConvertible {
    /// Reads `10.0.0.0/8`, `2001:db8::/32`, or a single address such as `192.0.2.7`; nil for anything else.
    ///
    /// An IPv4 network that is mapped into IPv6 (`::ffff:10.0.0.0/104`) is the IPv4 network.
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

    /// The address and the length of its prefix, such as `10.0.0.0/8`.
    public var description: String { "\(address)/\(prefixLength)" }
}
