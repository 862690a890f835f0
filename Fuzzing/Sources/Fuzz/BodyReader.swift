import SpoorHTTP
import SpoorHTTP1

/// The body of one message, as the driver of a connection reads it; what it finds goes into a digest.
struct BodyReader {
    /// The result of one step.
    enum Step {
        case content, needMore, end
    }

    private let limits: HTTP1Limits
    private var decoder: BodyDecoder
    private var trailers = Headers()

    init(_ decoder: BodyDecoder, limits: HTTP1Limits) {
        self.decoder = decoder
        self.limits = limits
    }

    /// Decodes once, and advances `start` by what is consumed.
    mutating func step(
        _ rest: Span<UInt8>, _ start: inout Int, into digest: inout Digest
    ) throws(BodyFault) -> Step {
        switch try decoder.decode(rest, trailers: &trailers) {
        case .data(let range):
            precondition(!range.isEmpty && decoder.bytesReceived <= limits.maxBodyBytes)
            digest.add(rest.extracting(range))
            start += range.upperBound
            return .content
        case .needMore(let count):
            start += count
            return .needMore
        case .end(let count):
            precondition(decoder.isComplete)
            start += count
            digest.add(decoder.bytesReceived)
            digest.add(trailers)
            return .end
        }
    }

    /// The peer sends no more.
    func close(into digest: inout Digest) throws(BodyFault) {
        try decoder.closedByPeer()
        digest.add(decoder.bytesReceived)
    }
}
