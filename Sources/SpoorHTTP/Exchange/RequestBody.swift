import HTTPTypes
import SpoorText

/// The body of a request as a stream, read once, with back-pressure: what is not asked for stays with the peer.
///
/// What a handler leaves unread is drained up to the server's bound, or the connection closes.
public struct RequestBody {
    let exchange: Exchange

    /// How long the body is, as far as the head tells.
    public var length: Request.BodyLength { exchange.request.bodyLength }

    /// The fields behind a chunked body (RFC 9110 §6.5); empty before its end.
    public var trailers: Headers { exchange.state.value.trailers }

    /// How many bytes the body may have; nil for the server's bound, which this one may raise as well as lower.
    ///
    /// To be set before the first byte is read; more than that is refused with 413.
    public var maxBytes: Int? {
        get { exchange.state.value.maxBodyBytes }
        nonmutating set { exchange.state.value.maxBodyBytes = newValue.map { max(0, $0) } }
    }

    /// The next bytes, as many as are at hand; nil at the end.
    ///
    /// - Throws: The peer's fault in the framing, the body bound or a time-out of the server, or the connection's end.
    public func next() async throws -> [UInt8]? {
        if exchange.request.bodyLength == .none { return nil }
        let piece = try await exchange.onEventLoop { try await $0.receiveBody(for: exchange) }
        if let piece {
            exchange.state.value.bodyBytesReceived += piece.count
        } else {
            exchange.didReadBody()
        }
        return piece
    }

    /// The whole body.
    ///
    /// - Parameter maxBytes: How many bytes are accepted at the most.
    /// - Throws: ``HTTPError`` with 413 when the body is longer, before it is read if its length is announced; or as ``next()``.
    ///   If the handler throws it on, a server responds as to any body that is too large: see `RejectedRequest`.
    public func collect(upTo maxBytes: Int) async throws -> [UInt8] {
        if case .bytes(let count) = length, count > maxBytes {
            throw Self.tooLarge(maxBytes)
        }
        guard var whole = try await next() else { return [] }
        while whole.count <= maxBytes, let more = try await next() {
            whole.append(contentsOf: more)
        }
        guard whole.count <= maxBytes else { throw Self.tooLarge(maxBytes) }
        return whole
    }

    private static func tooLarge(_ maxBytes: Int) -> HTTPError {
        var error = HTTPError(
            .contentTooLarge, "413 Content Too Large: the limit is \(maxBytes) bytes")
        error.maxExceededBodyBytes = maxBytes
        return error
    }
}

extension Exchange {
    /// The body of the request, to be read once.
    public var body: RequestBody { RequestBody(exchange: self) }
}
