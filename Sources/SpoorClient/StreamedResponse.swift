public import HTTPTypes
public import SpoorHTTP
import SpoorNetworking

/// A response whose body comes piece by piece, with back-pressure: what is not asked for stays with
/// the peer.
///
/// It is good inside the closure that it was given to. What is left unread there is given up, and
/// the connection with it.
public struct StreamedResponse {
    /// The status.
    public let status: HTTPResponse.Status
    /// The headers of the response.
    public let headers: Headers

    private let driver: ClientExchangeDriver
    private let exchange: ClientExchange

    init(_ exchange: ClientExchange, status: HTTPResponse.Status, driver: ClientExchangeDriver) {
        self.exchange = exchange
        self.status = status
        self.driver = driver
        headers = exchange.responseHeaders
    }

    /// The next bytes of the body, as many as are at hand; nil at the end.
    ///
    /// - Throws: ``ClientError``.
    public func next() async throws -> [UInt8]? {
        let piece = try await driver.pool.loop.run {
            [driver] () async throws(ClientError) -> [UInt8]? in
            try await driver.nextPiece()
        }
        exchange.bodyBytesReceived += piece?.count ?? 0
        return piece
    }

    /// Returns the rest of the body.
    ///
    /// - Parameter maxBytes: The maximum number of accepted bytes.
    /// - Throws: ``ClientError/bodyTooLarge(_:)`` if there are more; or as ``next()``.
    public func collect(upTo maxBytes: Int) async throws -> [UInt8] {
        try await collect(within: .collectUpTo(maxBytes))
    }

    func collect(within limit: ClientError.BodyLimit) async throws -> [UInt8] {
        let whole = try await driver.pool.loop.run {
            [driver] () async throws(ClientError) -> [UInt8] in
            try await driver.collect(within: limit)
        }
        exchange.bodyBytesReceived += whole.count
        return whole
    }

    /// The trailers of a chunked body (RFC 9110 §6.5); empty before its end.
    public func trailers() async -> Headers {
        await driver.pool.loop.run { [driver] in driver.attempt.trailers }
    }
}

extension StreamedResponse: AsyncSequence {
    /// Reads the body; what was read already by ``next()`` or another iterator does not come again.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let response: StreamedResponse

        /// The next bytes; nil at the end.
        ///
        /// - Throws: ``ClientError``.
        public mutating func next() async throws -> [UInt8]? { try await response.next() }
    }

    /// Iterates over the chunks of the body that have not been read yet.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(response: self) }
}
