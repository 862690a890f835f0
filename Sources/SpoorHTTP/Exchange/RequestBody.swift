import HTTPTypes
import SpoorText

/// The body of a request as a stream, read once, with back-pressure: bytes that are not read stay with the peer.
///
/// If a handler does not read it to its end, the rest is drained up to the server's limit, or the connection is
/// closed.
public struct RequestBody {
    let exchange: Exchange

    /// The length of the body, as far as the head states it and transforms keep it.
    public var length: Request.BodyLength {
        let received = exchange.request.bodyLength
        guard received != .none, let transforms = exchange.state.value.changes?.requestTransforms
        else {
            return received
        }
        return transforms.outputCount.map { .bytes($0) } ?? .unknown
    }

    /// The trailers of a chunked body (RFC 9110 §6.5); empty before its end.
    public var trailers: Headers { exchange.state.value.trailers }

    /// The maximum size of the body in bytes; nil for the server's limit, which this value may raise or lower.
    ///
    /// Set it before the first byte is read; a larger body is rejected with 413. It limits the bytes that are received,
    /// before any transform.
    public var maxBytes: Int? {
        get { exchange.state.value.maxBodyBytes }
        nonmutating set { exchange.state.value.maxBodyBytes = newValue.map { Swift.max(0, $0) } }
    }

    /// Returns the next bytes, as many as are available; nil at the end.
    ///
    /// - Throws: An error for invalid framing, for a body over its limit, for a timeout of the server, or for a
    ///   closed connection.
    public func next() async throws -> [UInt8]? {
        if exchange.request.bodyLength == .none { return nil }
        guard let transforms = exchange.state.value.changes?.requestTransforms else {
            return try await receive()
        }
        while true {
            switch try transforms.next() {
            case .bytes(let bytes): return bytes
            case .ended:
                exchange.state.value.trailers = transforms.trailers
                return nil
            case .needsInput:
                if let bytes = try await receive() {
                    try transforms.feed(bytes)
                } else {
                    try transforms.end(trailers: exchange.state.value.trailers)
                }
            }
        }
    }

    /// Returns the next bytes as they were received; nil at the end.
    private func receive() async throws -> [UInt8]? {
        let piece = try await exchange.onEventLoop { try await $0.receiveBody(for: exchange) }
        if let piece {
            exchange.state.value.bodyBytesReceived += piece.count
        } else {
            exchange.didReadBody()
        }
        return piece
    }

    /// Transforms the body for this element of the chain and those further in, after the transforms of elements further
    /// out.
    ///
    /// For instance to decompress it; remove headers that no longer apply, such as `Content-Encoding`, with
    /// ``Exchange/replaceRequest(with:)``. Limit the size of the transformed body in the transform, or with
    /// ``collect(upTo:)``: ``maxBytes`` limits the bytes that are received.
    public func transform(with transform: some BodyTransform) {
        if let transforms = exchange.state.value.changes?.requestTransforms {
            transforms.append(transform)
        } else {
            let count: Int? =
                if case .bytes(let count) = exchange.request.bodyLength {
                    // What was read before passes no transform.
                    count - exchange.state.value.bodyBytesReceived
                } else {
                    nil
                }
            exchange.state.value.beginChanges().requestTransforms = BodyPipeline(
                [transform], announcedCount: count)
        }
    }

    /// Returns the complete body.
    ///
    /// - Parameter maxBytes: The maximum number of bytes that are accepted; a negative number is treated as zero.
    /// - Throws: ``HTTPError`` with 413 if the body is longer, before it is read if its length is announced; or as
    ///   ``next()``. If the handler rethrows it, a server responds as to any body that is too large: see
    ///   `RejectedRequest`.
    public func collect(upTo maxBytes: Int) async throws -> [UInt8] {
        let maxBytes = Swift.max(0, maxBytes)
        if case .bytes(let count) = length, count > maxBytes {
            throw await tooLarge(maxBytes)
        }
        guard var whole = try await next() else { return [] }
        while whole.count <= maxBytes, let more = try await next() {
            whole.append(contentsOf: more)
        }
        guard whole.count <= maxBytes else { throw await tooLarge(maxBytes) }
        return whole
    }

    private func tooLarge(_ maxBytes: Int) async -> HTTPError {
        // Fails only if there is no connection any more, which then logs nothing.
        try? await exchange.onEventLoop { $0.recordBodyTooLong(maxBytes: maxBytes, for: exchange) }
        var error = HTTPError(
            .contentTooLarge, "413 Content Too Large: the limit is \(maxBytes) bytes")
        error.maxExceededBodyBytes = maxBytes
        return error
    }
}

extension RequestBody: AsyncSequence {
    /// Reads the body; bytes that ``next()`` or another iterator has already returned are not returned again.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let body: RequestBody

        /// The next bytes; nil at the end.
        ///
        /// - Throws: As ``RequestBody/next()``.
        public mutating func next() async throws -> [UInt8]? { try await body.next() }
    }

    /// Iterates over the chunks that have not been read yet.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(body: self) }
}

extension Exchange {
    /// The body of the request, which can be read once.
    public var body: RequestBody { RequestBody(exchange: self) }
}
