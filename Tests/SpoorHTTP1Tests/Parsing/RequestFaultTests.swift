import HTTPTypes
import SpoorHTTP
import Testing

@testable import SpoorHTTP1

/// One row a rule of RFC 9110 and 9112 that a request can break.
struct RefusedRequest: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let text: String
    let fault: RequestFault
    let status: Int

    init(_ name: String, _ text: String, _ fault: RequestFault, _ status: Int = 400) {
        testDescription = name
        self.text = text
        self.fault = fault
        self.status = status
    }

    /// A request whose fields, beside `Host`, are these lines.
    static func fields(
        _ name: String, _ lines: String, _ fault: RequestFault, _ status: Int = 400
    ) -> RefusedRequest {
        RefusedRequest(
            name, "POST /echo HTTP/1.1\r\nHost: a\r\n\(lines)\r\n\r\n", fault, status)
    }

    /// A request with this request line.
    static func line(
        _ name: String, _ line: String, _ fault: RequestFault, _ status: Int = 400
    ) -> RefusedRequest {
        RefusedRequest(name, "\(line)\r\nHost: a\r\n\r\n", fault, status)
    }

    /// A chunked request with this body.
    static func chunked(
        _ name: String, _ body: String, _ fault: BodyFault, _ status: Int = 400
    ) -> RefusedRequest {
        RefusedRequest(
            name, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(body)",
            .body(fault), status)
    }

    static let all = requestLines + versions + targets + fields + hosts + lengths + codings + chunks

    static let requestLines: [RefusedRequest] = [
        .line("a blank before the method", " GET / HTTP/1.1", .methodInvalid),
        .line("two spaces behind the method", "GET  / HTTP/1.1", .lineMalformed),
        .line("a tab behind the method", "GET\t/\tHTTP/1.1", .lineMalformed),
        .line("two spaces before the version", "GET /  HTTP/1.1", .versionMalformed),
        .line("a tab before the version", "GET /\tHTTP/1.1", .targetInvalid),
        .line("a space behind the version", "GET / HTTP/1.1 ", .versionMalformed),
        .line("no target", "GET HTTP/1.1", .lineMalformed),
        .line("only a method", "GET", .lineMalformed),
        .line("no method", "/ HTTP/1.1", .methodInvalid),
        .line("a delimiter in the method", "GE(T / HTTP/1.1", .methodInvalid),
        .line("NUL in the method", "GE\0T / HTTP/1.1", .lineMalformed),
        .line("what is not ASCII in the method", "GÉT / HTTP/1.1", .methodInvalid),
        .line(
            "a method that is too long", String(repeating: "M", count: 33) + " / HTTP/1.1",
            .methodTooLong, 501),
        RefusedRequest("a bare LF", "GET / HTTP/1.1\nHost: a\r\n\r\n", .versionMalformed),
        RefusedRequest("a bare CR", "GET / HTTP/1.1\rHost: a\r\n\r\n", .versionMalformed),
        RefusedRequest("CR CR LF", "GET / HTTP/1.1\r\r\nHost: a\r\n\r\n", .versionMalformed),
        RefusedRequest("HTTP/0.9", "GET /\r\n", .lineMalformed),
        RefusedRequest("three empty lines", "\r\n\r\n\r\nGET / HTTP/1.1\r\n", .lineMalformed),
        RefusedRequest("an empty line of CR alone", "\rGET / HTTP/1.1\r\n", .field(.bareCR)),
        RefusedRequest("an empty line of LF alone", "\nGET / HTTP/1.1\r\n", .methodInvalid),
        RefusedRequest("a TLS handshake", "\u{16}\u{3}\u{1}", .methodInvalid),
    ]

    static let versions: [RefusedRequest] = [
        .line("lower-case version", "GET / http/1.1", .versionMalformed),
        .line("mixed-case version", "GET / Http/1.1", .versionMalformed),
        .line("no minor version", "GET / HTTP/1", .versionMalformed),
        .line("two-digit minor version", "GET / HTTP/1.10", .versionMalformed),
        .line("three parts", "GET / HTTP/1.1.1", .versionMalformed),
        .line("another name", "GET / HTTQ/1.1", .versionMalformed),
        .line("a letter behind", "GET / HTTP/1.1x", .versionMalformed),
        .line("HTTP/2.0", "GET / HTTP/2.0", .versionUnsupported, 505),
        .line("HTTP/3.0", "GET / HTTP/3.0", .versionUnsupported, 505),
        .line("HTTP/0.9 said aloud", "GET / HTTP/0.9", .versionUnsupported, 505),
        RefusedRequest(
            "the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", .versionUnsupported, 505),
    ]

    static let targets: [RefusedRequest] = [
        .line("a space in the target", "GET /a b HTTP/1.1", .versionMalformed),
        .line("NUL in the target", "GET /\0 HTTP/1.1", .targetInvalid),
        .line("DEL in the target", "GET /\u{7F} HTTP/1.1", .targetInvalid),
        .line("what is not ASCII in the target", "GET /é HTTP/1.1", .targetInvalid),
        .line("a fragment", "GET /a#b HTTP/1.1", .targetInvalid),
        .line("a fragment behind a query", "GET /a?b#c HTTP/1.1", .targetInvalid),
        .line("no slash", "GET foo HTTP/1.1", .targetFormInvalid),
        .line("the authority form with GET", "GET a:80 HTTP/1.1", .targetFormInvalid),
        .line("the asterisk with GET", "GET * HTTP/1.1", .targetFormInvalid),
        .line("more behind the asterisk", "OPTIONS ** HTTP/1.1", .targetFormInvalid),
        .line("CONNECT with a path", "CONNECT / HTTP/1.1", .targetFormInvalid),
        .line("CONNECT without a port", "CONNECT a HTTP/1.1", .targetFormInvalid),
        .line("CONNECT with an empty port", "CONNECT a: HTTP/1.1", .targetFormInvalid),
        .line("an absolute target without host", "GET http:/// HTTP/1.1", .targetFormInvalid),
        .line("an absolute target with userinfo", "GET http://u@a/ HTTP/1.1", .targetFormInvalid),
        .line("another scheme", "GET ftp://a/ HTTP/1.1", .targetFormInvalid),
        .line("a port of letters", "GET http://a:b/ HTTP/1.1", .targetFormInvalid),
    ]

    static let fields: [RefusedRequest] = [
        .fields("a space before the colon", "X-Foo : a", .field(.blankBeforeColon)),
        .fields("a tab before the colon", "X-Foo\t: a", .field(.blankBeforeColon)),
        .fields("a space in the name", "X Foo: a", .field(.blankBeforeColon)),
        .fields("no colon", "JustAWord", .field(.colonMissing)),
        .fields("no name", ": a", .field(.nameMissing)),
        .fields("a delimiter in the name", "X(Foo: a", .field(.nameInvalid)),
        .fields("NUL in the name", "X\0Foo: a", .field(.nameInvalid)),
        .fields("VT before the colon", "Transfer-Encoding\u{B}: chunked", .field(.nameInvalid)),
        .fields("what is not ASCII in the name", "X-Föö: a", .field(.nameInvalid)),
        .fields("folding with a space", "X-Foo: a\r\n b", .field(.lineFolded)),
        .fields("folding with a tab", "X-Foo: a\r\n\tb", .field(.lineFolded)),
        .fields("NUL in the value", "X-Foo: a\0b", .field(.valueInvalid)),
        .fields("a control in the value", "X-Foo: a\u{1}b", .field(.valueInvalid)),
        .fields("DEL in the value", "X-Foo: a\u{7F}b", .field(.valueInvalid)),
        .fields("CR in the value", "X-Foo: a\rb", .field(.bareCR)),
        .fields("CR that hides a length", "X-Foo: a\rContent-Length: 2", .field(.bareCR)),
        .fields("CR CR LF", "X-Foo: a\r\r\nX-Bar: b", .field(.bareCR)),
        .fields("LF behind the value", "X-Foo: a\nX-Bar: b", .field(.bareLF)),
        RefusedRequest(
            "a blank before the first field", "GET / HTTP/1.1\r\n X: y\r\nHost: a\r\n\r\n",
            .field(.lineFolded)),
        RefusedRequest(
            "CR before the end", "GET / HTTP/1.1\r\nHost: a\r\n\rGET", .field(.bareCR)),
        RefusedRequest(
            "LF as the end", "GET / HTTP/1.1\r\nHost: a\r\n\n", .field(.bareLF)),
        .fields("an unknown expectation", "Expect: more", .expectationUnknown, 417),
        .fields("no expectation", "Expect:", .expectationUnknown, 417),
    ]

    static let hosts: [RefusedRequest] =
        [
            RefusedRequest("no host", "GET / HTTP/1.1\r\nAccept: */*\r\n\r\n", .hostMissing),
            RefusedRequest(
                "no host beside an absolute target", "GET http://a/ HTTP/1.1\r\n\r\n", .hostMissing),
            .fields("two hosts", "Host: b", .hostRepeated),
            .fields("the same host twice", "hOST: a", .hostRepeated),
            RefusedRequest(
                "two hosts in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n",
                .hostRepeated),
        ]
        + [
            "a b", "a/b", "u@a", "a:b", "a, b", "a,b", "[::1", "[]", "[::1]x", "a:80:80", ":80",
            "a\\b", "a?b", "[g::]", "é",
        ].map {
            RefusedRequest(
                "the host \($0)", "GET / HTTP/1.1\r\nHost: \($0)\r\n\r\n", .hostInvalid)
        }

    static let lengths: [RefusedRequest] =
        [
            "", "-5", "+5", "0x5", "5x", "5 5", "5.0", "five", "5, 5", "5,", "5;", "-0", "5e0",
            "0_5", "\"5\"", "a", "５",
        ].map {
            .fields(
                "the length \($0)", "Content-Length: \($0)", .framing(.lengthMalformed))
        } + [
            .fields(
                "a length of 2^63", "Content-Length: 9223372036854775808",
                .framing(.lengthOverflow)),
            .fields(
                "a length of 2^64 + 5", "Content-Length: 18446744073709551621",
                .framing(.lengthOverflow)),
            .fields(
                "a length of thirty digits",
                "Content-Length: " + String(repeating: "9", count: 30),
                .framing(.lengthOverflow)),
            .fields(
                "two lengths", "Content-Length: 5\r\nCONTENT-LENGTH: 6", .framing(.lengthRepeated)),
            .fields(
                "the same length twice", "Content-Length: 5\r\nX: y\r\nContent-Length: 5",
                .framing(.lengthRepeated)),
            .fields(
                "zero and a length", "Content-Length: 0\r\nContent-Length: 5",
                .framing(.lengthRepeated)),
            .fields("VT before a length", "Content-Length: \u{B}5", .field(.valueInvalid)),
            .fields("NUL behind a length", "Content-Length: 5\0", .field(.valueInvalid)),
        ]

    static let codings: [RefusedRequest] =
        [
            "", "identity", "xchunked", "x-chunked", "chunke", "gzip", "chunked, chunked",
            "chunked, gzip", "chunked, identity", ", chunked", "chunked,", "\"chunked\"",
            "'chunked'", "chunked;q=1", "chunked chunked", "chun\tked", "chunked\u{A0}",
            "gzip, chunked, chunked", "gzip chunked, chunked", "gzip;q=1, chunked",
        ].map {
            .fields(
                "the coding \($0)", "Transfer-Encoding: \($0)",
                .framing(.transferEncodingMalformed))
        }
        + ["gzip, chunked", "cow ,\tchunked", "identity, CHUNKED", "a, b, chunked"].map {
            .fields(
                "the coding \($0)", "Transfer-Encoding: \($0)",
                .framing(.transferEncodingUnknown), 501)
        } + [
            .fields(
                "two codings", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
                .framing(.transferEncodingRepeated)),
            .fields(
                "another coding behind", "Transfer-Encoding: chunked\r\ntransfer-encoding: cow",
                .framing(.transferEncodingRepeated)),
            .fields(
                "a length behind", "Transfer-Encoding: chunked\r\nContent-Length: 5",
                .framing(.lengthWithTransferEncoding)),
            .fields(
                "a length before", "Content-Length: 0\r\nTransfer-Encoding: chunked",
                .framing(.lengthWithTransferEncoding)),
            RefusedRequest(
                "chunked in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
                .framing(.transferEncodingInHTTP10)),
            .fields("VT before chunked", "Transfer-Encoding: \u{B}chunked", .field(.valueInvalid)),
            .fields("FF behind chunked", "Transfer-Encoding: chunked\u{C}", .field(.valueInvalid)),
            .fields("a space in the name", "Transfer Encoding: chunked", .field(.blankBeforeColon)),
        ]

    static let chunks: [RefusedRequest] =
        ["-5", "+5", "0x5", "5g", "", " 5", "\t5", "x5", "5,5", "5\0", "5\u{B}", "5_0", "-0"].map {
            .chunked("the size \($0)", "\($0)\r\nhello\r\n0\r\n\r\n", .chunkSizeMalformed)
        }
        + [
            "5 ", "5 5", "5;", "5;=b", "5;a=\"b", "5;a\0b", "5;a=", "5;a b", "5;a=\"b\"c",
            "5;a=b c", "5;é", "5 ;",
        ].map {
            .chunked(
                "the size line \($0)", "\($0)\r\nhello\r\n0\r\n\r\n", .chunkExtensionMalformed)
        } + [
            .chunked("no size but blanks", "5\r\nhello\r\n \r\n", .chunkSizeMalformed),
            .chunked("17 digits", "00000000000000005\r\nhello", .chunkSizeMalformed),
            .chunked("2^64 + 5", "10000000000000005\r\nhello", .chunkSizeMalformed),
            .chunked("thirty digits", String(repeating: "f", count: 30), .chunkSizeMalformed),
            .chunked("2^64 - 1", "ffffffffffffffff\r\nhello", .tooLarge, 413),
            .chunked("2^63 - 1", "7fffffffffffffff\r\nhello", .tooLarge, 413),
            .chunked("longer than its size", "3\r\nhello\r\n0\r\n\r\n", .chunkDataEndMalformed),
            .chunked("shorter than its size", "6\r\nhello\r\n0\r\n\r\n", .chunkDataEndMalformed),
            .chunked("no CRLF behind the data", "5\r\nhello0\r\n\r\n", .chunkDataEndMalformed),
            .chunked("LF behind the data", "5\r\nhello\n0\r\n\r\n", .chunkDataEndMalformed),
            .chunked("LF behind the size", "5\nhello\r\n0\r\n\r\n", .chunkLineEndMalformed),
            .chunked("CR behind the size", "5\rhello\r\n0\r\n\r\n", .chunkLineEndMalformed),
            .chunked("LF behind an extension", "5;a\nhello", .chunkLineEndMalformed),
            .chunked("LF in a quoted extension", "5;a=\"\n\"", .chunkLineEndMalformed),
            .chunked("LF behind the last chunk", "0\n\n", .chunkLineEndMalformed),
            .chunked("LF as the end", "0\r\n\n", .trailer(.bareLF)),
            .chunked("CR as the end", "0\r\n\rX", .trailer(.bareCR)),
            .chunked("a space in a trailer", "0\r\nX-T : v\r\n\r\n", .trailer(.blankBeforeColon)),
            .chunked("a trailer without colon", "0\r\nX\r\n\r\n", .trailer(.colonMissing)),
            .chunked("NUL in a trailer", "0\r\nX: a\0\r\n\r\n", .trailer(.valueInvalid)),
            .chunked("a folded trailer", "0\r\nX: a\r\n b\r\n\r\n", .trailer(.lineFolded)),
        ]
}

/// The rules that a request can break: each is refused with its cause, in whatever pieces it comes, and nothing
/// behind it is read.
@Suite struct RequestFaultTests {
    static let canary = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test(arguments: RefusedRequest.all)
    func `is refused with its cause, in pieces of any size`(_ refused: RefusedRequest) {
        let input = bytes(refused.text + Self.canary)
        let whole = RequestTranscript(input)
        #expect(whole.fault == refused.fault)
        #expect(refused.fault.status.code == refused.status)
        #expect(!whole.heads.contains { $0.path == "/smuggled" })
        for splitting in Splitting.all(for: input) {
            #expect(RequestTranscript(input, splitting) == whole, "\(splitting.testDescription)")
        }
    }

    @Test(arguments: RefusedRequest.all)
    func `is refused behind a good request, which is read`(_ refused: RefusedRequest) {
        let good = "GET /before HTTP/1.1\r\nHost: a\r\n\r\n"
        // Empty lines before a request are counted from the end of the one before.
        let transcript = RequestTranscript(good + refused.text)
        #expect(transcript.heads.first?.path == "/before")
        #expect(transcript.fault == refused.fault)
    }

    @Test func `names every cause in a few words`() {
        for refused in RefusedRequest.all {
            #expect(!refused.fault.description.contains("("))
            #expect(!refused.fault.description.contains(" "))
        }
    }
}
