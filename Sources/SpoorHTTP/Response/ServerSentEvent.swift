import HTTPTypes

/// One message of an event stream, for `EventSource` in browsers (WHATWG HTML §9.2).
///
/// Line breaks in the data become several `data` lines; those in the other properties are removed, as they would
/// begin a new field.
public struct ServerSentEvent: Sendable, Hashable {
    /// The data of the event, with any number of lines.
    public var data: String
    /// The type of the event; browsers use `message` if nil.
    public var event: String?
    /// The id that the browser sends as `Last-Event-ID` when it reconnects.
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
    public var text: String {
        var text = ""
        if let event { text += "event: \(withoutBreaks(event))\n" }
        if let id { text += "id: \(withoutBreaks(id))\n" }
        if let retryMilliseconds { text += "retry: \(max(0, retryMilliseconds))\n" }
        for line in lines(of: data) { text += "data: \(line)\n" }
        return text + "\n"
    }

    /// Returns a comment, which browsers ignore.
    static func comment(_ text: String) -> String {
        lines(of: text).map { ": \($0)\n" }.joined() + "\n"
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
        headers[.contentType] = "text/event-stream"
        if !headers.contains(.cacheControl) { headers[.cacheControl] = "no-cache" }
        try await flush()
        try await exchange.onEventLoop { $0.beginEventStream(for: exchange) }
    }

    /// Sends an event immediately; the first one starts the stream if ``startEventStream()`` was not called.
    ///
    /// The handler's task is cancelled when the client disconnects or the server begins to drain, so wait for the
    /// next event with an operation that responds to cancellation.
    ///
    /// - Throws: As ``ResponseWriter/write(_:)-(String)``; `CancellationError` after the last event of a stream that
    ///   the server's graceful shutdown has ended.
    public func send(_ event: ServerSentEvent) async throws {
        try await sendEventText(event.text)
    }

    /// Sends a comment immediately, which keeps proxies from closing the connection as idle.
    ///
    /// - Throws: As ``ResponseWriter/write(_:)-(String)``.
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

/// Returns the text without line breaks and NUL: an id with a NUL is ignored by browsers.
private func withoutBreaks(_ text: String) -> String {
    var kept = ""
    kept.unicodeScalars.append(
        contentsOf: text.unicodeScalars.filter { $0 != "\n" && $0 != "\r" && $0 != "\0" })
    return kept
}
