public import HTTPTypes
public import SpoorHTTP
import SpoorNetworking

/// A response whose body is streamed with back-pressure: the peer can send only as fast as the body is read.
///
/// It is valid within the closure that it is passed to. If that closure does not read the whole body, the rest is discarded and
/// the connection is closed.
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

    /// Returns the next available bytes of the body; nil at the end.
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
    /// - Parameter maxBytes: The maximum number of accepted bytes; a negative number is treated as zero.
    /// - Throws: ``ClientError/bodyTooLarge(_:)`` if there are more; or as ``next()``.
    public func collect(upTo maxBytes: Int) async throws -> [UInt8] {
        try await collect(within: .collectUpTo(Swift.max(0, maxBytes)))
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
    /// Reads the body; bytes that ``next()`` or another iterator has already returned are not returned again.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let response: StreamedResponse

        /// Returns the next bytes; nil at the end.
        ///
        /// - Throws: ``ClientError``.
        public mutating func next() async throws -> [UInt8]? { try await response.next() }
    }

    /// Iterates over the chunks of the body that have not been read yet.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(response: self) }
}
