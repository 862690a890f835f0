public import SpoorHTTP

/// Sends the body of a request piece by piece, as fast as the peer takes it.
///
/// It is valid inside the closure that it was given to. What was written is sent in order; when the closure has returned, the
/// exchange waits until all of it has been sent.
public struct RequestBodyWriter: Sendable {
    let body: RequestBodyQueue
    /// The server that an error names.
    private let host: RequestTarget.Host

    init(_ body: RequestBodyQueue, to host: RequestTarget.Host) {
        self.body = body
        self.host = host
    }

    /// Adds a piece to what is sent; returns at once while no more than 256 KiB wait to be sent, otherwise when half of that
    /// has been sent.
    ///
    /// An error of the sending is thrown by the next call, or, after the last one, by what reads the response.
    ///
    /// - Throws: ``ClientError``. If the peer has stopped taking the request (``ClientError/uploadStopped``,
    ///   ``ClientError/connectionBroken(_:_:origin:)``), let the error pass: a response that it has sent is read all the same.
    public func write(_ bytes: [UInt8]) async throws {
        do throws(ClientError) {
            try await body.write(bytes)
        } catch {
            throw error.naming(host)
        }
    }

    /// Adds a piece of text, as UTF-8.
    public func write(_ text: String) async throws {
        try await write(Array(text.utf8))
    }

    /// Sets the trailer fields (RFC 9110 §6.5); name them in the head's `Trailer`.
    ///
    /// - Throws: ``ClientError/requestInvalid(_:origin:)`` if the body's length is announced, for only a chunked body has trailers, or
    ///   if a field may not stand there (RFC 9110 §6.5.1).
    public func setTrailers(_ trailers: Headers) async throws {
        do throws(ClientError) {
            try body.setTrailers(trailers)
        } catch {
            throw error.naming(host)
        }
    }
}
