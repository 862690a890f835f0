public import SpoorHTTP

/// Event streams as responses that a handler returns.
extension Response {
    /// Returns an event stream with the events of a sequence (WHATWG HTML §9.2).
    ///
    /// ```swift
    /// routes.get("/prices") { exchange in
    ///     Response.events(feed.subscribe(after: exchange.request.headers.lastEventID))
    /// }
    /// ```
    ///
    /// Each event is sent immediately; the next one is requested after the client has accepted it. When the client
    /// disconnects, or a graceful shutdown of the server begins to drain, the task that iterates the sequence is
    /// cancelled, and the stream ends when the sequence does; those of the standard library end then. The sequence is
    /// iterated in a child task on the event loop of the connection. For `HEAD` it is not iterated.
    ///
    /// - Parameters:
    ///   - events: The events. An error aborts the response, and browsers reconnect.
    ///   - heartbeat: The interval without an event after which a comment is sent, so that proxies do not close the
    ///     connection, and that a client that has disappeared is detected; nil for none.
    ///   - lastEvent: An event that is sent when a graceful shutdown ends the stream; nil for none.
    ///   - headers: The headers, in addition to `Content-Type` and `Cache-Control: no-cache`.
    public static func events<Events: AsyncSequence & Sendable>(
        _ events: Events, heartbeat: Duration? = .seconds(15), lastEvent: ServerSentEvent? = nil,
        headers: Headers = Headers()
    ) -> Response where Events.Element == ServerSentEvent {
        Response(
            headers: headers, contentType: "text/event-stream",
            source: EventSource(events: events, heartbeat: heartbeat, lastEvent: lastEvent))
    }
}

private struct EventSource<Events: AsyncSequence & Sendable>: ResponseSource
where Events.Element == ServerSentEvent {
    let events: Events
    let heartbeat: Duration?
    let lastEvent: ServerSentEvent?

    func write(to response: ResponseWriter) async throws {
        response.setEventStreamHeaders()
        guard try await response.startsBody() else { return }
        try await response.startEventStream()
        if response.isBodyOmitted { return }
        let channel = EventChannel()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await channel.forward(events) }
            if let heartbeat { group.addTask { await channel.sendHeartbeats(every: heartbeat) } }
            defer {
                channel.close()
                group.cancelAll()
            }
            while let signal = try await channel.next() {
                switch signal {
                case .event(let event): try await response.send(event)
                case .heartbeat: try await response.sendKeepAlive()
                }
            }
        }
        if Task.isCancelled, response.isEndedByShutdown, let lastEvent {
            try await response.send(lastEvent)
        }
    }
}

extension ResponseWriter {
    /// Whether a graceful shutdown has ended the event stream.
    fileprivate var isEndedByShutdown: Bool { exchange.transport.hasEndedEventStream(of: exchange) }
}
