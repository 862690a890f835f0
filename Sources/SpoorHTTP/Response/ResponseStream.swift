public import HTTPTypes

/// The source of a response body that is produced while it is sent; a response with it has no other body.
///
/// A class, so that a response without a stream stores only one word for it.
package final class ResponseStream: OpaqueResponseStream {
    package let source: any ResponseSource

    package init(_ source: any ResponseSource) {
        self.source = source
    }
}

extension Response {
    /// The source of a body that is produced while it is sent; nil for a complete one.
    package var stream: ResponseStream? { opaqueStream as? ResponseStream }

    /// Creates a response whose body a source writes.
    package init(
        status: HTTPResponse.Status? = nil, headers: Headers, contentType: String?,
        source: any ResponseSource
    ) {
        self.init(status: status, headers: headers, contentType: contentType)
        opaqueStream = ResponseStream(source)
    }
}

/// Writes a response body; called once, after the response's status and headers were set on the exchange.
package protocol ResponseSource: Sendable {
    /// Writes the body; the caller ends it.
    ///
    /// - Throws: Any error: the server's response to it is sent if nothing was sent before, and otherwise the
    ///   connection is aborted.
    func write(to response: ResponseWriter) async throws
}

/// Responses whose bodies are sequences.
///
/// The sequence is iterated in the task of the handler, one element at a time, and the next element is requested after
/// the peer has accepted enough of those before (back-pressure). That task is cancelled when the client disconnects, which
/// ends the iteration. An error of the sequence aborts the response, so that the client notices that it is incomplete; so
/// does a cancellation, after which sequences of the standard library end early. For `HEAD`, and for a status that allows
/// no body, the sequence is not iterated.
extension Response {
    /// Returns a response whose body is the pieces of a sequence.
    ///
    /// ```swift
    /// routes.get("/export") { _ in Response.stream(rows, contentType: "text/csv") }
    /// ```
    ///
    /// - Parameters:
    ///   - pieces: The pieces of the body.
    ///   - status: The status; if nil, the one that is set on the exchange, which is 200 unless it was changed.
    ///   - headers: The headers; with a `Content-Length`, which must be that of the body, the body is not chunked.
    ///   - contentType: The `Content-Type`.
    ///   - flushesEachPiece: Whether each piece is sent immediately; if false, up to 64 KiB are collected.
    public static func stream<Pieces: AsyncSequence & Sendable>(
        _ pieces: Pieces, status: HTTPResponse.Status? = nil, headers: Headers = Headers(),
        contentType: String = "application/octet-stream", flushesEachPiece: Bool = true
    ) -> Response where Pieces.Element == [UInt8] {
        Response(
            status: status, headers: headers, contentType: contentType,
            source: BytesSource(pieces: pieces, flushesEachPiece: flushesEachPiece))
    }

    /// Returns a response whose body is the texts of a sequence, as UTF-8.
    ///
    /// - Parameters:
    ///   - texts: The pieces of the body.
    ///   - status: The status; if nil, the one that is set on the exchange, which is 200 unless it was changed.
    ///   - headers: The headers; with a `Content-Length`, which must be that of the body, the body is not chunked.
    ///   - contentType: The `Content-Type`.
    ///   - flushesEachPiece: Whether each text is sent immediately; if false, up to 64 KiB are collected.
    public static func stream<Texts: AsyncSequence & Sendable>(
        _ texts: Texts, status: HTTPResponse.Status? = nil, headers: Headers = Headers(),
        contentType: String = "text/plain; charset=utf-8", flushesEachPiece: Bool = true
    ) -> Response where Texts.Element == String {
        Response(
            status: status, headers: headers, contentType: contentType,
            source: TextSource(texts: texts, flushesEachPiece: flushesEachPiece))
    }

    /// Returns a response whose body is the bytes of a sequence; sent in pieces of 16 KiB.
    ///
    /// - Parameters:
    ///   - bytes: The bytes of the body. A sequence of `[UInt8]` costs much less.
    ///   - status: The status; if nil, the one that is set on the exchange, which is 200 unless it was changed.
    ///   - headers: The headers; with a `Content-Length`, which must be that of the body, the body is not chunked.
    ///   - contentType: The `Content-Type`.
    public static func stream<Bytes: AsyncSequence & Sendable>(
        _ bytes: Bytes, status: HTTPResponse.Status? = nil, headers: Headers = Headers(),
        contentType: String = "application/octet-stream"
    ) -> Response where Bytes.Element == UInt8 {
        Response(
            status: status, headers: headers, contentType: contentType,
            source: ByteSource(bytes: bytes))
    }
}

extension ResponseWriter {
    /// Sends only the head, if the response to the request has no body; returns whether it has one.
    ///
    /// For sources whose body is not known before it is written.
    package func startsBody() async throws -> Bool {
        if status.allowsBody, exchange.request.knownMethod != .head { return true }
        if status.allowsBody { try await start() }
        try await finish()
        return false
    }

    /// Writes the elements of a sequence by a closure, if the response has a body.
    ///
    /// - Throws: `CancellationError` if the task was cancelled: most sequences end early then, so the body may be
    ///   incomplete; or what the sequence or the closure throws.
    package func write<Elements: AsyncSequence>(
        eachOf elements: Elements, flushesEach: Bool,
        _ write: (Elements.Element) async throws -> Void
    ) async throws {
        guard try await startsBody() else { return }
        for try await element in elements {
            try Task.checkCancellation()
            try await write(element)
            if isBodyOmitted { return }
            if flushesEach { try await flush() }
        }
        try Task.checkCancellation()
    }
}

private struct BytesSource<Pieces: AsyncSequence & Sendable>: ResponseSource
where Pieces.Element == [UInt8] {
    let pieces: Pieces
    let flushesEachPiece: Bool

    func write(to response: ResponseWriter) async throws {
        try await response.write(eachOf: pieces, flushesEach: flushesEachPiece) { piece in
            try await response.write(piece)
        }
    }
}

private struct TextSource<Texts: AsyncSequence & Sendable>: ResponseSource
where Texts.Element == String {
    let texts: Texts
    let flushesEachPiece: Bool

    func write(to response: ResponseWriter) async throws {
        try await response.write(eachOf: texts, flushesEach: flushesEachPiece) { text in
            try await response.write(text)
        }
    }
}

private struct ByteSource<Bytes: AsyncSequence & Sendable>: ResponseSource
where Bytes.Element == UInt8 {
    let bytes: Bytes

    func write(to response: ResponseWriter) async throws {
        guard try await response.startsBody() else { return }
        var collected: [UInt8] = []
        collected.reserveCapacity(16 << 10)
        for try await byte in bytes {
            collected.append(byte)
            guard collected.count == 16 << 10 else { continue }
            try Task.checkCancellation()
            try await response.write(collected)
            if response.isBodyOmitted { return }
            try await response.flush()
            collected.removeAll(keepingCapacity: true)
        }
        try Task.checkCancellation()
        if !collected.isEmpty { try await response.write(collected) }
    }
}
