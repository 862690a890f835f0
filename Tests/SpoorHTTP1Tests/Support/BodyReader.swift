import SpoorHTTP

@testable import SpoorHTTP1

/// The body of one message, read from a buffer as a connection does.
struct BodyReader {
    /// The result of one step.
    enum Step {
        case content([UInt8])
        case needMore
        case end(trailers: String)
    }

    private var decoder: BodyDecoder
    private var trailers = Headers()

    init(_ decoder: BodyDecoder) {
        self.decoder = decoder
    }

    /// Decodes once, and removes the consumed bytes from `buffer`.
    mutating func step(_ buffer: inout [UInt8]) throws(BodyFault) -> Step {
        switch try decoder.decode(buffer.span, trailers: &trailers) {
        case .data(let range):
            let content = Array(buffer[range])
            buffer.removeSubrange(..<range.upperBound)
            return .content(content)
        case .needMore(let count):
            buffer.removeSubrange(..<count)
            return .needMore
        case .end(let count):
            buffer.removeSubrange(..<count)
            return .end(trailers: trailers.description)
        }
    }

    /// Throws if the body is incomplete when the peer closes the connection.
    func closedByPeer() throws(BodyFault) {
        try decoder.closedByPeer()
    }
}

/// An event of a transcript that may be a part of a body.
protocol TranscriptEvent {
    static func content(_ bytes: [UInt8]) -> Self
    /// The bytes, if this is a part of a body.
    var contentBytes: [UInt8]? { get }
}

extension Array where Element: TranscriptEvent {
    /// Reads once from a body and appends its content, joined to the part before it; the body is nil at its end.
    ///
    /// - Parameter fault: Converts the fault of a body to that of its message.
    mutating func read<Fault: Error>(
        _ body: inout BodyReader?, from buffer: inout [UInt8], _ fault: (BodyFault) -> Fault
    ) throws(Fault) -> BodyReader.Step {
        guard var reader = body else { return .needMore }
        let step: BodyReader.Step
        do {
            step = try reader.step(&buffer)
        } catch {
            throw fault(error)
        }
        body = reader
        switch step {
        case .content(let bytes): append(content: bytes)
        case .needMore: break
        case .end: body = nil
        }
        return step
    }

    private mutating func append(content: [UInt8]) {
        if let before = last?.contentBytes {
            self[count - 1] = .content(before + content)
        } else {
            append(.content(content))
        }
    }
}
