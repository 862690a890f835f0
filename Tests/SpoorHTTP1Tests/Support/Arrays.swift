import SpoorHTTP

@testable import SpoorHTTP1

// The macros of Testing do not support spans: the same calls with arrays and texts.

func isToken(_ literal: StaticString, in bytes: [UInt8], at offset: Int = 0) -> Bool {
    bytes.span.isToken(literal, at: offset)
}

extension BodyDecoder {
    mutating func decode(_ text: String) throws(BodyFault) -> Progress {
        var trailers = Headers()
        let received = bytes(text)
        return try decode(received.span, trailers: &trailers)
    }
}

extension RequestHeadParser {
    mutating func parse(_ text: String, into request: inout Request) throws(RequestFault)
        -> Progress
    {
        let received = bytes(text)
        return try parse(received.span, into: &request)
    }
}

extension ResponseHeadParser {
    mutating func parse(
        _ text: String, into head: inout ResponseHead
    ) throws(ResponseFault) -> Progress {
        let received = bytes(text)
        return try parse(received.span, into: &head)
    }
}

/// Returns the output written into a capacity of `room` bytes, as text.
func written(room: Int = 128, _ write: (inout OutputSpan<UInt8>) -> Void) -> String {
    var output: [UInt8] = []
    output.append(addingCapacity: room) { write(&$0) }
    return String(decoding: output, as: UTF8.self)
}
