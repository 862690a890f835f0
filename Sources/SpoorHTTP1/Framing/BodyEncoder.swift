package import SpoorHTTP
import SpoorText

/// Adds the framing to a body that is written in pieces, and enforces the announced length.
package struct BodyEncoder: Sendable {
    private let framing: MessageFraming
    private var remaining: Int
    /// The number of bytes of content written, whether or not they are sent.
    package private(set) var bytesWritten = 0

    /// Creates an encoder for the body after a head that was sent with this framing.
    package init(_ framing: MessageFraming) {
        self.framing = framing
        if case .bytes(let count) = framing.length { remaining = count } else { remaining = 0 }
    }

    /// Whether the bytes are sent at all; false for a response to HEAD, for example.
    package var sendsBody: Bool { framing.sendsBody }

    /// Whether the framing allows trailers (RFC 9112 §7.1.2).
    package var isChunked: Bool { framing.length == .chunked }

    /// Whether all bytes of an announced length were written; false for any other framing.
    package var isComplete: Bool {
        if case .bytes = framing.length { return remaining == 0 }
        return false
    }

    /// Appends a piece; an empty one appends nothing, since an empty chunk would be the last.
    ///
    /// - Throws: ``ResponseStateError/bodyTooLong`` if more is written than was announced; nothing is appended then.
    package mutating func append(
        _ bytes: Span<UInt8>, to output: inout [UInt8]
    ) throws(ResponseStateError) {
        let isChunk = try admit(bytes.count)
        guard framing.sendsBody, !bytes.isEmpty else { return }
        guard isChunk else {
            output.append(copying: bytes)
            return
        }
        Self.appendChunkHead(bytes.count, to: &output)
        output.append(copying: bytes)
        Self.appendChunkEnd(to: &output)
    }

    /// Counts a piece that the caller sends itself, such as a part of a file.
    ///
    /// - Returns: Whether a chunk head must be sent before it and a chunk end after it.
    package mutating func admit(_ count: Int) throws(ResponseStateError) -> Bool {
        if case .bytes = framing.length {
            guard count <= remaining else { throw .bodyTooLong }
            remaining &-= count
        }
        bytesWritten &+= count
        return framing.length == .chunked
    }

    /// Ends the body.
    ///
    /// - Parameter trailers: The trailers; omitted if the body is not chunked.
    /// - Throws: ``ResponseStateError/bodyTooShort`` if less was written than was announced, so that the connection
    ///   must be closed; ``HeaderError`` for a trailer that must not be sent (RFC 9110 §6.5.1), whatever the framing:
    ///   nothing is appended then, and the body can still be ended without it.
    package mutating func finish(trailers: Headers? = nil, to output: inout [UInt8]) throws {
        if let trailers { try Self.check(trailers) }
        if case .bytes = framing.length, framing.sendsBody, remaining > 0 {
            throw ResponseStateError.bodyTooShort
        }
        guard framing.length == .chunked, framing.sendsBody else { return }
        guard let trailers, !trailers.isEmpty else {
            output.append(literal: "0\r\n\r\n")
            return
        }
        output.append(addingCapacity: HeaderSerializer.maxBytes(trailers) + 5) { output in
            output.append(literal: "0\r\n")
            HeaderSerializer.append(trailers, to: &output)
            output.append(literal: "\r\n")
        }
    }

    /// Rejects headers that are not allowed as trailers (RFC 9110 §6.5.1).
    package static func check(_ trailers: Headers) throws(HeaderError) {
        if let name = trailers.rejectedName { throw HeaderError(name: name) }
        if let name = TrailerRules.firstForbidden(in: trailers) {
            throw HeaderError(name: name, reason: .trailerForbidden)
        }
    }

    /// Appends the line before the data of a chunk.
    package static func appendChunkHead(_ count: Int, to output: inout [UInt8]) {
        output.append(addingCapacity: 18) { output in
            var digits = max(1, (64 &- count.leadingZeroBitCount &+ 3) / 4)
            while digits > 0 {
                digits &-= 1
                let digit = UInt8(truncatingIfNeeded: count &>> (digits &* 4)) & 0xF
                output.append(.hexDigit(digit))
            }
            output.append(literal: "\r\n")
        }
    }

    /// Appends the line end after the data of a chunk.
    package static func appendChunkEnd(to output: inout [UInt8]) {
        output.append(literal: "\r\n")
    }
}
