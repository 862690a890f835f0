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
    /// Appends a part of a body, joined to the part before it.
    mutating func appendContent(_ bytes: [UInt8]) {
        if let before = last?.contentBytes {
            self[count - 1] = .content(before + bytes)
        } else {
            append(.content(bytes))
        }
    }
}
