import SpoorHTTP

/// An IP address as a number: for asking which network it is in.
struct IPAddress: Hashable, Sendable {
    /// 32 or 128 bits, the first octet on top.
    let bits: UInt128
    let isIPv6: Bool

    /// How many bits an address of the family has.
    var width: Int { isIPv6 ? 128 : 32 }

    /// Reads dotted IPv4, or IPv6 by RFC 4291 §2.2 without brackets; a zone (RFC 4007 §11) is left out.
    ///
    /// An IPv4 address mapped into IPv6 (`::ffff:192.0.2.7`) is the IPv4 address.
    init?(_ text: some StringProtocol) {
        if let bits = Self.ipv4(text) {
            self.init(bits: UInt128(bits), isIPv6: false)
            return
        }
        guard let bits = Self.ipv6(text.prefix { $0 != "%" }) else { return nil }
        if bits >> 32 == 0xffff {
            self.init(bits: bits & 0xffff_ffff, isIPv6: false)
        } else {
            self.init(bits: bits, isIPv6: true)
        }
    }

    private init(bits: UInt128, isIPv6: Bool) {
        self.bits = bits
        self.isIPv6 = isIPv6
    }

    /// Whether a text is four numbers of at most 255 between dots (RFC 3986 §3.2.2).
    static func isIPv4(_ text: some StringProtocol) -> Bool { ipv4(text) != nil }

    private static func ipv4(_ text: some StringProtocol) -> UInt32? {
        var bits: UInt32 = 0
        var octet: UInt32?
        var octetCount = 1
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39:
                // A zero in front would mean octal to some readers.
                guard octet != 0 else { return nil }
                octet = (octet ?? 0) * 10 + UInt32(byte - 0x30)
                guard octet ?? 0 <= 255 else { return nil }
            case UInt8(ascii: "."):
                guard let whole = octet, octetCount < 4 else { return nil }
                bits = bits << 8 | whole
                octet = nil
                octetCount += 1
            default: return nil
            }
        }
        guard octetCount == 4, let octet else { return nil }
        return bits << 8 | octet
    }

    private static func ipv6(_ text: some StringProtocol) -> UInt128? {
        let bytes = Array(text.utf8)
        let colon = UInt8(ascii: ":")
        let gap = bytes.indices.dropLast().first { bytes[$0] == colon && bytes[$0 + 1] == colon }
        var groups: [UInt16]
        if let gap {
            guard let left = Self.groups(bytes[..<gap], mayEndInIPv4: false),
                let right = Self.groups(bytes[(gap + 2)...], mayEndInIPv4: true),
                left.count + right.count < 8
            else { return nil }
            groups = left + [UInt16](repeating: 0, count: 8 - left.count - right.count) + right
        } else {
            guard let all = Self.groups(bytes[...], mayEndInIPv4: true), all.count == 8 else {
                return nil
            }
            groups = all
        }
        return groups.reduce(0) { $0 << 16 | UInt128($1) }
    }

    /// The numbers of up to four hexadecimal digits between colons; nil if there is anything else.
    private static func groups(_ bytes: ArraySlice<UInt8>, mayEndInIPv4: Bool) -> [UInt16]? {
        guard !bytes.isEmpty else { return [] }
        let parts = bytes.split(
            separator: UInt8(ascii: ":"), maxSplits: 8, omittingEmptySubsequences: false)
        var groups: [UInt16] = []
        for (index, part) in parts.enumerated() {
            if mayEndInIPv4, index == parts.count - 1,
                let ipv4 = ipv4(String(decoding: part, as: UTF8.self))
            {
                groups.append(UInt16(ipv4 >> 16))
                groups.append(UInt16(ipv4 & 0xffff))
                continue
            }
            guard (1...4).contains(part.count) else { return nil }
            var group: UInt16 = 0
            for byte in part {
                guard let digit = hexValue(byte) else { return nil }
                group = group << 4 | UInt16(digit)
            }
            groups.append(group)
        }
        return groups
    }
}
