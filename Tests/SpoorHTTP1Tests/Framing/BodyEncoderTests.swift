import HTTPTypes
import SpoorHTTP
import Testing

@testable import SpoorHTTP1

@Suite struct BodyEncoderTests {
    private func encode(
        _ pieces: [String], _ framing: MessageFraming, trailers: Headers? = nil
    ) throws -> String {
        var encoder = BodyEncoder(framing)
        var output: [UInt8] = []
        for piece in pieces {
            let content = bytes(piece)
            try encoder.append(content.span, to: &output)
        }
        try encoder.finish(trailers: trailers, to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    @Test func `writes pieces as chunks, but no empty chunk`() throws {
        let long = String(repeating: "x", count: 300)
        #expect(
            try encode(["hello", "", long], MessageFraming(length: .chunked))
                == "5\r\nhello\r\n12c\r\n\(long)\r\n0\r\n\r\n")
    }

    @Test func `sends trailers after a chunked body`() throws {
        #expect(
            try encode(
                ["a"], MessageFraming(length: .chunked),
                trailers: [.eTag: "\"x\"", .allow: "a"])
                == "1\r\na\r\n0\r\nETag: \"x\"\r\nAllow: a\r\n\r\n")
        #expect(
            try encode(["a"], MessageFraming(length: .bytes(1)), trailers: [.eTag: "x"]) == "a")
    }

    @Test(arguments: [
        MessageFraming(length: .chunked), MessageFraming(length: .bytes(1)),
        MessageFraming(length: .untilClose), MessageFraming(length: .chunked, sendsBody: false),
    ])
    func `rejects a forbidden trailer, and can still end the body`(
        _ framing: MessageFraming
    ) throws {
        for name in TrailerRules.forbidden {
            let trailers: Headers = [
                .eTag: "x", HeaderName(try #require(HTTPField.Name(name))): "5",
            ]
            var encoder = BodyEncoder(framing)
            var output: [UInt8] = []
            try encoder.append(bytes("a").span, to: &output)
            let before = output
            #expect(throws: HeaderError(name: name, reason: .trailerForbidden)) {
                try encoder.finish(trailers: trailers, to: &output)
            }
            #expect(output == before)
            try encoder.finish(to: &output)
        }
    }

    @Test func `rejects a trailer that would end the section early`() {
        #expect(throws: HeaderError(name: "ETag")) {
            try encode([], MessageFraming(length: .chunked), trailers: [.eTag: "a\r\nb: c"])
        }
    }

    @Test func `enforces the announced length of a body`() throws {
        let framing = MessageFraming(length: .bytes(5))
        #expect(try encode(["he", "llo"], framing) == "hello")
        #expect(throws: ResponseStateError.bodyTooLong) { try encode(["hello", "!"], framing) }
        #expect(throws: ResponseStateError.bodyTooShort) { try encode(["hell"], framing) }
    }

    @Test func `counts content that is not sent, and sends none of it`() throws {
        for length in [MessageFraming.Length.bytes(5), .chunked, .none] {
            var encoder = BodyEncoder(MessageFraming(length: length, sendsBody: false))
            var output: [UInt8] = []
            let content = bytes("hello")
            try encoder.append(content.span, to: &output)
            try encoder.finish(to: &output)
            #expect(output.isEmpty && encoder.bytesWritten == 5)
        }
        // A response to HEAD need not write the body.
        #expect(try encode([], MessageFraming(length: .bytes(5), sendsBody: false)) == "")
    }

    @Test func `ends the body with the connection where required`() throws {
        #expect(try encode(["a", "b"], MessageFraming(length: .untilClose)) == "ab")
    }

    @Test(arguments: [0, 1, 15, 16, 255, 256, 65535, 65536, Int.max])
    func `writes chunk sizes in hexadecimal digits`(_ size: Int) {
        var output: [UInt8] = []
        BodyEncoder.appendChunkHead(size, to: &output)
        #expect(String(decoding: output, as: UTF8.self) == String(size, radix: 16) + "\r\n")
    }
}

extension HTTPField.Name {
    /// A header for routing, which is not allowed as a trailer.
    fileprivate static var forwarded: HTTPField.Name { HTTPField.Name("Forwarded") ?? .via }
}
