package import SpoorHTTP
import SpoorText

/// Puts the framing around a body that is written in pieces, and holds it to the length that was announced.
package struct BodyEncoder: Sendable {
    private let framing: MessageFraming
    private var remaining: Int
    /// How many bytes of content were written, whether or not they are sent.
    package private(set) var bytesWritten = 0

    /// An encoder for the body behind a head that was sent with this framing.
    package init(_ framing: MessageFraming) {
        self.framing = framing
        if case .bytes(let count) = framing.length { remaining = count } else { remaining = 0 }
    }

    /// Whether the bytes are sent at all; not in answer to HEAD, for example.
    package var sendsBody: Bool { framing.sendsBody }

    /// Whether the framing has room for trailer fields (RFC 9112 §7.1.2).
    package var isChunked: Bool { framing.length == .chunked }

    /// Whether all bytes of an announced length were written; false for any other framing.
    package var isComplete: Bool {
        if case .bytes = framing.length { return remaining == 0 }
        return false
    }

    /// Adds a piece; an empty one adds nothing, since an empty chunk would be the last.
    ///
    /// - Throws: ``ResponseStateError/bodyTooLong`` if more comes than was announced; nothing is added.
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

    /// Counts a piece that the caller sends by itself, as it does with a file.
    ///
    /// - Returns: Whether a chunk head goes before it and a chunk end behind.
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
    /// - Parameter trailers: Headers behind the body; left out if it is not chunked.
    /// - Throws: ``ResponseStateError/bodyTooShort`` if less came than was announced, so that the connection
    ///   must close; ``HeaderError`` for a trailer that must not be sent (RFC 9110 §6.5.1), whatever the framing: nothing
    ///   is added then, and the body can still be ended without it.
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
        output.append(addingCapacity: FieldSerializer.maxBytes(trailers) + 5) { output in
            output.append(literal: "0\r\n")
            FieldSerializer.append(trailers, to: &output)
            output.append(literal: "\r\n")
        }
    }

    /// Refuses fields that are not allowed as trailers (RFC 9110 §6.5.1).
    package static func check(_ trailers: Headers) throws(HeaderError) {
        if let name = trailers.refusedName { throw HeaderError(name: name) }
        if let name = TrailerRules.firstForbidden(in: trailers) {
            throw HeaderError(name: name, reason: .trailerForbidden)
        }
    }

    /// The line before the data of a chunk.
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

    /// What stands behind the data of a chunk.
    package static func appendChunkEnd(to output: inout [UInt8]) {
        output.append(literal: "\r\n")
    }
}
