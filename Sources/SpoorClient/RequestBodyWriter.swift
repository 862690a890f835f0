public import SpoorHTTP
import SpoorNetworking

/// Sends the body of a request piece by piece, as fast as the peer takes it.
///
/// It is good inside the closure that it was given to.
public struct RequestBodyWriter {
    private let driver: ClientExchangeDriver

    init(_ driver: ClientExchangeDriver) {
        self.driver = driver
    }

    /// Sends a piece; returns when it is with the kernel.
    ///
    /// - Throws: ``ClientError``. If the peer has stopped taking the request, let the error pass:
    ///   an answer that it gave before is read all the same.
    public func write(_ bytes: [UInt8]) async throws {
        try await driver.pool.loop.run { [driver] () async throws(ClientError) in
            try await driver.write(bytes)
        }
    }

    /// Sends a piece of text, as UTF-8.
    public func write(_ text: String) async throws {
        try await write(Array(text.utf8))
    }

    /// Sets the fields that go behind the body (RFC 9110 §6.5); sent only if its length is not announced.
    ///
    /// Those that may not stand there are left out; name the others in the head's `Trailer`.
    public func setTrailers(_ trailers: Fields) async {
        await driver.pool.loop.run { [driver] in driver.requestTrailers = trailers }
    }
}
