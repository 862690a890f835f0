/// An IPv4 or IPv6 address, without port and zone.
///
/// Socket addresses, the `Host` and `Forwarded` headers, URLs and the rules about trusted proxies all use this
/// parser, so that the same text never yields two different addresses.
public struct IPAddress: Hashable, Sendable {
    /// The address family.
    public enum Family: Hashable, Sendable {
        /// 32 bits (RFC 791).
        case ipv4
        /// 128 bits (RFC 4291).
        case ipv6
    }

    /// The address family.
    public let family: Family
    /// The address as a number of ``bitWidth`` bits, the first octet in the most significant bits.
    package let bits: UInt128

    package init(ipv4 bits: UInt32) {
        family = .ipv4
        self.bits = UInt128(bits)
    }

    package init(ipv6 bits: UInt128) {
        family = .ipv6
        self.bits = bits
    }

    /// Creates an address from 4 or 16 octets in network byte order; nil for any other count.
    package init?(octets: some Collection<UInt8>) {
        let bits = octets.prefix(16).reduce(0) { $0 << 8 | UInt128($1) }
        switch octets.count {
        case 4: self.init(ipv4: UInt32(bits))
        case 16: self.init(ipv6: bits)
        default: return nil
        }
    }

    /// The number of bits of an address of this family: 32 or 128.
    public var bitWidth: Int { family == .ipv4 ? 32 : 128 }

    /// The address in network byte order: 4 or 16 octets.
    public var octets: [UInt8] {
        stride(from: bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: bits >> $0) }
    }

    /// The IPv4 address of an IPv4-mapped IPv6 address (`::ffff:192.0.2.7`, RFC 4291 §2.5.5.2); any other address
    /// unchanged.
    ///
    /// A peer that connects to an IPv6 socket over IPv4 has such an address. Compare unmapped addresses where trust
    /// depends on them.
    public var unmapped: IPAddress {
        guard family == .ipv6, bits >> 32 == 0xFFFF else { return self }
        return IPAddress(ipv4: UInt32(truncatingIfNeeded: bits))
    }

    /// Whether the address is a loopback address: 127.0.0.0/8 (RFC 1122 §3.2.1.3) or ::1 (RFC 4291 §2.5.3).
    public var isLoopback: Bool { family == .ipv4 ? bits >> 24 == 127 : bits == 1 }
}

// MARK: - Reading

extension IPAddress: LosslessStringConvertible {
    /// Parses dotted IPv4 without leading zeros (RFC 3986 §3.2.2), or IPv6 (RFC 4291 §2.2) without brackets.
    ///
    /// Returns nil for anything else: names, ports, prefixes, and zones such as `fe80::1%eth0`.
    public init?(_ description: String) {
        self.init(description.utf8)
    }

    /// Parses an address that takes up all of these bytes.
    package init?(_ text: some Collection<UInt8>) {
        if let bits = Self.ipv4(text[...]) {
            self.init(ipv4: bits)
        } else if let bits = Self.ipv6(text[...]) {
            self.init(ipv6: bits)
        } else {
            return nil
        }
    }

    /// Parses the address of a peer: strips a zone (`fe80::1%eth0`, RFC 4007 §11) and unmaps IPv4-mapped addresses.
    package init?(ofPeer text: some StringProtocol) {
        guard let address = IPAddress(text.utf8.prefix { $0 != .percent }) else { return nil }
        self = address.unmapped
    }

    /// Parses an IPv6 address in a range of these bytes, such as between the brackets of a host (RFC 3986 §3.2.2).
    package init?(ipv6 input: Span<UInt8>, _ range: Range<Int>) {
        // The longest address has 45 bytes; the bytes come from the network, so longer ones are rejected early.
        guard range.count <= 45 else { return nil }
        guard let bits = Self.ipv6(range.map { input[$0] }[...]) else { return nil }
        self.init(ipv6: bits)
    }

    /// `IPv4address = dec-octet "." dec-octet "." dec-octet "." dec-octet`: some parsers read a leading zero as
    /// octal.
    private static func ipv4(_ text: some Collection<UInt8>) -> UInt32? {
        var bits: UInt32 = 0
        var octet: UInt32?
        var octetCount = 1
        for byte in text {
            if byte == .dot {
                guard let whole = octet, octetCount < 4 else { return nil }
                bits = bits << 8 | whole
                octet = nil
                octetCount += 1
                continue
            }
            guard byte.isDigit, octet != 0 else { return nil }
            let value = (octet ?? 0) * 10 + UInt32(byte &- .digitZero)
            guard value <= 255 else { return nil }
            octet = value
        }
        guard octetCount == 4, let octet else { return nil }
        return bits << 8 | octet
    }

    /// Parses groups of up to four hexadecimal digits, at most one `::` for zero groups, and an optional IPv4 address
    /// at the end.
    private static func ipv6<Text: Collection<UInt8>>(_ text: Text) -> UInt128? {
        var bits: UInt128 = 0
        var groupCount = 0
        /// The number of groups before the `::`.
        var gap: Int?
        var rest = text[...]
        var isAfterGroup = false
        while let byte = rest.first {
            if byte == .colon {
                rest = rest.dropFirst()
                if rest.first == .colon {
                    guard gap == nil else { return nil }
                    gap = groupCount
                    rest = rest.dropFirst()
                } else {
                    guard isAfterGroup, !rest.isEmpty else { return nil }
                }
                isAfterGroup = false
                continue
            }
            guard !isAfterGroup, groupCount < 8 else { return nil }
            let digits = rest.prefix(5).prefix { $0.hexDigitValue != nil }
            let after = rest.dropFirst(digits.count)
            if after.first == .dot {
                guard groupCount <= 6, let ipv4 = ipv4(rest) else { return nil }
                bits = bits << 32 | UInt128(ipv4)
                groupCount += 2
                rest = rest.dropFirst(rest.count)
            } else {
                guard 1...4 ~= digits.count else { return nil }
                let group = digits.reduce(0 as UInt128) { $0 << 4 | UInt128($1.hexDigitValue ?? 0) }
                bits = bits << 16 | group
                groupCount += 1
                rest = after
            }
            isAfterGroup = true
        }
        guard let gap else { return groupCount == 8 ? bits : nil }
        guard groupCount < 8 else { return nil }
        let right = UInt128(16 * (groupCount - gap))
        return (bits >> right) << UInt128(16 * (8 - gap)) | bits & ((1 << right) &- 1)
    }
}

// MARK: - Writing

extension IPAddress: CustomStringConvertible {
    /// The address as text: dotted IPv4, or IPv6 in the form of RFC 5952, in lower case and without brackets.
    public var description: String {
        if family == .ipv4 { return Self.dotted(UInt32(truncatingIfNeeded: bits)) }
        if unmapped.family == .ipv4 { return "::ffff:\(unmapped)" }
        let groups = stride(from: 112, through: 0, by: -16).map {
            UInt16(truncatingIfNeeded: bits >> $0)
        }
        let gap = Self.longestZeros(in: groups)
        let text = { (range: Range<Int>) in
            groups[range].map { String($0, radix: 16) }.joined(separator: ":")
        }
        guard let gap else { return text(0..<8) }
        return text(0..<gap.lowerBound) + "::" + text(gap.upperBound..<8)
    }

    private static func dotted(_ bits: UInt32) -> String {
        "\(bits >> 24).\(bits >> 16 & 255).\(bits >> 8 & 255).\(bits & 255)"
    }

    /// Returns the first of the longest runs of at least two zero groups (RFC 5952 §4.2.2, §4.2.3).
    private static func longestZeros(in groups: [UInt16]) -> Range<Int>? {
        var longest: Range<Int>?
        var start = 0
        while start < groups.count {
            let length = groups[start...].prefix { $0 == 0 }.count
            if length >= 2, length > longest?.count ?? 0 { longest = start..<start + length }
            start += max(length, 1)
        }
        return longest
    }
}
