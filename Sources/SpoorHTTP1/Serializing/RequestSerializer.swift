package import HTTPTypes
package import SpoorHTTP
import SpoorText

/// Serializes request heads (RFC 9112 §3).
///
/// The caller's headers are sent as they are, `Host` first; the headers that frame the message are added here, and
/// ``RequestDirectives`` rejects them among the caller's.
package enum RequestSerializer {
    /// Appends a head.
    ///
    /// - Parameters:
    ///   - target: The target of the request line: path and query, or the forms of `OPTIONS` and `CONNECT`.
    ///   - authority: The host, with its port unless it is the default of the scheme, for a request without a `Host`;
    ///     empty if the target has none.
    ///   - headers: The headers that `directives` were created from.
    ///   - userAgent: The `User-Agent` of a request that has not set it; empty for none.
    /// - Throws: The reason why the head must not be sent; nothing is appended then.
    package static func appendHead(
        _ method: HTTPRequest.Method, target: String, authority: String,
        headers: Headers, _ directives: RequestDirectives, userAgent: Headers = Headers(),
        to output: inout [UInt8]
    ) throws(RequestSerializingError) {
        let targetBytes = target.utf8Span.span
        let authorityBytes = authority.utf8Span.span
        guard isMethod(method) else { throw .methodInvalid }
        guard isTarget(targetBytes, of: method) else { throw .targetInvalid }
        guard
            authority.isEmpty
                || AuthorityGrammar.isValid(authorityBytes, 0..<authorityBytes.count)
        else { throw .authorityInvalid }
        if let name = headers.rejectedName ?? userAgent.rejectedName {
            throw .header(HeaderError(name: name))
        }

        let name = method.rawValue
        let room =
            name.utf8.count + targetBytes.count + authorityBytes.count
            + HeaderSerializer.maxBytes(headers) + HeaderSerializer.maxBytes(userAgent)
            + FramingSerializer.maxBytes + 48
        output.append(addingCapacity: room) { output in
            output.append(copying: name.utf8Span.span)
            output.append(.space)
            output.append(copying: target.utf8Span.span)
            output.append(literal: " HTTP/1.1\r\nHost: ")
            let bytes = headers.bytes.span
            if let index = directives.hostIndex {
                output.append(copying: bytes.extracting(headers.entries[index].value))
            } else {
                output.append(copying: authority.utf8Span.span)
            }
            output.append(literal: "\r\n")
            if !directives.hasUserAgent { HeaderSerializer.append(userAgent, to: &output) }
            for index in headers.entries.indices where index != directives.hostIndex {
                HeaderSerializer.append(headers.entries[index], of: bytes, to: &output)
            }
            if directives.lacksTEOption { output.append(literal: "Connection: TE\r\n") }
            FramingSerializer.append(directives.framing, to: &output)
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
            return AuthorityGrammar.isValid(bytes, 0..<bytes.count, port: .required)
        }
        return bytes[0] == .slash || method == .options && bytes.count == 1 && bytes[0] == .asterisk
    }
}
