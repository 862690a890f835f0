package import HTTPTypes
package import SpoorHTTP

/// Writes request heads (RFC 9112 §3).
///
/// `Host` and the fields that frame the message are this package's to write; those given are left out, after
/// ``ClientConnectionState`` has heeded what they ask for.
package enum RequestSerializer {
    /// Adds a head.
    ///
    /// - Parameters:
    ///   - target: What stands in the request line: path and query, or what `OPTIONS` and `CONNECT` take.
    ///   - authority: The host with its port unless it is the scheme's own, for `Host`; empty if the target has none.
    /// - Throws: What must not be sent; nothing is added then.
    package static func appendHead(
        _ method: HTTPRequest.Method, target: String, authority: String,
        fields: Fields, framing: MessageFraming, to output: inout [UInt8]
    ) throws(RequestSerializingError) {
        let targetBytes = target.utf8Span.span
        let authorityBytes = authority.utf8Span.span
        guard isMethod(method) else { throw .methodInvalid }
        guard isTarget(targetBytes, of: method) else { throw .targetInvalid }
        guard
            authority.isEmpty
                || Authority.isValid(authorityBytes, 0..<authorityBytes.count)
        else { throw .authorityInvalid }
        if let name = fields.refusedName { throw .field(FieldError(name: name)) }

        let name = method.rawValue
        let room =
            name.utf8.count + targetBytes.count + authorityBytes.count
            + FieldSerializer.bytesMax(fields) + FramingSerializer.bytesMax + 32
        output.append(addingCapacity: room) { output in
            output.append(copying: name.utf8Span.span)
            output.append(0x20)
            output.append(copying: target.utf8Span.span)
            output.append(literal: " HTTP/1.1\r\nHost: ")
            output.append(copying: authority.utf8Span.span)
            output.append(literal: "\r\n")
            write(fields, to: &output)
            FramingSerializer.append(framing, to: &output)
            output.append(literal: "\r\n")
        }
    }

    private static func isMethod(_ method: HTTPRequest.Method) -> Bool {
        let bytes = method.rawValue.utf8
        return !bytes.isEmpty && bytes.allSatisfy { ByteSet.token.contains($0) }
    }

    private static func isTarget(_ bytes: Span<UInt8>, of method: HTTPRequest.Method) -> Bool {
        guard !bytes.isEmpty else { return false }
        for index in bytes.indices where !ByteSet.target.contains(bytes[index]) { return false }
        if method == .connect {
            return Authority.isValid(bytes, 0..<bytes.count, port: .required)
        }
        return bytes[0] == 0x2F || method == .options && bytes.count == 1 && bytes[0] == 0x2A
    }

    private static func write(_ fields: Fields, to output: inout OutputSpan<UInt8>) {
        let bytes = fields.bytes.span
        for index in fields.entries.indices {
            let entry = fields.entries[index]
            let start = entry.name.lowerBound
            switch entry.nameCount {
            case 4 where bytes.isToken("host", at: start): continue
            default:
                if FramingSerializer.isFraming(entry, of: bytes) { continue }
            }
            FieldSerializer.append(entry, of: bytes, to: &output)
        }
    }
}

/// What in a request must not be sent; the caller's fault.
package enum RequestSerializingError: Error, Equatable {
    /// The method is no token.
    case methodInvalid
    /// The target has a byte that none may have, or not the form that the method asks for (RFC 9112 §3.2).
    case targetInvalid
    /// The authority is no host with an optional port.
    case authorityInvalid
    /// A field that must not be sent.
    case field(FieldError)
}
