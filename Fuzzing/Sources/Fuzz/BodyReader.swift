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
    private mutating func step(
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

    /// Reads once from the body of a message, which is nil at its end.
    ///
    /// - Parameter fault: Converts the fault of a body to that of its message.
    static func read<Fault: Error>(
        _ body: inout BodyReader?, _ rest: Span<UInt8>, _ start: inout Int,
        into digest: inout Digest, _ fault: (BodyFault) -> Fault
    ) throws(Fault) -> Step {
        guard var reader = body else { return .needMore }
        let step: Step
        do {
            step = try reader.step(rest, &start, into: &digest)
        } catch {
            throw fault(error)
        }
        body = step == .end ? nil : reader
        return step
    }

    /// The peer sends no more.
    func close(into digest: inout Digest) throws(BodyFault) {
        try decoder.closedByPeer()
        digest.add(decoder.bytesReceived)
    }
}
