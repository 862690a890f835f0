package import SpoorHTTP

/// Removes the framing of a body: determines which received bytes are content (RFC 9112 §6, §7).
///
/// It copies nothing and stores only its position; pieces of any size give the same content.
package struct BodyDecoder: Sendable {
    /// The result of a step.
    package enum Progress: Sendable, Equatable {
        /// These bytes of the input are content; everything up to their end is consumed.
        case data(Range<Int>)
        /// More input is needed; contains the number of consumed bytes.
        case needMore(bytesConsumed: Int)
        /// The body is complete; contains the number of consumed bytes, after which the next message starts.
        case end(bytesConsumed: Int)
    }

    /// How the end of the body is found.
    private enum Framing {
        case length(remaining: Int)
        case chunked
        case untilClose
    }

    private let limits: HTTP1Limits
    private var framing: Framing
    private var chunks: ChunkDecoder
    /// The maximum number of bytes of content; a route may change it before the first byte is read.
    package var maxBodyBytes: Int
    /// The number of bytes of content received.
    package private(set) var bytesReceived = 0
    /// The fault that was thrown: every later call throws it again.
    package private(set) var fault: BodyFault?

    /// Creates a decoder for a body that does not end with its connection; by default of a request.
    package init(
        _ length: Request.BodyLength, of kind: MessageKind = .request, limits: HTTP1Limits
    ) {
        self.limits = limits
        chunks = ChunkDecoder(of: kind)
        maxBodyBytes = limits.maxBodyBytes
        framing =
            switch length {
            case .none: .length(remaining: 0)
            case .bytes(let count): .length(remaining: count)
            case .unknown: .chunked
            }
    }

    /// Creates a decoder for a response that ends with its connection (RFC 9112 §6.3).
    package init(untilCloseWith limits: HTTP1Limits) {
        self.limits = limits
        chunks = ChunkDecoder(of: .response)
        maxBodyBytes = limits.maxBodyBytes
        framing = .untilClose
    }

    /// Whether the last byte of the body was read, so that the next message follows.
    package var isComplete: Bool {
        switch framing {
        case .length(let remaining): remaining == 0
        case .chunked: chunks.isComplete
        case .untilClose: false
        }
    }

    /// Whether the announced length exceeds the limit, so that nothing of the body need be read.
    package var announcesTooMuch: Bool {
        if case .length(let remaining) = framing {
            return remaining > max(0, maxBodyBytes &- bytesReceived)
        }
        return false
    }

    /// The number of remaining bytes of content by `Content-Length`; nil if it is not announced.
    package var announcedBytesAhead: Int? {
        if case .length(let remaining) = framing { return remaining }
        return nil
    }

    /// The number of next bytes that are only content, so that they need not be decoded; nil for a chunked body.
    package var plainBytesAhead: Int? {
        switch framing {
        case .length(let remaining): announcesTooMuch ? 0 : remaining
        case .chunked: nil
        case .untilClose: max(0, maxBodyBytes &- bytesReceived)
        }
    }

    /// Counts bytes of content that were taken from the stream without decoding: at most ``plainBytesAhead``.
    package mutating func takePlain(_ count: Int) {
        bytesReceived &+= count
        if case .length(let remaining) = framing {
            framing = .length(remaining: remaining &- count)
        }
    }

    /// Decodes the next piece of content.
    ///
    /// - Parameters:
    ///   - input: All bytes that were received and not yet consumed.
    ///   - trailers: Receives the trailers of a chunked body at its end, without those that are not allowed.
    /// - Throws: The fault of the peer; the rest of the message is lost and the connection must be closed. Every
    ///   later call throws it again.
    package mutating func decode(
        _ input: Span<UInt8>, trailers: inout Headers
    ) throws(BodyFault) -> Progress {
        if let fault { throw fault }
        do throws(BodyFault) {
            return try next(input, trailers: &trailers)
        } catch {
            fault = error
            throw error
        }
    }

    private mutating func next(
        _ input: Span<UInt8>, trailers: inout Headers
    ) throws(BodyFault) -> Progress {
        switch framing {
        case .length(let remaining):
            guard remaining > 0 else { return .end(bytesConsumed: 0) }
            guard !announcesTooMuch else { throw .tooLarge }
            let count = min(remaining, input.count)
            guard count > 0 else { return .needMore(bytesConsumed: 0) }
            framing = .length(remaining: remaining &- count)
            bytesReceived &+= count
            return .data(0..<count)
        case .chunked:
            let progress = try chunks.decode(
                input, trailers: &trailers, maxBytes: maxBodyBytes, limits: limits)
            if case .data(let range) = progress { bytesReceived &+= range.count }
            return progress
        case .untilClose:
            guard !input.isEmpty else { return .needMore(bytesConsumed: 0) }
            let count = min(input.count, maxBodyBytes &- bytesReceived)
            guard count > 0 else { throw .tooLarge }
            bytesReceived &+= count
            return .data(0..<count)
        }
    }

    /// Appends all content of the input to `body`.
    ///
    /// - Returns: `needMore` when the input is used up except for the bytes not consumed, or `end`; never `data`.
    /// - Throws: As ``decode(_:trailers:)``, but only after the content before the fault was returned.
    package mutating func decode(
        _ input: Span<UInt8>, appendingTo body: inout [UInt8], trailers: inout Headers
    ) throws(BodyFault) -> Progress {
        var consumed = 0
        while true {
            let rest = input.extracting(consumed..<input.count)
            let progress: Progress
            do throws(BodyFault) {
                progress = try decode(rest, trailers: &trailers)
            } catch {
                guard consumed > 0 else { throw error }
                return .needMore(bytesConsumed: consumed)
            }
            switch progress {
            case .data(let range):
                body.append(copying: rest.extracting(range))
                consumed &+= range.upperBound
            case .needMore(let count):
                return .needMore(bytesConsumed: consumed &+ count)
            case .end(let count):
                return .end(bytesConsumed: consumed &+ count)
            }
        }
    }

    /// Records that the peer sends no more: the end of a body that lasts until then, a fault for any other.
    package func closedByPeer() throws(BodyFault) {
        if case .untilClose = framing { return }
        guard isComplete else { throw .incomplete }
    }
}

/// The faults of a body (RFC 9112 §6.3, §7.1).
package enum BodyFault: Error, Hashable {
    /// The body exceeds its limit.
    case tooLarge
    /// A chunk size that is not a hexadecimal number, or has more than sixteen digits.
    case chunkSizeMalformed
    /// A line of chunk framing that does not end in CRLF.
    case chunkLineEndMalformed
    /// Chunk data that is not followed by CRLF: longer than its size, or shorter.
    case chunkDataEndMalformed
    /// A chunk extension that violates its grammar (RFC 9112 §7.1.1).
    case chunkExtensionMalformed
    /// More extension bytes than ``HTTP1Limits/maxChunkExtensionBytes``.
    case chunkExtensionsTooLarge
    /// A fault in the trailer section.
    case trailer(HeaderFault)
    /// The connection was closed before the end of the body (RFC 9112 §8).
    case incomplete
}
