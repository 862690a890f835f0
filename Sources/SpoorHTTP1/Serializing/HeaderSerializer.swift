import SpoorHTTP
import SpoorText

/// Serializes header lines: `name ": " value CRLF` (RFC 9112 §5).
enum HeaderSerializer {
    /// Returns an upper bound of the bytes needed for the lines of these headers.
    @inline(__always)
    static func maxBytes(_ headers: borrowing Headers) -> Int {
        guard !headers.entries.isEmpty else { return 0 }
        var count = 0
        for index in headers.entries.indices {
            let entry = headers.entries[index]
            count &+= Int(entry.nameCount) &+ Int(entry.valueCount) &+ 4
        }
        return count
    }

    /// Appends all headers, unchanged.
    static func append(_ headers: Headers, to output: inout OutputSpan<UInt8>) {
        let bytes = headers.bytes.span
        for entry in headers.entries {
            append(entry, of: bytes, to: &output)
        }
    }

    /// Appends one header.
    @inline(__always)
    static func append(
        _ entry: Headers.Entry, of bytes: Span<UInt8>, to output: inout OutputSpan<UInt8>
    ) {
        output.append(copying: bytes.extracting(entry.name))
        output.append(literal: ": ")
        output.append(copying: bytes.extracting(entry.value))
        output.append(literal: "\r\n")
    }

    /// Appends a number in decimal digits, at most nineteen.
    @inline(__always)
    static func append(_ number: Int, to output: inout OutputSpan<UInt8>) {
        if number < 10 {
            output.append(UInt8(truncatingIfNeeded: number) &+ .digitZero)
            return
        }
        var digits = InlineArray<20, UInt8>(repeating: 0)
        var start = 20
        var rest = UInt64(number)
        while rest > 0 {
            start &-= 1
            digits[start] = UInt8(truncatingIfNeeded: rest % 10) &+ .digitZero
            rest /= 10
        }
        output.append(copying: digits.span.extracting(start..<20))
    }
}

/// Serializes the headers that frame a message, which are written only here (RFC 9112 §6, §9).
enum FramingSerializer {
    /// An upper bound of the bytes needed: a length of nineteen digits and the longest `Connection`.
    static let maxBytes = 96

    /// Appends `Content-Length`, `Transfer-Encoding` and `Connection`, as far as they are needed.
    @inline(__always)
    static func append(_ framing: MessageFraming, to output: inout OutputSpan<UInt8>) {
        switch framing.length {
        case .none, .untilClose: break
        case .bytes(let count):
            output.append(literal: "Content-Length: ")
            HeaderSerializer.append(count, to: &output)
            output.append(literal: "\r\n")
        case .chunked:
            output.append(literal: "Transfer-Encoding: chunked\r\n")
        }
        switch framing.connection {
        case .implied: break
        case .close: output.append(literal: "Connection: close\r\n")
        case .keepAlive: output.append(literal: "Connection: keep-alive\r\n")
        case .upgrade: output.append(literal: "Connection: upgrade\r\n")
        case .upgradeAndClose: output.append(literal: "Connection: upgrade, close\r\n")
        }
    }

    /// Returns whether a header is one of those, so that one set by the user is omitted.
    @inline(__always)
    static func isFraming(_ entry: Headers.Entry, of bytes: Span<UInt8>) -> Bool {
        let start = entry.name.lowerBound
        return switch entry.nameCount {
        case 10: bytes.isToken("connection", at: start) || bytes.isToken("keep-alive", at: start)
        case 14: bytes.isToken("content-length", at: start)
        case 17: bytes.isToken("transfer-encoding", at: start)
        default: false
        }
    }
}
