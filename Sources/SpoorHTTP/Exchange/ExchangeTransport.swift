package import HTTPTypes
import SpoorText

/// The operations of a connection that an exchange may call on any executor.
///
/// Operations that read, write, or set timers are in ``ExchangeWire``.
package protocol ExchangeTransport: AnyObject {
    /// Whether a graceful shutdown of the server has begun.
    var isShuttingDown: Bool { get }

    /// Returns whether the graceful shutdown has ended the event stream of the exchange, so that an error of its
    /// handler is not a failure.
    func hasEndedEventStream(of exchange: Exchange) -> Bool

    /// Returns what has interrupted the exchange so far, as seen by the connection.
    func interruption(of exchange: Exchange) -> Interruption?

    /// Returns the nanoseconds since that interruption, or since the first error of the connection; 0 if neither has
    /// happened.
    func nanosecondsSinceInterruption(of exchange: Exchange) -> UInt64

    /// Logs at debug level that a change of the response has no effect.
    func logIgnored(_ change: IgnoredChange, for exchange: Exchange)
}

/// The operations of a connection on its event loop, implemented by the server and by in-process tests.
///
/// It is reached only through ``Exchange/onEventLoop(_:)`` and ``Exchange/wireIfOnEventLoop``, so that no method can
/// forget to change threads. Operations that need not wait are synchronous and return whether the caller must wait
/// for the peer. Only the implementation sets the exchange's ``ResponsePhase``, with each call that changes it.
package protocol ExchangeWire: ExchangeTransport {
    /// Whether the calling thread is that of the event loop.
    var isOnEventLoop: Bool { get }

    /// Runs a closure on the event loop; the compiler proves that an exchange stays in its task, but not that the
    /// task stays on its thread (`withTaskExecutorPreference` may have moved it).
    func runOnEventLoop(_ body: () async throws -> Void) async throws

    /// Returns the next bytes of the request's body; nil at its end.
    ///
    /// The first call for a request that expects it sends `100 Continue` (RFC 9110 §10.1.1).
    func receiveBody(for exchange: Exchange) async throws -> [UInt8]?

    /// Records that the body is longer than its reader accepts: the connection logs and counts the rejection.
    func recordBodyTooLong(maxBytes: Int, for exchange: Exchange)

    /// Sends head and body in one write; no part of the response was sent before.
    func send(
        _ body: Response.Body, contentType: String?, for exchange: Exchange
    ) throws -> SendProgress

    /// Returns the response to an error of the connection, such as a body that is too large; nil for any other error.
    func response(to error: any Error, for exchange: Exchange) -> Response?

    /// Appends the head of a response whose body follows to the send buffer.
    func sendHead(bodyLength: Int?, for exchange: Exchange) throws

    /// Appends a piece of the body to the send buffer.
    func write(_ bytes: Span<UInt8>, for exchange: Exchange) throws -> SendProgress

    /// Ends a body that was written in pieces, with trailers if it is chunked, and flushes the send buffer to the
    /// kernel.
    func finish(trailers: Headers?, for exchange: Exchange) throws -> SendProgress

    /// Flushes the send buffer to the kernel.
    func flush(for exchange: Exchange) throws -> SendProgress

    /// Waits until the kernel has accepted the bytes that had to wait.
    func drain(for exchange: Exchange) async throws

    /// Discards a response that is being written, if none of its bytes was sent: the head can then be set again, so
    /// that the response to an error can be sent instead. Otherwise does nothing.
    func discardUnsentResponse(of exchange: Exchange)

    /// Sends an interim response (1xx) before the final one; sends nothing to an HTTP/1.0 client.
    func sendInterim(
        _ status: HTTPResponse.Status, headers: Headers, for exchange: Exchange
    ) throws -> SendProgress

    /// Sends the head that is set, and passes the bytes after it to the caller, in both directions.
    func handOver(for exchange: Exchange) async throws -> any DuplexTransport

    /// Sets a deadline for the handler: when it passes, its task is cancelled, and it no longer waits for the peer.
    func limitHandler(to duration: Duration, for exchange: Exchange)

    /// Throws if that deadline has passed, so that a response of the handler is not sent; the response to the timeout
    /// may be.
    func checkHandlerTimeout() throws

    /// Removes that deadline; returns whether it had passed.
    func endHandlerLimit(for exchange: Exchange) -> Bool

    /// Marks the response as an event stream: when the server begins to drain, the task of the exchange is cancelled.
    func beginEventStream(for exchange: Exchange)

    /// Returns whether another event may be sent; after the drain has begun one last event may.
    func canSendEvent(for exchange: Exchange) -> Bool
}

extension ExchangeTransport {
    /// False: there is no server.
    package var isShuttingDown: Bool { false }

    /// Returns false: there is no graceful shutdown.
    package func hasEndedEventStream(of exchange: Exchange) -> Bool { false }

    /// Returns nil: nothing interrupts the exchange.
    package func interruption(of exchange: Exchange) -> Interruption? { nil }

    /// Returns 0: nothing interrupts the exchange.
    package func nanosecondsSinceInterruption(of exchange: Exchange) -> UInt64 { 0 }

    /// Does nothing: there is no log.
    package func logIgnored(_ change: IgnoredChange, for exchange: Exchange) {}
}

extension ExchangeWire {
    /// Does nothing: there is no log.
    package func recordBodyTooLong(maxBytes: Int, for exchange: Exchange) {}

    /// Returns nil: the connection has no errors with a response.
    package func response(to error: any Error, for exchange: Exchange) -> Response? { nil }

    /// Sends nothing: interim responses are optional (RFC 9110 §15.2).
    package func sendInterim(
        _ status: HTTPResponse.Status, headers: Headers, for exchange: Exchange
    ) throws -> SendProgress { .done }

    /// Does nothing: everything was sent immediately.
    package func discardUnsentResponse(of exchange: Exchange) {}

    /// Throws: there are no bytes after the head.
    package func handOver(for exchange: Exchange) async throws -> any DuplexTransport {
        throw UpgradeError.unavailable
    }

    /// Does nothing: there is no timer.
    package func limitHandler(to duration: Duration, for exchange: Exchange) {}

    /// Does nothing: there is no timer.
    package func checkHandlerTimeout() throws {}

    /// Returns false: there is no timer.
    package func endHandlerLimit(for exchange: Exchange) -> Bool { false }

    /// Does nothing: there is no graceful shutdown.
    package func beginEventStream(for exchange: Exchange) {}

    /// Returns true.
    package func canSendEvent(for exchange: Exchange) -> Bool { true }
}

/// The transport of an exchange that no connection uses.
final class DetachedTransport: ExchangeTransport {}

/// Whether the caller must wait for the peer.
@usableFromInline
package enum SendProgress: Sendable, Equatable {
    /// The kernel has accepted the bytes, or they may stay in the buffer until more are written.
    case done
    /// The peer is slow: call ``ExchangeWire/drain(for:)``.
    case mustDrain
}

/// A change of a response without effect, because its head was already sent, or because its framing does not allow
/// it.
///
/// It is logged at debug level, so that a middleware that changes the response too late can be found.
package enum IgnoredChange: Sendable, Equatable {
    /// The status was set to this one.
    case status(HTTPResponse.Status)
    /// The header of this name was set, appended to or removed.
    case header(String)
    /// Trailers were passed for a body that is not chunked (RFC 9110 §6.5).
    case trailers
    /// The header of this name frames the message or concerns the connection, and the server has sent another value,
    /// or none (RFC 9112 §6, §9).
    case framingHeader(String)
    /// A complete response with a body has this status, which does not allow one (RFC 9110 §6.4.1).
    case body(HTTPResponse.Status)
}

extension Exchange {
    /// Logs the names of the headers that differ from those that were sent.
    func logIgnored(_ changed: Headers) {
        let sent = state.value.responseHeaders
        guard changed != sent || changed.rejectedName != sent.rejectedName else { return }
        var logged: [HTTPField.Name] = []
        if let name = changed.rejectedName.flatMap({ HTTPField.Name($0) }) { logged.append(name) }
        for name in (Array(changed) + Array(sent)).map(\.name) where !logged.contains(name) {
            if changed.byteValues(of: name) != sent.byteValues(of: name) { logged.append(name) }
        }
        for name in logged { transport.logIgnored(.header(name.rawName), for: self) }
    }
}

/// The phase of a response: what a handler may still do with it.
///
/// Only the transport sets it; a server's transport derives it from the state of its connection.
package enum ResponsePhase: CaseIterable, Sendable {
    /// Nothing has been sent; headers can still be set.
    case open
    /// The head has been sent, and the body is being written.
    case streaming
    /// The response is fully serialized and waits for the kernel to accept its end: it can no longer be replaced.
    case ending
    /// The complete response was sent.
    case complete
}
