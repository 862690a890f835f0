import SpoorHTTP
import Testing

@testable import SpoorHTTP1

/// Valid chunked bodies: name, bytes, content, trailers.
struct ChunkedBody: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let text: String
    let content: String
    var trailers = ""

    static let all: [ChunkedBody] = [
        .init(testDescription: "no content", text: "0\r\n\r\n", content: ""),
        .init(
            testDescription: "three chunks", text: "1\r\na\r\n2\r\nbc\r\n3\r\ndef\r\n0\r\n\r\n",
            content: "abcdef"),
        .init(
            testDescription: "lower and upper case",
            text: "a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n",
            content: "01234567890123456789"),
        .init(
            testDescription: "two digits",
            text: "1F\r\n\(String(repeating: "x", count: 31))\r\n0\r\n\r\n",
            content: String(repeating: "x", count: 31)),
        .init(
            testDescription: "leading zeros", text: "0000000000000005\r\nhello\r\n000\r\n\r\n",
            content: "hello"),
        .init(
            testDescription: "content that looks like framing",
            text: "5\r\n0\r\n\r\n\r\n2\r\n\r\n\r\n0\r\n\r\n", content: "0\r\n\r\n\r\n"),
        .init(
            testDescription: "extensions",
            text: "5;a=b\r\nhello\r\n1;a;b;c=\"d\"\r\n!\r\n0;last\r\n\r\n", content: "hello!"),
        .init(
            testDescription: "a quoted extension",
            text: "5;a=\"b c;d\\\"\\\\\té\";e=f\r\nhello\r\n0\r\n\r\n", content: "hello"),
        .init(
            testDescription: "blanks where the grammar allows them",
            text: "5 ; a = b\t;\tc = \"d\" ;e\r\nhello\r\n0\t;f\r\n\r\n", content: "hello"),
        .init(
            testDescription: "trailers",
            text: "5\r\nhello\r\n0\r\nX-Sum: 1\r\nx-other: \t2 \r\n\r\n",
            content: "hello", trailers: "X-Sum: 1\nx-other: 2"),
        .init(
            testDescription: "trailers that are not allowed",
            text: "0\r\nContent-Length: 50\r\nHost: evil\r\nX: y\r\nTransfer-Encoding: chunked\r\n"
                + "authorization: a\r\nSET-COOKIE: b\r\nTrailer: c\r\n\r\n",
            content: "", trailers: "X: y"),
        .init(
            testDescription: "only trailers that are not allowed",
            text: "0\r\nConnection: close\r\n\r\n", content: ""),
    ]
}

@Suite struct BodyDecoderTests {
    static let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"

    @Test(arguments: ChunkedBody.all)
    func `decodes chunks in pieces of any size`(_ body: ChunkedBody) {
        let input = bytes(Self.head + body.text + "GET /next HTTP/1.1\r\nHost: a\r\n\r\n")
        let whole = RequestTranscript(input)
        #expect(whole.fault == nil)
        #expect(whole.bodies == [body.content, ""])
        #expect(whole.events.contains(.end(trailers: body.trailers)))
        #expect(whole.heads.last?.path == "/next")
        for splitting in Splitting.all(for: input) {
            #expect(RequestTranscript(input, splitting) == whole, "\(splitting.testDescription)")
        }
    }

    @Test(arguments: ChunkedBody.all)
    func `collects the available content`(_ body: ChunkedBody) throws {
        for splitting in Splitting.all(for: bytes(body.text)) {
            var decoder = BodyDecoder(.unknown, limits: HTTP1Limits())
            var received: [UInt8] = []
            var content: [UInt8] = []
            var trailers = Headers()
            var ended = false
            for piece in splitting(bytes(body.text)) {
                received += piece
                let progress = try decoder.decode(
                    received.span, appendingTo: &content, trailers: &trailers)
                switch progress {
                case .needMore(let count), .end(let count): received.removeSubrange(..<count)
                case .data: Issue.record("data")
                }
                if case .end = progress { ended = true }
                // No header may be visible whose bytes were not received.
                #expect(ended || trailers.isEmpty)
            }
            #expect(ended && decoder.isComplete && received.isEmpty)
            #expect(content == bytes(body.content))
            #expect(trailers.description == body.trailers)
            #expect(decoder.bytesReceived == content.count)
        }
    }

    @Test func `decodes every byte value`() {
        let content = (0..<768).map { UInt8(truncatingIfNeeded: $0) }
        let input = bytes(Self.head + "300\r\n") + content + bytes("\r\n0\r\n\r\n")
        for splitting in [Splitting.whole, .bytewise, .pieces(of: 100)] {
            #expect(RequestTranscript(input, splitting).events.contains(.content(content)))
        }
    }

    @Test func `copies nothing of a body of known length, and stops at its end`() throws {
        var decoder = BodyDecoder(.bytes(5), limits: HTTP1Limits())
        #expect(!decoder.isComplete)
        #expect(try decoder.decode("") == .needMore(bytesConsumed: 0))
        #expect(try decoder.decode("he") == .data(0..<2))
        #expect(try decoder.decode("lloGET") == .data(0..<3))
        #expect(decoder.isComplete && decoder.bytesReceived == 5)
        #expect(try decoder.decode("GET") == .end(bytesConsumed: 0))
    }

    @Test func `returns the content before a fault, then throws it on every call`() throws {
        var decoder = BodyDecoder(.unknown, limits: HTTP1Limits())
        let received = bytes("5\r\nhello\r\nX")
        var content: [UInt8] = []
        var trailers = Headers()
        let progress = try decoder.decode(
            received.span, appendingTo: &content, trailers: &trailers)
        #expect(progress == .needMore(bytesConsumed: 8) && content == bytes("hello"))
        for _ in 0..<2 {
            #expect(throws: BodyFault.chunkSizeMalformed) { try decoder.decode("5\r\nhello") }
            #expect(throws: BodyFault.chunkSizeMalformed) {
                try decoder.decode(bytes("0").span, appendingTo: &content, trailers: &trailers)
            }
        }
        #expect(decoder.fault == .chunkSizeMalformed && content == bytes("hello"))
    }

    @Test
    func `rejects an announced length over the limit immediately, also with the limit of a route`()
    {
        var decoder = BodyDecoder(.bytes(100), limits: HTTP1Limits())
        #expect(!decoder.announcesTooMuch)
        decoder.maxBodyBytes = 99
        #expect(decoder.announcesTooMuch)
        #expect(throws: BodyFault.tooLarge) {
            try decoder.decode("")
        }
    }

    @Test func `distinguishes a truncated body from one that ends with the connection`() throws {
        #expect(throws: BodyFault.incomplete) {
            try BodyDecoder(.bytes(1), limits: HTTP1Limits()).closedByPeer()
        }
        #expect(throws: BodyFault.incomplete) {
            try BodyDecoder(.unknown, limits: HTTP1Limits()).closedByPeer()
        }
        try BodyDecoder(.none, limits: HTTP1Limits()).closedByPeer()
        var decoder = BodyDecoder(untilCloseWith: HTTP1Limits())
        #expect(try decoder.decode("abc") == .data(0..<3))
        #expect(!decoder.isComplete)
        try decoder.closedByPeer()
        decoder.maxBodyBytes = 4
        #expect(try decoder.decode("de") == .data(0..<1))
        #expect(throws: BodyFault.tooLarge) {
            try decoder.decode("de")
        }
    }

    // MARK: Content that is not decoded

    @Test func `content of a known length can be taken from the stream without decoding it`() throws
    {
        var decoder = BodyDecoder(.bytes(5), limits: HTTP1Limits())
        var trailers = Headers()
        #expect(decoder.plainBytesAhead == 5)
        #expect(decoder.announcedBytesAhead == 5)
        #expect(try decoder.decode([1, 2].span, trailers: &trailers) == .data(0..<2))
        #expect(decoder.plainBytesAhead == 3)
        decoder.takePlain(2)
        #expect(decoder.bytesReceived == 4)
        #expect(!decoder.isComplete)
        decoder.takePlain(1)
        #expect(decoder.isComplete)
        #expect(decoder.plainBytesAhead == 0)
        #expect(try decoder.decode([9].span, trailers: &trailers) == .end(bytesConsumed: 0))
    }

    @Test func `content that ends with its connection is plain up to its limit`() throws {
        var decoder = BodyDecoder(untilCloseWith: HTTP1Limits())
        var trailers = Headers()
        decoder.maxBodyBytes = 3
        #expect(decoder.announcedBytesAhead == nil)
        #expect(decoder.plainBytesAhead == 3)
        decoder.takePlain(3)
        #expect(decoder.plainBytesAhead == 0)
        #expect(throws: BodyFault.tooLarge) { try decoder.decode([1].span, trailers: &trailers) }
    }

    @Test func `chunks are never plain`() {
        let decoder = BodyDecoder(.unknown, limits: HTTP1Limits())
        #expect(decoder.plainBytesAhead == nil)
        #expect(decoder.announcedBytesAhead == nil)
    }
}
