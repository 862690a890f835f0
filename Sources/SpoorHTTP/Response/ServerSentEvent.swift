import HTTPTypes

/// One message of an event stream, as browsers read it by `EventSource` (WHATWG HTML §9.2).
///
/// Line breaks in the data become several `data` lines; those in the other headers, which would begin a new field, are
/// left out.
public struct ServerSentEvent: Sendable, Hashable {
    /// What the event says, of any number of lines.
    public var data: String
    /// The kind of event; `message` for browsers if nil.
    public var event: String?
    /// What the browser sends as `Last-Event-ID` when it connects again.
    public var id: String?
    /// How long the browser waits before it connects again, in milliseconds.
    public var retryMilliseconds: Int?

    /// Makes an event.
    public init(
        _ data: String, event: String? = nil, id: String? = nil, retryMilliseconds: Int? = nil
    ) {
        self.data = data
        self.event = event
        self.id = id
        self.retryMilliseconds = retryMilliseconds
    }

    /// The event as it goes over the wire, with the empty line that ends it.
    public var text: String {
        var text = ""
        if let event { text += "event: \(withoutBreaks(event))\n" }
        if let id { text += "id: \(withoutBreaks(id))\n" }
        if let retryMilliseconds { text += "retry: \(max(0, retryMilliseconds))\n" }
        for line in lines(of: data) { text += "data: \(line)\n" }
        return text + "\n"
    }

    /// A comment, which browsers disregard.
    static func comment(_ text: String) -> String {
        lines(of: text).map { ": \($0)\n" }.joined() + "\n"
    }
}

extension ResponseWriter {
    /// Begins an event stream: sends the head, with `Content-Type: text/event-stream` and `Cache-Control: no-cache`.
    ///
    /// The stream ends with the server: when a graceful shutdown begins to drain, the handler's task is cancelled, one more
    /// event may be sent, and the response ends in order when the handler returns or throws.
    ///
    /// - Throws: As ``ResponseWriter/start(bodyLength:)``.
    public func startEventStream() async throws {
        headers[.contentType] = "text/event-stream"
        if !headers.contains(.cacheControl) { headers[.cacheControl] = "no-cache" }
        try await flush()
        try await exchange.onEventLoop { $0.beginEventStream(for: exchange) }
    }

    /// Sends an event at once; the first one begins the stream if ``startEventStream()`` has not.
    ///
    /// A client that has left, and a server that begins to drain, cancel the handler's task, so wait for what comes next by
    /// something that heeds it.
    ///
    /// - Throws: As ``ResponseWriter/write(_:)-(String)``; `CancellationError` after the last event of a stream that the
    ///   server's drain has ended.
    public func send(_ event: ServerSentEvent) async throws {
        try await sendEventText(event.text)
    }

    /// Sends a comment at once, which keeps proxies between from taking the connection for dead.
    ///
    /// - Throws: As ``ResponseWriter/write(_:)-(String)``.
    public func sendKeepAlive(_ comment: String = "") async throws {
        try await sendEventText(ServerSentEvent.comment(comment))
    }

    private func sendEventText(_ text: String) async throws {
        try await exchange.onEventLoop { wire in
            if !isHeadSent { try await startEventStream() }
            guard wire.takesEvent(for: exchange) else { throw CancellationError() }
            try await write(text)
            try await flush()
        }
    }
}

/// The lines of a text, by any of the three line breaks that an event stream knows.
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

/// A text in which no line ends, and no NUL stands: an id with one is disregarded.
private func withoutBreaks(_ text: String) -> String {
    var kept = ""
    kept.unicodeScalars.append(
        contentsOf: text.unicodeScalars.filter { $0 != "\n" && $0 != "\r" && $0 != "\0" })
    return kept
}
