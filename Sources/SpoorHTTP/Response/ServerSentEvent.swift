import HTTPTypes

/// One message of an event stream, for `EventSource` in browsers (WHATWG HTML §9.2).
///
/// Line breaks in the data become several `data` lines. An event with a line break in another property is rejected with
/// a ``ServerSentEventError``, as the rest of the value would be read as another field.
public struct ServerSentEvent: Sendable, Hashable {
    /// The data of the event, with any number of lines.
    public var data: String
    /// The type of the event, without line breaks; browsers use `message` if nil.
    public var event: String?
    /// The id that the browser sends as `Last-Event-ID` when it reconnects, without line breaks and NUL.
    public var id: String?
    /// The delay before the browser reconnects, in milliseconds.
    public var retryMilliseconds: Int?

    /// Creates an event.
    public init(
        _ data: String, event: String? = nil, id: String? = nil, retryMilliseconds: Int? = nil
    ) {
        self.data = data
        self.event = event
        self.id = id
        self.retryMilliseconds = retryMilliseconds
    }

    /// The serialized event, with the empty line that ends it.
    ///
    /// - Throws: ``ServerSentEventError`` if the type or the id contains a line break, or the id a NUL.
    public var text: String {
        get throws(ServerSentEventError) {
            var text = ""
            if let event { text += "event: \(try oneLine(event, .event))\n" }
            if let id { text += "id: \(try oneLine(id, .id))\n" }
            if let retryMilliseconds { text += "retry: \(max(0, retryMilliseconds))\n" }
            for line in lines(of: data) { text += "data: \(line)\n" }
            return text + "\n"
        }
    }

    /// Returns a comment, which browsers ignore.
    static func comment(_ text: String) throws(ServerSentEventError) -> String {
        ": \(try oneLine(text, .comment))\n\n"
    }
}

/// The error for an event with a value that would be read as several fields, or that browsers ignore (WHATWG HTML
/// §9.2.6).
public enum ServerSentEventError: Error, Hashable, CustomStringConvertible {
    /// The part of an event that is a single line.
    public enum Part: String, Hashable, Sendable {
        /// ``ServerSentEvent/event``.
        case event
        /// ``ServerSentEvent/id``.
        case id
        /// The comment of ``ResponseWriter/sendKeepAlive(_:)``.
        case comment
    }

    /// The value contains CR or LF.
    case lineBreak(in: Part)
    /// The id contains NUL; browsers ignore such an id.
    case nulInID

    /// A message that names the part and how to correct it.
    public var description: String {
        switch self {
        case .lineBreak(let part):
            "the \(part.rawValue) of a server-sent event contains a line break: only its data may have several lines"
        case .nulInID:
            "the id of a server-sent event contains NUL, so browsers ignore it: encode the id, for instance as Base64"
        }
    }
}

extension ResponseWriter {
    /// Starts an event stream: sends the head, with `Content-Type: text/event-stream` and `Cache-Control: no-cache`.
    ///
    /// The stream ends with the server: when a graceful shutdown begins to drain, the handler's task is cancelled,
    /// one more event may be sent, and the response is ended properly when the handler returns or throws.
    ///
    /// - Throws: As ``ResponseWriter/start(bodyLength:)``.
    public func startEventStream() async throws {
        setEventStreamHeaders()
        try await flush()
        try await exchange.onEventLoop { $0.beginEventStream(for: exchange) }
    }

    /// Sets the headers of an event stream, which a response to `HEAD` has as well.
    package func setEventStreamHeaders() {
        headers[.contentType] = "text/event-stream"
        if !headers.contains(.cacheControl) { headers[.cacheControl] = "no-cache" }
    }

    /// Sends an event immediately; the first one starts the stream if ``startEventStream()`` was not called.
    ///
    /// The handler's task is cancelled when the client disconnects or the server begins to drain, so wait for the
    /// next event with an operation that responds to cancellation.
    ///
    /// - Throws: ``ServerSentEventError``, before anything is sent; as ``ResponseWriter/write(_:)-(String)``;
    ///   `CancellationError` after the last event of a stream that the server's graceful shutdown has ended.
    public func send(_ event: ServerSentEvent) async throws {
        try await sendEventText(event.text)
    }

    /// Sends a comment immediately, which keeps proxies from closing the connection as idle.
    ///
    /// - Throws: ``ServerSentEventError`` for a comment with a line break; as ``ResponseWriter/write(_:)-(String)``.
    public func sendKeepAlive(_ comment: String = "") async throws {
        try await sendEventText(ServerSentEvent.comment(comment))
    }

    private func sendEventText(_ text: String) async throws {
        try await exchange.onEventLoop { wire in
            if !isHeadSent { try await startEventStream() }
            guard wire.canSendEvent(for: exchange) else { throw CancellationError() }
            try await write(text)
            try await flush()
        }
    }
}

/// Returns the lines of a text, split at any of the three line breaks of event streams.
private func lines(of text: String) -> [String] {
    var lines = [""]
    var follows: Unicode.Scalar?
    for scalar in text.unicodeScalars {
        if scalar == "\n" || scalar == "\r" {
            if !(scalar == "\n" && follows == "\r") { lines.append("") }
        } else {
            lines[lines.count - 1].unicodeScalars.append(scalar)
        }
        follows = scalar
    }
    return lines
}

/// Returns the value of a field that is a single line.
private func oneLine(
    _ text: String, _ part: ServerSentEventError.Part
) throws(ServerSentEventError) -> String {
    for byte in text.utf8 {
        if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") { throw .lineBreak(in: part) }
        if byte == 0, part == .id { throw .nulInID }
    }
    return text
}
