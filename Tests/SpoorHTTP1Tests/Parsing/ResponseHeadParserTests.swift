import HTTPTypes
import SpoorHTTP
import Testing

@testable import SpoorHTTP1

/// An invalid response, and the reason of its rejection.
struct InvalidResponse: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let text: String
    let fault: ResponseFault

    init(_ name: String, _ text: String, _ fault: ResponseFault) {
        testDescription = name
        self.text = text
        self.fault = fault
    }

    static func line(_ line: String, _ fault: ResponseFault) -> InvalidResponse {
        InvalidResponse(line, "\(line)\r\nContent-Length: 0\r\n\r\n", fault)
    }

    static func headers(_ lines: String, _ fault: ResponseFault) -> InvalidResponse {
        InvalidResponse(lines, "HTTP/1.1 200 OK\r\n\(lines)\r\n\r\n", fault)
    }

    static let all: [InvalidResponse] = [
        .line("http/1.1 200 OK", .versionMalformed),
        .line("HTTP/11 200 OK", .versionMalformed),
        .line("HTTQ/1.1 200 OK", .versionMalformed),
        .line(" HTTP/1.1 200 OK", .versionMalformed),
        .line("\r\nHTTP/1.1 200 OK", .versionMalformed),
        .line("200 OK", .versionMalformed),
        .line("HTTP/1.10 200 OK", .lineMalformed),
        .line("HTTP/2.0 200 OK", .versionUnsupported),
        .line("HTTP/1.1  200 OK", .statusInvalid),
        .line("HTTP/1.1\t200 OK", .lineMalformed),
        .line("HTTP/1.1 20 OK", .statusInvalid),
        .line("HTTP/1.1 2000 OK", .lineMalformed),
        .line("HTTP/1.1 099 OK", .statusInvalid),
        .line("HTTP/1.1 +20 OK", .statusInvalid),
        .line("HTTP/1.1 OK", .statusInvalid),
        .line("HTTP/1.1 200 O\0K", .lineMalformed),
        .line("HTTP/1.1 200 OK\rX: y", .header(.bareCR)),
        .line("HTTP/1.1 200 O\u{B}K", .lineMalformed),
        .line("HTTP/1.1 200\tOK", .lineMalformed),
        .line("HTTP/0.9 200 OK", .versionUnsupported),
        .line("HTTP/1.1 000 OK", .statusInvalid),
        .line("HTTP/1.1 -20 OK", .statusInvalid),
        .line("HTTP/1.1 20x OK", .statusInvalid),
        .line("HTTP/1.1 200 O\u{7F}K", .lineMalformed),
        .line("HTTP/1.1 200 OK\r", .header(.bareCR)),
        .headers(": y", .header(.nameMissing)),
        .headers(" X: y", .header(.lineFolded)),
        .headers("X\u{B}: y", .header(.nameInvalid)),
        .headers("X: \u{7F}", .header(.valueInvalid)),
        .headers("Content-Length:", .framing(.lengthMalformed)),
        .headers("Content-Length: -1", .framing(.lengthMalformed)),
        .headers("Content-Length: 0x5", .framing(.lengthMalformed)),
        .headers("Content-Length: 5\r\nContent-Length: 6", .framing(.lengthRepeated)),
        .headers("Content-Length: x\r\nTransfer-Encoding: chunked", .framing(.lengthMalformed)),
        .headers("Transfer-Encoding: xchunked", .framing(.transferEncodingMalformed)),
        .headers("Transfer-Encoding: chunked, gzip", .framing(.transferEncodingMalformed)),
        .headers(
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
            .framing(.transferEncodingRepeated)),
        .headers("X : y", .header(.blankBeforeColon)),
        .headers("\tX: y", .header(.lineFolded)),
        .headers("X: y\r\n z\0", .header(.valueInvalid)),
        .headers("X: y\r\n z\rw", .header(.bareCR)),
        .headers("Content-Length:\r\n x", .framing(.lengthMalformed)),
        .headers("Content-Length: 1\r\n 0", .framing(.lengthMalformed)),
        .headers("Content-Length: 1\r\nContent-Length:\r\n 2", .framing(.lengthRepeated)),
        .headers("X: a\0", .header(.valueInvalid)),
        .headers("X: a\n\rY: b", .header(.bareCR)),
        .headers("X: a\rY: b", .header(.bareCR)),
        .headers("X", .header(.colonMissing)),
        .headers("Content-Length: 5, 6", .framing(.lengthRepeated)),
        .headers("Content-Length: 5, 5\r\nContent-Length: 4", .framing(.lengthRepeated)),
        .headers("Content-Length: 5,", .framing(.lengthMalformed)),
        .headers("Content-Length: 5,,5", .framing(.lengthMalformed)),
        .headers("Content-Length: 5, x", .framing(.lengthMalformed)),
        .headers("Content-Length: 5 5", .framing(.lengthMalformed)),
        .headers("Content-Length: +5", .framing(.lengthMalformed)),
        .headers("Content-Length: 99999999999999999999", .framing(.lengthOverflow)),
        .headers(
            "Content-Length: 5\r\nTransfer-Encoding: chunked",
            .framing(.lengthWithTransferEncoding)),
        .headers("Transfer-Encoding: gzip, chunked", .framing(.transferEncodingUnknown)),
        .headers("Transfer-Encoding: identity", .framing(.transferEncodingMalformed)),
        .headers("Transfer-Encoding: chunked, chunked", .framing(.transferEncodingMalformed)),
        InvalidResponse(
            "chunked in HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            .framing(.transferEncodingInHTTP10)),
        InvalidResponse(
            "a switch that was not requested", "HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n",
            .switchUnexpected),
        InvalidResponse(
            "seventeen interim responses",
            String(repeating: "HTTP/1.1 103 Early\r\n\r\n", count: 17), .tooManyInterims),
        InvalidResponse(
            "a truncated body", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
            .body(.incomplete)),
        InvalidResponse(
            "truncated chunks",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
            .body(.incomplete)),
        InvalidResponse(
            "a bare LF after a chunk size",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n",
            .body(.chunkLineEndMalformed)),
        InvalidResponse(
            "a bare LF after a chunk size and a blank",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5 \nhello\r\n0\r\n\r\n",
            .body(.chunkLineEndMalformed)),
        InvalidResponse(
            "a bare LF after a chunk",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\n0\r\n\r\n",
            .body(.chunkDataEndMalformed)),
        InvalidResponse(
            "a blank before a chunk size",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n 5\r\nhello\r\n0\r\n\r\n",
            .body(.chunkSizeMalformed)),
        InvalidResponse(
            "a trailer section that begins with a blank",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n X: y\r\n\r\n",
            .body(.trailer(.lineFolded))),
        InvalidResponse(
            "a malformed chunk",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5x\r\nhello\r\n",
            .body(.chunkSizeMalformed)),
    ]
}

/// A valid response: the request method, the bytes, and the expected result.
struct AcceptedResponse: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let text: String
    let methods: [HTTPRequest.Method]
    let content: String
    let keepsAlive: Bool

    init(
        _ text: String, to methods: [HTTPRequest.Method] = [.get], content: String = "",
        keepsAlive: Bool = true
    ) {
        testDescription = text
        self.text = text
        self.methods = methods
        self.content = content
        self.keepsAlive = keepsAlive
    }

    static let all: [AcceptedResponse] = [
        .init("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", content: "hello"),
        .init("HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n"),
        .init("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n"),
        .init("HTTP/1.1 200 Très\tbien ☺\r\nContent-Length: 0\r\n\r\n"),
        .init("HTTP/1.2 299 x\r\nContent-Length: 0\r\n\r\n"),
        .init("HTTP/1.1 999 x\r\nContent-Length: 0\r\n\r\n"),
        .init("HTTP/1.1 200 OK\r\n\r\nuntil the end", content: "until the end", keepsAlive: false),
        .init("HTTP/1.0 200 OK\r\n\r\nold", content: "old", keepsAlive: false),
        .init("HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nold", content: "old", keepsAlive: false),
        .init(
            "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 3\r\n\r\nold",
            content: "old"),
        .init(
            "HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 1\r\n\r\na", content: "a",
            keepsAlive: false),
        .init(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: y\r\n\r\n",
            content: "hello"),
        .init("HTTP/1.1 200 OK\nContent-Length: 5\n\nhello", content: "hello"),
        .init("HTTP/1.1 200 \nContent-Length: 0\r\n\n"),
        .init("HTTP/1.1 200\nContent-Length: 0\n\r\n"),
        .init("HTTP/1.1 200 OK\na:\nb:\nContent-Length: 0\n\n"),
        .init(
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
            content: "hello"),
        .init("HTTP/1.1 200 OK\r\nContent-Length: 5, 5 ,5\r\n\r\nhello", content: "hello"),
        .init("HTTP/1.1 200 OK\r\nContent-Length:\r\n 5\r\n\r\nhello", content: "hello"),
        .init("HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 5\r\n\r\nhello", content: "hello"),
        .init(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding:\n\tchunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
            content: "hello"),
        .init(
            "HTTP/1.1 200 OK\r\nConnection: keep-alive,\r\n close\r\nContent-Length: 0\r\n\r\n",
            keepsAlive: false),
        .init(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5 \r\nhello\r\n3\t ;a=b \t\r\nabc\r\n0 \r\n\r\n",
            content: "helloabc"),
        .init(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: a\nY: b\r\n\tc\n\n",
            content: "hello"),
        .init("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", to: [.head]),
        .init("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", to: [.head]),
        .init("HTTP/1.1 200 OK\r\n\r\n", to: [.head]),
        .init("HTTP/1.1 204 No Content\r\n\r\n"),
        .init("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"),
        .init("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", keepsAlive: false),
        .init(
            "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n", keepsAlive: false),
        .init(
            "HTTP/1.1 103 Hints\r\nContent-Length: 5\r\n\r\n"
                + "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na", content: "a",
            keepsAlive: false),
        .init("HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n"),
        .init("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"),
        .init(
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n"
                + "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na", content: "a"),
        .init(
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n"
                + "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na", to: [.head, .get, .get],
            content: "a"),
    ]
}

@Suite struct ResponseHeadParserTests {
    @Test(arguments: InvalidResponse.all)
    func `is rejected with its reason, in pieces of any size`(_ invalid: InvalidResponse) {
        let input = bytes(invalid.text)
        let whole = ResponseTranscript(input)
        #expect(whole.fault == invalid.fault)
        #expect(!invalid.fault.description.contains(" "))
        for splitting in Splitting.all(for: input) {
            #expect(
                ResponseTranscript(input, to: [.get], splitting) == whole,
                "\(splitting.testDescription)")
        }
    }

    @Test(arguments: AcceptedResponse.all)
    func `is parsed, in pieces of any size`(_ accepted: AcceptedResponse) {
        let input = bytes(accepted.text)
        let whole = ResponseTranscript(input, to: accepted.methods)
        #expect(whole.fault == nil && whole.rest.isEmpty)
        #expect(whole.content == accepted.content)
        if case .end(_, let keepsAlive)? = whole.events.last {
            #expect(keepsAlive == accepted.keepsAlive)
        } else {
            Issue.record("no end: \(whole)")
        }
        for splitting in Splitting.all(for: input) {
            #expect(
                ResponseTranscript(input, to: accepted.methods, splitting) == whole,
                "\(splitting.testDescription)")
        }
    }

    @Test(arguments: AcceptedResponse.all)
    func `consumes no byte after its end, unless it ends with the connection`(
        _ accepted: AcceptedResponse
    ) {
        let input = bytes(accepted.text + "HTTP/1.1 500 Next\r\n")
        let whole = ResponseTranscript(input, to: accepted.methods)
        if accepted.keepsAlive {
            #expect(whole.content == accepted.content)
            #expect(whole.rest == bytes("HTTP/1.1 500 Next\r\n"))
        }
        #expect(whole.fault == nil)
    }

    @Test(arguments: [
        ("X: one\r\n two", "one two"), ("X: one \t\r\n \t two ", "one two"),
        ("X: one\n\ttwo", "one two"), ("X:\r\n one", "one"), ("X: one\r\n \r\n two", "one two"),
        ("X: one\r\n ", "one"), ("X:\r\n \r\n\t", ""), ("X: a\r\n b\r\n c\r\n d", "a b c d"),
    ])
    func `a folded field has one space for each fold, in heads and in trailers`(
        line: String, value: String
    ) throws {
        let head = bytes(
            "HTTP/1.1 200 OK\r\nA: b\r\n\(line)\r\nContent-Length: 0\r\nC: d\r\n\r\n")
        let trailers = bytes(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\n\(line)\r\nC: d\r\n\r\n"
        )
        for splitting in Splitting.all(for: head) {
            guard
                case .head(_, _, let headers, _)? = ResponseTranscript(head, to: [.get], splitting)
                    .events.first
            else {
                Issue.record("no head, \(splitting.testDescription)")
                continue
            }
            #expect(headers == "A: b\nX: \(value)\nContent-Length: 0\nC: d", "\(splitting)")
        }
        for splitting in Splitting.all(for: trailers) {
            #expect(
                ResponseTranscript(trailers, to: [.get], splitting).events.last
                    == .end(trailers: "A: b\nX: \(value)\nC: d", keepsAlive: true),
                "\(splitting.testDescription)")
        }
    }

    @Test func `does not consume bytes after a switch of protocols`() {
        let asking: Headers = [.connection: "upgrade", .upgrade: "x"]
        let switched = ResponseTranscript(
            bytes("HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\nraw"), headers: asking)
        #expect(switched.events == [.handOver] && switched.rest == bytes("raw"))
        let opened = ResponseTranscript(
            bytes("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nraw"), to: [.connect])
        #expect(opened.events == [.handOver] && opened.rest == bytes("raw"))
        let invalid = ResponseTranscript(
            bytes("HTTP/1.1 502 No\r\nContent-Length: 3\r\n\r\nraw"), to: [.connect])
        #expect(invalid.content == "raw")
    }

    @Test func `limits the status line and the head`() {
        var limits = HTTP1Limits()
        limits.maxStartLineBytes = 32
        limits.maxHeadBytes = 64
        limits.maxHeaderCount = 2
        let long = String(repeating: "a", count: 200)
        for (text, fault) in [
            ("HTTP/1.1 200 " + long, ResponseFault.lineTooLong),
            ("HTTP/1.1 200 OK\r\nX: " + long, .header(.tooLarge)),
            ("HTTP/1.1 200 OK\r\nX:\r\nX:\r\nX:\r\n\r\n", .header(.tooMany)),
        ] {
            for splitting in [Splitting.whole, .bytewise, .pieces(of: 32)] {
                let transcript = ResponseTranscript(
                    bytes(text), to: [.get], splitting, limits: limits)
                #expect(transcript.fault == fault)
            }
        }
        let line = "HTTP/1.1 200 " + String(repeating: "a", count: 17) + "\r\n"
        #expect(ResponseTranscript(bytes(line + "\r\n"), limits: limits).fault == nil)
    }
    @Test func `reads nothing more after a fault`() {
        var parser = ResponseHeadParser()
        var head = ResponseHead()
        for text in ["HTTP/2.0 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n"] {
            #expect(throws: ResponseFault.versionUnsupported) {
                try parser.parse(text, into: &head)
            }
        }
    }
}
