package import HTTPTypes
package import SpoorHTTP

/// Writes response heads, and whole responses in one go (RFC 9112 §4–§6).
///
/// Fields that frame the message are this package's to write: `Content-Length`, `Transfer-Encoding`, `Connection` and
/// `Keep-Alive` among the fields given are left out here, after ``ServerConnectionState`` has heeded what they ask for.
package enum ResponseSerializer {
    /// Adds a head.
    ///
    /// - Parameters:
    ///   - contentType: The `Content-Type`, unless the fields have one.
    ///   - date: The `Date` line with its CRLF, unless the fields have one.
    /// - Throws: ``FieldError`` for a value with CR, LF or NUL in it; nothing is added then.
    package static func appendHead(
        _ status: HTTPResponse.Status, fields: borrowing Fields, contentType: String? = nil,
        framing: MessageFraming, date: borrowing DateField, to output: inout [UInt8]
    ) throws(FieldError) {
        if let name = fields.refusedName { throw FieldError(name: name) }
        let start = output.count
        StatusLine.append(status, to: &output)
        let given = append(fields, to: &output)
        if let contentType, !given.contains(.contentType) {
            guard append(contentType: contentType, to: &output) else {
                output.removeSubrange(start...)
                throw FieldError(name: "Content-Type")
            }
        }
        if !given.contains(.date) { output.append(copying: date.line.span) }
        FramingSerializer.append(framing, to: &output)
        output.append(literal: "\r\n")
    }

    /// Adds a whole response whose body is at hand.
    ///
    /// - Throws: As ``appendHead(_:fields:contentType:framing:date:to:)``.
    package static func append(
        _ status: HTTPResponse.Status, fields: borrowing Fields, contentType: String?,
        body: borrowing Response.Body, framing: MessageFraming, date: borrowing DateField,
        to output: inout [UInt8]
    ) throws(FieldError) {
        try appendHead(
            status, fields: fields, contentType: contentType, framing: framing, date: date,
            to: &output)
        guard framing.sendsBody else { return }
        switch copy body {
        case .none: break
        case .text(let text): output.append(copying: text.utf8Span.span)
        case .bytes(let bytes): output.append(copying: bytes.span)
        }
    }

    /// Adds an interim response (1xx), which has no body; not to be sent to HTTP/1.0 clients (RFC 9110 §15.2).
    ///
    /// - Throws: As ``appendHead(_:fields:contentType:framing:date:to:)``.
    package static func appendInterim(
        _ status: HTTPResponse.Status, fields: borrowing Fields = Fields(), to output: inout [UInt8]
    ) throws(FieldError) {
        if let name = fields.refusedName { throw FieldError(name: name) }
        StatusLine.append(status, to: &output)
        _ = append(fields, to: &output)
        output.append(literal: "\r\n")
    }

    /// Adds `100 Continue`, for which the peer waits before it sends the body (RFC 9110 §10.1.1).
    package static func appendContinue(to output: inout [UInt8]) {
        output.append(literal: "HTTP/1.1 100 Continue\r\n\r\n")
    }

    /// Adds the whole answer to a request that is refused before anybody could handle it; the connection closes behind it.
    package static func appendRefusal(
        _ fault: RequestFault, isHead: Bool = false, date: borrowing DateField,
        to output: inout [UInt8]
    ) {
        appendRefusal(fault.status, isHead: isHead, date: date, to: &output)
    }

    /// Adds the whole answer of a connection that is about to close, such as 408 or 503.
    package static func appendRefusal(
        _ status: HTTPResponse.Status, isHead: Bool = false, date: borrowing DateField,
        to output: inout [UInt8]
    ) {
        let reason = "\(status.code) \(status.reasonPhrase)\n"
        StatusLine.append(status, to: &output)
        output.append(literal: "Content-Type: text/plain; charset=utf-8\r\n")
        output.append(copying: date.line.span)
        FramingSerializer.append(
            MessageFraming(length: .bytes(reason.utf8.count), connection: .close), to: &output)
        output.append(literal: "\r\n")
        if !isHead { output.append(contentsOf: reason.utf8) }
    }
}

// MARK: - Fields

extension ResponseSerializer {
    /// Fields of which there must not be two.
    private struct Given: OptionSet {
        let rawValue: UInt8
        static let contentType = Given(rawValue: 1)
        static let date = Given(rawValue: 2)
    }

    /// Adds the fields but for those that frame the message.
    @inline(__always)
    private static func append(_ fields: borrowing Fields, to output: inout [UInt8]) -> Given {
        var given = Given()
        guard !fields.entries.isEmpty else { return given }
        let bytes = fields.bytes.span
        for index in fields.entries.indices {
            let entry = fields.entries[index]
            let start = Int(entry.nameStart)
            switch entry.nameCount {
            case 4 where bytes.isToken("date", at: start): given.insert(.date)
            case 12 where bytes.isToken("content-type", at: start): given.insert(.contentType)
            default:
                if FramingSerializer.isFraming(entry, of: bytes) { continue }
            }
            FieldSerializer.append(entry, of: bytes, to: &output)
        }
        return given
    }

    /// Adds the content type; false if it must not be sent (RFC 9110 §5.5).
    @inline(__always)
    private static func append(contentType: String, to output: inout [UInt8]) -> Bool {
        let value = contentType.utf8Span.span
        for index in value.indices {
            let byte = value[index]
            if byte == 0x0D || byte == 0x0A || byte == 0 { return false }
        }
        output.append(literal: "Content-Type: ")
        output.append(copying: value)
        output.append(literal: "\r\n")
        return true
    }
}
