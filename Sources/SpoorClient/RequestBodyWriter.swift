public import SpoorHTTP
import SpoorNetworking

/// Sends the body of a request piece by piece, as fast as the peer takes it.
///
/// It is valid inside the closure that it was given to, and writes one piece at a time.
public struct RequestBodyWriter {
    private let driver: ClientExchangeDriver

    init(_ driver: ClientExchangeDriver) {
        self.driver = driver
    }

    /// Sends a piece; returns when it is with the kernel.
    ///
    /// - Throws: ``ClientError``. If the peer has stopped taking the request (``ClientError/uploadStopped``,
    ///   ``ClientError/connectionBroken(_:_:)``), let the error pass: a response that it has sent is read all the same.
    public func write(_ bytes: [UInt8]) async throws {
        try await driver.pool.loop.run { [driver] () async throws(ClientError) in
            try await driver.write(bytes)
        }
    }

    /// Sends a piece of text, as UTF-8.
    public func write(_ text: String) async throws {
        try await write(Array(text.utf8))
    }

    /// Sets the trailer fields (RFC 9110 §6.5); name them in the head's `Trailer`.
    ///
    /// - Throws: ``ClientError/requestInvalid(_:)`` if the body's length is announced, for only a chunked body has trailers, or
    ///   if a field may not stand there (RFC 9110 §6.5.1).
    public func setTrailers(_ trailers: Fields) async throws {
        try await driver.pool.loop.run { [driver] () async throws(ClientError) in
            try driver.setTrailers(trailers)
        }
    }
}
