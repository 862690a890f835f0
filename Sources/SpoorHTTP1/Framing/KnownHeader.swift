import SpoorHTTP

/// The headers that the parser interprets while it scans a head: those that frame the message, `Host` and `Expect`.
///
/// The scanner reports a header only if its name has the length of one of these; all others cost one bit test.
enum KnownHeader: CaseIterable {
    case host, expect, upgrade, connection, contentLength, transferEncoding

    /// The name in lower case.
    @inline(__always)
    var name: StaticString {
        switch self {
        case .host: "host"
        case .expect: "expect"
        case .upgrade: "upgrade"
        case .connection: "connection"
        case .contentLength: "content-length"
        case .transferEncoding: "transfer-encoding"
        }
    }

    /// The lengths of all names, as bits: for scanning requests.
    @inline(__always)
    static var requestNameLengths: UInt64 {
        responseNameLengths | host.lengthBit | expect.lengthBit
    }

    /// The lengths of the names that frame a message, as bits: for scanning responses.
    @inline(__always)
    static var responseNameLengths: UInt64 {
        upgrade.lengthBit | connection.lengthBit | contentLength.lengthBit
            | transferEncoding.lengthBit
    }

    @inline(__always)
    var lengthBit: UInt64 { 1 &<< UInt64(name.utf8CodeUnitCount) }
}

extension HeaderSectionScanner.Line {
    /// Returns whether the line is that header; names are compared case-insensitively (RFC 9110 §5.1).
    @inline(__always)
    func isNamed(_ header: KnownHeader, in input: Span<UInt8>) -> Bool {
        nameCount == header.name.utf8CodeUnitCount && input.isToken(header.name, at: nameStart)
    }
}

extension Headers.Entry {
    /// Returns whether the entry is that header; names are compared case-insensitively (RFC 9110 §5.1).
    @inline(__always)
    func isNamed(_ header: KnownHeader, in bytes: Span<UInt8>) -> Bool {
        nameCount == header.name.utf8CodeUnitCount
            && bytes.isToken(header.name, at: name.lowerBound)
    }
}
