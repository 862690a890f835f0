package import HTTPTypes
package import SpoorHTTP
import SpoorText

/// Serializes response heads, and complete responses in one call (RFC 9112 §4–§6).
///
/// The headers that frame the message are added by this package: `Content-Length`, `Transfer-Encoding`, `Connection`
/// and `Keep-Alive` among the given headers are omitted here, after ``ServerConnectionMachine`` has applied them.
package enum ResponseSerializer {
    /// Appends a head.
    ///
    /// - Parameters:
    ///   - contentType: The `Content-Type`, unless the headers have one.
    ///   - date: The `Date` line with its CRLF, unless the headers have one.
    /// - Throws: ``HeaderError`` for a header that must not be sent; nothing is appended then.
    package static func appendHead(
        _ status: HTTPResponse.Status, headers: Headers, contentType: String? = nil,
        framing: MessageFraming, date: DateHeader, to output: inout [UInt8]
    ) throws(HeaderError) {
        try check(headers, contentType: contentType)
        let room = maxHeadBytes(headers, contentType: contentType, date: date)
        output.append(addingCapacity: room) { output in
            writeHead(
                status, headers: headers, contentType: contentType, framing: framing, date: date,
                to: &output)
        }
    }

    /// Appends a complete response whose body is available.
    ///
    /// Arguments with references are consumed: they are moved into the closure instead of copied.
    ///
    /// - Throws: As ``appendHead(_:headers:contentType:framing:date:to:)``.
    package static func append(
        _ status: HTTPResponse.Status, headers: consuming Headers, contentType: String?,
        body: Response.Body, framing: MessageFraming, date: consuming DateHeader,
        to output: inout [UInt8]
    ) throws(HeaderError) {
        try check(headers, contentType: contentType)
        let room =
            maxHeadBytes(headers, contentType: contentType, date: date)
            + (framing.sendsBody ? body.count : 0)
        output.append(addingCapacity: room) { output in
            writeHead(
                status, headers: headers, contentType: contentType, framing: framing, date: date,
                to: &output)
            guard framing.sendsBody else { return }
            switch body {
            case .none: break
            case .text(let text): output.append(copying: text.utf8Span.span)
            case .bytes(let bytes): output.append(copying: bytes.span)
            }
        }
    }

    /// Appends an interim response (1xx), which has no body; must not be sent to HTTP/1.0 clients (RFC 9110 §15.2).
    ///
    /// - Throws: As ``appendHead(_:headers:contentType:framing:date:to:)``.
    package static func appendInterim(
        _ status: HTTPResponse.Status, headers: Headers = Headers(), to output: inout [UInt8]
    ) throws(HeaderError) {
        try check(headers, contentType: nil)
        let room = StatusLine.maxBytes + HeaderSerializer.maxBytes(headers) + 2
        output.append(addingCapacity: room) { output in
            StatusLine.append(status, to: &output)
            _ = write(headers, to: &output)
            output.append(literal: "\r\n")
        }
    }

    /// Appends `100 Continue`, for which the client waits before it sends the body (RFC 9110 §10.1.1).
    package static func appendContinue(to output: inout [UInt8]) {
        output.append(literal: "HTTP/1.1 100 Continue\r\n\r\n")
    }

    /// Appends the complete response to a request that is rejected without a handler; the connection is closed after
    /// it.
    package static func appendRejection(
        _ status: HTTPResponse.Status, isHead: Bool, date: DateHeader, to output: inout [UInt8]
    ) {
        let reason = "\(status.code) \(status.reasonPhrase)\n"
        let type = "text/plain; charset=utf-8"
        let room =
            maxHeadBytes(Headers(), contentType: type, date: date) + reason.utf8.count
        output.append(addingCapacity: room) { output in
            writeHead(
                status, headers: Headers(), contentType: type,
                framing: MessageFraming(length: .bytes(reason.utf8.count), connection: .close),
                date: date, to: &output)
            if !isHead { output.append(copying: reason.utf8Span.span) }
        }
    }
}

// MARK: - Heads

extension ResponseSerializer {
    /// Checks that a head can be sent (RFC 9110 §5.5): CR, LF and NUL would end it early, and no other control except
    /// HTAB is valid.
    ///
    /// - Throws: ``HeaderError`` for the first header that must not be sent.
    @inline(__always)
    package static func check(_ headers: Headers, contentType: String?) throws(HeaderError) {
        if let name = headers.rejectedName { throw HeaderError(name: name) }
        guard let contentType else { return }
        let value = contentType.utf8Span.span
        let end = value.endOfRun(from: 0, to: value.count, RunScan.endOfValue)
        for index in end..<value.count {
            if isControl(value[index]) { throw HeaderError(name: "Content-Type") }
        }
    }

    /// Returns an upper bound of the bytes needed for a head.
    @inline(__always)
    private static func maxHeadBytes(
        _ headers: Headers, contentType: String?, date: DateHeader
    ) -> Int {
        StatusLine.maxBytes + HeaderSerializer.maxBytes(headers) + (contentType?.utf8.count ?? 0)
            + 16
            + date.line.count + FramingSerializer.maxBytes + 2
    }

    @inline(__always)
    private static func writeHead(
        _ status: HTTPResponse.Status, headers: Headers, contentType: String?,
        framing: MessageFraming, date: DateHeader, to output: inout OutputSpan<UInt8>
    ) {
        if status.code >= 200 || framing.connection == .upgrade {
            StatusLine.append(status, to: &output)
        } else {
            // An interim status does not end an exchange: a handler that ends with one is faulty.
            StatusLine.append(.internalServerError, to: &output)
        }
        let given = write(headers, to: &output)
        if let contentType, !given.contains(.contentType) {
            output.append(literal: "Content-Type: ")
            output.append(copying: contentType.utf8Span.span)
            output.append(literal: "\r\n")
        }
        if !given.contains(.date) { output.append(copying: date.line.span) }
        FramingSerializer.append(framing, to: &output)
        output.append(literal: "\r\n")
    }
}

// MARK: - Headers

extension ResponseSerializer {
    /// Headers that must not occur twice.
    private struct GivenHeaders: OptionSet {
        let rawValue: UInt8
        static let contentType = GivenHeaders(rawValue: 1)
        static let date = GivenHeaders(rawValue: 2)
    }

    /// Appends the headers except those that frame the message.
    @inline(__always)
    private static func write(_ headers: Headers, to output: inout OutputSpan<UInt8>)
        -> GivenHeaders
    {
        var given = GivenHeaders()
        guard !headers.entries.isEmpty else { return given }
        let bytes = headers.bytes.span
        for index in headers.entries.indices {
            let entry = headers.entries[index]
            let start = Int(entry.nameStart)
            switch entry.nameCount {
            case 4 where bytes.isToken("date", at: start): given.insert(.date)
            case 12 where bytes.isToken("content-type", at: start): given.insert(.contentType)
            default:
                if FramingSerializer.isFraming(entry, of: bytes) { continue }
            }
            HeaderSerializer.append(entry, of: bytes, to: &output)
        }
        return given
    }
}

/// The `Date` line of responses, rewritten when the second changes (RFC 9110 §6.6.1, §5.6.7).
///
/// The time is passed as a value: the caller keeps one instance per event loop and refreshes it before it is used.
package struct DateHeader: Sendable {
    /// The complete line with its CRLF: `Date: Sun, 06 Nov 1994 08:49:37 GMT`.
    package private(set) var line: [UInt8] = []
    private var seconds: Int64?

    /// Creates the line of a second.
    package init(unixSeconds: Int64) {
        refresh(unixSeconds: unixSeconds)
    }

    /// Rewrites the line if the second has changed.
    @inline(__always)
    package mutating func refresh(unixSeconds: Int64) {
        if unixSeconds != seconds { write(unixSeconds) }
    }

    private mutating func write(_ unixSeconds: Int64) {
        seconds = unixSeconds
        line.removeAll(keepingCapacity: true)
        line.append(literal: "Date: ")
        HTTPDate(secondsSince1970: unixSeconds).append(to: &line)
        line.append(literal: "\r\n")
    }
}
