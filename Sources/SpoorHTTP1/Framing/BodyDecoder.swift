package import SpoorHTTP

/// Takes the framing off a body: given what was received, says which bytes of it are content (RFC 9112 §6, §7).
///
/// It copies nothing and keeps nothing but its place; pieces of any size give the same content.
package struct BodyDecoder: Sendable {
    /// What a step came to.
    package enum Progress: Sendable, Equatable {
        /// These bytes of the input are content; everything up to their end is consumed.
        case data(Range<Int>)
        /// Not enough yet; so many bytes are consumed.
        case needMore(bytesConsumed: Int)
        /// The body is complete; so many bytes are consumed, and the next message starts behind them.
        case end(bytesConsumed: Int)
    }

    /// How the end is found.
    private enum Framing {
        case length(remaining: Int)
        case chunked
        case untilClose
    }

    private let limits: HTTP1Limits
    private var framing: Framing
    private var chunks: ChunkDecoder
    /// How many bytes of content may come; a route may set a bound of its own before the first is read.
    package var maxBodyBytes: Int
    /// How many bytes of content have come.
    package private(set) var bytesReceived = 0
    /// What was thrown: nothing is read behind it, however often one tries.
    package private(set) var fault: BodyFault?

    /// A decoder for a body that does not end with its connection; of a request unless said otherwise.
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

    /// A decoder for a response that ends with its connection (RFC 9112 §6.3).
    package init(untilCloseWith limits: HTTP1Limits) {
        self.limits = limits
        chunks = ChunkDecoder(of: .response)
        maxBodyBytes = limits.maxBodyBytes
        framing = .untilClose
    }

    /// Whether the last byte of the body was read, so that the next message starts.
    package var isComplete: Bool {
        switch framing {
        case .length(let remaining): remaining == 0
        case .chunked: chunks.isComplete
        case .untilClose: false
        }
    }

    /// Whether the body is announced to be longer than may come, so that nothing of it need be read.
    package var announcesTooMuch: Bool {
        if case .length(let remaining) = framing {
            return remaining > max(0, maxBodyBytes &- bytesReceived)
        }
        return false
    }

    /// How many bytes of content are still to come, by `Content-Length`; nil if that is not announced.
    package var announcedBytesAhead: Int? {
        if case .length(let remaining) = framing { return remaining }
        return nil
    }

    /// How many of the next bytes are content and nothing else, so that they need not be decoded; nil for a chunked body.
    package var plainBytesAhead: Int? {
        switch framing {
        case .length(let remaining): announcesTooMuch ? 0 : remaining
        case .chunked: nil
        case .untilClose: max(0, maxBodyBytes &- bytesReceived)
        }
    }

    /// Counts so many bytes as content that was taken from the stream without being decoded: ``plainBytesAhead`` at the most.
    package mutating func takePlain(_ count: Int) {
        bytesReceived &+= count
        if case .length(let remaining) = framing {
            framing = .length(remaining: remaining &- count)
        }
    }

    /// Goes on to the next piece of content.
    ///
    /// - Parameters:
    ///   - input: Everything that was received and not yet consumed.
    ///   - trailers: Gets the fields behind a chunked body at its end, without those that may not stand there.
    /// - Throws: The peer's fault; the message is lost and the connection closes. Every later call throws it again.
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

    /// Gathers all content that the input holds behind what `body` has.
    ///
    /// - Returns: `needMore` when the input is used up but for the bytes not consumed, or `end`; never `data`.
    /// - Throws: As ``decode(_:trailers:)``, but not before the content ahead of the fault was given.
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

    /// Takes note that the peer sends no more: the end of a body that lasts until then, a fault for any other.
    package func closedByPeer() throws(BodyFault) {
        if case .untilClose = framing { return }
        guard isComplete else { throw .incomplete }
    }
}

/// What can be wrong with a body (RFC 9112 §6.3, §7.1).
package enum BodyFault: Error, Hashable {
    /// More bytes than the bound for bodies.
    case tooLarge
    /// A chunk size that is no hexadecimal number, or one of more than sixteen digits.
    case chunkSizeMalformed
    /// A line of chunk framing that does not end in CRLF.
    case chunkLineEndMalformed
    /// Chunk data that no CRLF follows: longer than its size, or shorter.
    case chunkDataEndMalformed
    /// A chunk extension against its grammar (RFC 9112 §7.1.1).
    case chunkExtensionMalformed
    /// More extensions than ``HTTP1Limits/maxChunkExtensionBytes``.
    case chunkExtensionsTooLarge
    /// A fault in the trailer section.
    case trailer(FieldFault)
    /// The connection ended before the body did (RFC 9112 §8).
    case incomplete
}
