/// What a route's placeholders stand for in one request.
public struct RouteParameters: Sendable {
    private let names: [String]
    private let ranges: [Range<Int>]
    private let bytes: [UInt8]

    package init(names: [String], ranges: [Range<Int>], bytes: [UInt8]) {
        self.names = names
        self.ranges = ranges
        self.bytes = bytes
    }

    /// The path segment in place of `{name}`, percent-decoded once (RFC 3986 §2.4); nil if the route has
    /// no such placeholder.
    public subscript(name: String) -> String? {
        guard let index = names.firstIndex(of: name), index < ranges.count else { return nil }
        return percentDecoded(bytes[ranges[index]])
    }
}

/// The text of percent-encoded bytes; a `%` that no two hex digits follow stays as it is.
package func percentDecoded(_ bytes: ArraySlice<UInt8>) -> String {
    guard bytes.contains(0x25) else { return String(decoding: bytes, as: UTF8.self) }
    var decoded: [UInt8] = []
    decoded.reserveCapacity(bytes.count)
    var index = bytes.startIndex
    while index < bytes.endIndex {
        if bytes[index] == 0x25, index + 2 < bytes.endIndex,
            let high = hexValue(bytes[index + 1]), let low = hexValue(bytes[index + 2])
        {
            decoded.append(high << 4 | low)
            index += 3
        } else {
            decoded.append(bytes[index])
            index += 1
        }
    }
    return String(decoding: decoded, as: UTF8.self)
}

/// The value of a hexadecimal digit of either case; nil for any other byte.
package func hexValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x37
    case 0x61...0x66: byte - 0x57
    default: nil
    }
}
