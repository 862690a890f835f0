public import SpoorHTTP

/// The writer of a streamed request body, with back-pressure.
///
/// It is valid within the closure that it is passed to. Pieces are sent in order; when the closure has returned, the
/// exchange waits until all of them have been sent.
public struct RequestBodyWriter: Sendable {
    let body: RequestBodyQueue
    /// The server, for errors.
    private let host: RequestTarget.Host

    init(_ body: RequestBodyQueue, to host: RequestTarget.Host) {
        self.body = body
        self.host = host
    }

    /// Writes a piece; returns immediately while no more than 256 KiB are queued, otherwise when half of that has
    /// been sent.
    ///
    /// An error of the sending is thrown by the next call, or, after the last one, by the calls that read the
    /// response.
    ///
    /// - Throws: ``ClientError``. If the peer has stopped reading the request (``ClientError/uploadStopped``,
    ///   ``ClientError/connectionBroken(_:_:origin:)``), rethrow the error: a response that the peer has sent is read
    ///   anyway.
    public func write(_ bytes: [UInt8]) async throws {
        do throws(ClientError) {
            try await body.write(bytes)
        } catch {
            throw error.naming(host)
        }
    }

    /// Writes a piece of text, as UTF-8.
    public func write(_ text: String) async throws {
        try await write(Array(text.utf8))
    }

    /// Sets the trailers (RFC 9110 §6.5); list their names in the `Trailer` header.
    ///
    /// - Throws: ``ClientError/requestInvalid(_:origin:)`` if the body's length is announced, because only a chunked
    ///   body has trailers, or if a header is not allowed in trailers (RFC 9110 §6.5.1).
    public func setTrailers(_ trailers: Headers) async throws {
        do throws(ClientError) {
            try body.setTrailers(trailers)
        } catch {
            throw error.naming(host)
        }
    }
}
