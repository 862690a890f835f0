import SpoorHTTP

/// Writes the fields that frame a message, which are written here and nowhere else (RFC 9112 §6, §9).
enum FramingSerializer {
    /// No more room than this is needed: a length of nineteen digits and the longest `Connection`.
    static let bytesMax = 96

    /// Adds `Content-Length`, `Transfer-Encoding` and `Connection`, as far as they are needed.
    @inline(__always)
    static func append(_ framing: MessageFraming, to output: inout OutputSpan<UInt8>) {
        switch framing.length {
        case .none, .untilClose: break
        case .bytes(let count):
            output.append(literal: "Content-Length: ")
            FieldSerializer.append(count, to: &output)
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

    /// Whether a field is one of those, so that one given by the user is left out.
    @inline(__always)
    static func isFraming(_ entry: Fields.Entry, of bytes: Span<UInt8>) -> Bool {
        let start = entry.name.lowerBound
        return switch entry.nameCount {
        case 10: bytes.isToken("connection", at: start) || bytes.isToken("keep-alive", at: start)
        case 14: bytes.isToken("content-length", at: start)
        case 17: bytes.isToken("transfer-encoding", at: start)
        default: false
        }
    }
}
