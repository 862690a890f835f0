package import HTTPTypes
import SpoorText

/// What an exchange may ask of the connection under it, wherever its task runs.
///
/// What reads, writes, or sets timers is in ``ExchangeWire``.
package protocol ExchangeTransport: AnyObject {
    /// Whether a graceful shutdown of the server has begun.
    var isShuttingDown: Bool { get }

    /// Whether the drain has ended the event stream of the exchange, so that its handler's error is no failure.
    func hasEndedEventStream(of exchange: Exchange) -> Bool

    /// What has interrupted the exchange so far, as seen from the wire.
    func interruption(of exchange: Exchange) -> Interruption?

    /// How many nanoseconds ago that was, or the first fault of the wire; 0 if nothing has happened.
    func nanosecondsSinceInterruption(of exchange: Exchange) -> UInt64

    /// Logs at debug level that a change of the response has no effect.
    func noteIgnored(_ change: IgnoredChange, for exchange: Exchange)
}

/// The connection under an exchange on its event loop: what the server, or a test without sockets, does for it.
///
/// It is reached by ``Exchange/onEventLoop(_:)`` and ``Exchange/wireIfOnEventLoop`` alone, so that no method can forget to
/// change threads. What can be done at once is synchronous and says whether the caller has to wait for the peer. The wire
/// alone sets the exchange's ``ResponsePhase``, with each call that changes it.
package protocol ExchangeWire: ExchangeTransport {
    /// Whether the calling thread is that of the event loop.
    var isOnEventLoop: Bool { get }

    /// Runs on the event loop; the compiler proves that an exchange stays in its task, not that the task stays on its thread
    /// (`withTaskExecutorPreference` may have moved it).
    func runOnEventLoop(_ body: () async throws -> Void) async throws

    /// The next bytes of the request's body; nil at its end.
    ///
    /// The first call of a request that expects it sends `100 Continue` (RFC 9110 §10.1.1).
    func receiveBody(for exchange: Exchange) async throws -> [UInt8]?

    /// Sends head and body in one; nothing of the response was sent before.
    func send(
        _ body: Response.Body, contentType: String?, for exchange: Exchange
    ) throws -> SendProgress

    /// The response to an error of the wire's own, such as a body that is too large; nil for any other error.
    func response(to error: any Error, for exchange: Exchange) -> Response?

    /// Puts the head of a response whose body follows into the send buffer.
    func sendHead(bodyLength: Int?, for exchange: Exchange) throws

    /// Puts a piece of the body into the send buffer.
    func write(_ bytes: Span<UInt8>, for exchange: Exchange) throws -> SendProgress

    /// Ends a body that was written in pieces, with trailer fields if it is chunked, and hands all to
    /// the kernel.
    func finish(trailers: Headers?, for exchange: Exchange) throws -> SendProgress

    /// Hands what is in the send buffer to the kernel.
    func flush(for exchange: Exchange) throws -> SendProgress

    /// Waits until the kernel has taken what had to wait.
    func drain(for exchange: Exchange) async throws

    /// Takes a response that is being written back, if none of its bytes has left: the head is open again, so that the response
    /// to an error can be sent in its place. Otherwise does nothing.
    func discardUnsentResponse(of exchange: Exchange)

    /// Sends an interim response (1xx) ahead of the final one; nothing to a client of HTTP/1.0.
    func sendInterim(
        _ status: HTTPResponse.Status, headers: Headers, for exchange: Exchange
    ) throws -> SendProgress

    /// Sends the head that is set, and leaves the bytes behind it to the caller, both ways.
    func handOver(for exchange: Exchange) async throws -> any DuplexTransport

    /// Cancels the task of the exchange after so long, and lets it wait for the peer no more.
    func limitHandler(to duration: Duration, for exchange: Exchange)

    /// Ends that limit; true if the time had passed.
    func endHandlerLimit(for exchange: Exchange) -> Bool

    /// The response is an event stream from now on: when the server begins to drain, the task of the exchange is cancelled.
    func beginEventStream(for exchange: Exchange)

    /// Whether another event may be sent; after the drain has begun one last event may.
    func takesEvent(for exchange: Exchange) -> Bool
}

extension ExchangeTransport {
    /// There is no server.
    package var isShuttingDown: Bool { false }

    /// Never.
    package func hasEndedEventStream(of exchange: Exchange) -> Bool { false }

    /// Nothing happens from outside.
    package func interruption(of exchange: Exchange) -> Interruption? { nil }

    /// Nothing happens from outside.
    package func nanosecondsSinceInterruption(of exchange: Exchange) -> UInt64 { 0 }

    /// There is no log.
    package func noteIgnored(_ change: IgnoredChange, for exchange: Exchange) {}
}

extension ExchangeWire {
    /// There are no errors of its own.
    package func response(to error: any Error, for exchange: Exchange) -> Response? { nil }

    /// Sends none: interim responses may be left out (RFC 9110 §15.2).
    package func sendInterim(
        _ status: HTTPResponse.Status, headers: Headers, for exchange: Exchange
    ) throws -> SendProgress { .done }

    /// Everything has left at once.
    package func discardUnsentResponse(of exchange: Exchange) {}

    /// There are no bytes behind the head.
    package func handOver(for exchange: Exchange) async throws -> any DuplexTransport {
        throw UpgradeError.unavailable
    }

    /// There is no clock.
    package func limitHandler(to duration: Duration, for exchange: Exchange) {}

    /// There is no clock.
    package func endHandlerLimit(for exchange: Exchange) -> Bool { false }

    /// Nothing ends it.
    package func beginEventStream(for exchange: Exchange) {}

    /// Always.
    package func takesEvent(for exchange: Exchange) -> Bool { true }
}

/// Whether bytes are on their way.
@usableFromInline
package enum SendProgress: Sendable, Equatable {
    /// The kernel has them, or they may wait for more in the buffer.
    case done
    /// The peer is slow: call ``ExchangeTransport/drain(for:)``.
    case mustDrain
}

/// A change of a response that has no effect, because its head was sent before, or because its framing has no room for it.
///
/// It is logged at debug level, so that a middleware that changes the response too late can be found.
package enum IgnoredChange: Sendable, Equatable {
    /// The status was set to this one.
    case status(HTTPResponse.Status)
    /// The field of this name was set, appended to or removed.
    case field(String)
    /// Trailer fields were given for a body that is not chunked (RFC 9110 §6.5).
    case trailers
    /// The field of this name frames the message or is of the connection, and the server has written another, or none
    /// (RFC 9112 §6, §9).
    case framingField(String)
    /// A whole response with a body has this status, with which there is none (RFC 9110 §6.4.1).
    case body(HTTPResponse.Status)
}

extension Exchange {
    /// Logs the names of the fields in which these differ from those that were sent.
    func noteIgnored(_ changed: Headers) {
        let sent = state.value.responseHeaders
        guard changed != sent || changed.refusedName != sent.refusedName else { return }
        var noted: [HTTPField.Name] = []
        if let name = changed.refusedName.flatMap({ HTTPField.Name($0) }) { noted.append(name) }
        for name in (Array(changed) + Array(sent)).map(\.name) where !noted.contains(name) {
            if changed.byteValues(of: name) != sent.byteValues(of: name) { noted.append(name) }
        }
        for name in noted { transport.noteIgnored(.field(name.rawName), for: self) }
    }
}

/// How far a response is: what a handler may still do about it.
///
/// The transport decides it, which is the only one to set it; a server's transport takes it from the state of its connection.
package enum ResponsePhase: CaseIterable, Sendable {
    /// Nothing has been sent; head fields can still be set.
    case open
    /// The head has been sent, and the body is being written.
    case streaming
    /// All of the response is serialized, and its end waits for the kernel: it can no longer be replaced.
    case ending
    /// The response has been sent whole.
    case complete
}
