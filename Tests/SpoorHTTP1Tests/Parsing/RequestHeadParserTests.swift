import HTTPTypes
import SpoorHTTP
import Testing

@testable import SpoorHTTP1

/// A valid request, and the expected result.
struct AcceptedRequest: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let text: String
    let bodies: [String]
    let check: @Sendable (RequestTranscript.Head) -> Void

    init(
        _ name: String, _ text: String, body: String = "",
        _ check: @escaping @Sendable (RequestTranscript.Head) -> Void = { _ in }
    ) {
        testDescription = name
        self.text = text
        bodies = [body]
        self.check = check
    }

    /// Returns a request with these header lines in addition to `Host`.
    static func headers(
        _ name: String, _ lines: String,
        _ check: @escaping @Sendable (RequestTranscript.Head) -> Void = { _ in }
    ) -> AcceptedRequest {
        AcceptedRequest(name, "GET / HTTP/1.1\r\nHost: a\r\n\(lines)\r\n\r\n", check)
    }

    /// Returns a request with this request line.
    static func line(
        _ line: String, _ check: @escaping @Sendable (RequestTranscript.Head) -> Void = { _ in }
    ) -> AcceptedRequest {
        AcceptedRequest(line, "\(line)\r\nHost: a\r\n\r\n", check)
    }

    static let all = lines + fieldLines + hosts + bodies + connections

    static let lines: [AcceptedRequest] = [
        .line("GET / HTTP/1.1") {
            #expect($0.line == "GET /" && $0.path == "/" && $0.query == nil && $0.form == .origin)
            #expect($0.version == .http11 && $0.authority == "a" && $0.bodyLength == .none)
        },
        .line("GET /a/b%20c;d=e?f=g&h=/?i HTTP/1.1") {
            #expect($0.path == "/a/b%20c;d=e" && $0.query == "f=g&h=/?i")
        },
        .line("GET /? HTTP/1.1") { #expect($0.path == "/" && $0.query == "") },
        .line("GET //a//b HTTP/1.1") { #expect($0.path == "//a//b" && $0.form == .origin) },
        .line(#"GET /a?b="<>[\]^`{|} HTTP/1.1"#) { #expect($0.query == #"b="<>[\]^`{|}"#) },
        .line("GET /../../etc/passwd HTTP/1.1") { #expect($0.path == "/../../etc/passwd") },
        .line("GET /%zz% HTTP/1.1") { #expect($0.path == "/%zz%") },
        .line("get / HTTP/1.1") { #expect($0.line == "get /") },
        .line("GETS / HTTP/1.1") { #expect($0.line == "GETS /") },
        .line("M-SEARCH / HTTP/1.1") { #expect($0.line == "M-SEARCH /") },
        .line("!#$%&'*+-.^_`|~09Az / HTTP/1.1") { #expect($0.line == "!#$%&'*+-.^_`|~09Az /") },
        .line(String(repeating: "M", count: 32) + " / HTTP/1.1"),
        .line("GET / HTTP/1.2") { #expect($0.version == .http11) },
        .line("GET / HTTP/1.9") { #expect($0.version == .http11) },
        .line("OPTIONS / HTTP/1.1") { #expect($0.form == .origin && $0.path == "/") },
        .line("PUT http://b/ HTTP/1.0") { #expect($0.authority == "b") },
        .line("GET /\\..\\a HTTP/1.1") { #expect($0.path == "/\\..\\a") },
        .line("GET /?%zz%00%0d%0a HTTP/1.1") { #expect($0.query == "%zz%00%0d%0a") },
        .line("GET / HTTP/1.0") { #expect($0.version == .http10) },
        .line("OPTIONS * HTTP/1.1") {
            #expect($0.form == .asterisk && $0.path == "*" && $0.authority == "a")
        },
        .line("CONNECT b.example:443 HTTP/1.1") {
            #expect($0.form == .authority && $0.authority == "b.example:443" && $0.query == nil)
        },
        .line("CONNECT [::1]:443 HTTP/1.1") { #expect($0.authority == "[::1]:443") },
        .line("GET http://b.example/c?d HTTP/1.1") {
            #expect($0.form == .absolute && $0.authority == "b.example")
            #expect($0.path == "/c" && $0.query == "d")
        },
        .line("GET HTTPS://b:8080/ HTTP/1.1") { #expect($0.authority == "b:8080") },
        .line("GET http://b HTTP/1.1") { #expect($0.path == "/" && $0.query == nil) },
        .line("GET http://b?c/d HTTP/1.1") {
            #expect($0.authority == "b" && $0.path == "/" && $0.query == "c/d")
        },
        .line("GET http://b:80?c HTTP/1.1") {
            #expect($0.authority == "b:80" && $0.path == "/" && $0.query == "c")
        },
        .line("GET http://[::1]:8080/c HTTP/1.1") {
            #expect($0.authority == "[::1]:8080" && $0.path == "/c")
        },
        .line("OPTIONS http://b HTTP/1.1") { #expect($0.authority == "b") },
        AcceptedRequest("one empty line", "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        AcceptedRequest("two empty lines", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    ]

    static let fieldLines: [AcceptedRequest] = [
        .headers("every token byte in a name", "!#$%&'*+-.^_`|~09Az: v") {
            #expect($0.headers.hasSuffix("!#$%&'*+-.^_`|~09Az: v"))
        },
        .headers("an empty value", "X-Foo:") { #expect($0.headers == "Host: a\nX-Foo: ") },
        .headers("a value of blanks", "X-Foo: \t ") { #expect($0.headers == "Host: a\nX-Foo: ") },
        .headers("no blank after the colon", "X-Foo:bar") {
            #expect($0.headers == "Host: a\nX-Foo: bar")
        },
        .headers("blanks around a value", "X-Foo: \t  a \t b \t ") {
            #expect($0.headers == "Host: a\nX-Foo: a \t b")
        },
        .headers("two colons", "X-Foo:: v") { #expect($0.headers == "Host: a\nX-Foo: : v") },
        .headers("UTF-8 in a value", "X-Foo: é中😀") { #expect($0.headers.hasSuffix("é中😀")) },
        .headers("names of one letter", "A:b\r\nC:d") {
            #expect($0.headers == "Host: a\nA: b\nC: d")
        },
        .headers("fifty of a name", String(repeating: "X: v\r\n", count: 49) + "X: v"),
        .headers(
            "headers unrelated to framing",
            "Content_Length: 5\r\nTE: chunked\r\nProxy-Connection: close"
        ) { #expect($0.bodyLength == .none && $0.options == []) },
        .headers("an expectation without a body", "Expect: 100-continue") {
            #expect(!$0.expectsContinue)
        },
    ]

    static let hosts: [AcceptedRequest] =
        [
            "", "a", "A.B.example", "127.0.0.1", "a:80", "a:", "[::1]", "[::1]:8080",
            "[::]", "[1::]", "[1:2:3:4:5:6:7:8]", "[::ffff:192.0.2.1]", "[1:2:3:4:5:6:1.2.3.4]",
            "a:0",
            "a:65535", "a:00080", "a.", "xn--bcher-kva.example", "a_b", "%41", "a;b=c",
        ].map { (host: String) in
            AcceptedRequest("the host \(host)", "GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n") {
                #expect($0.authority == host)
            }
        } + [
            AcceptedRequest("no host in HTTP/1.0", "GET / HTTP/1.0\r\n\r\n") {
                #expect($0.authority == nil)
            },
            AcceptedRequest(
                "the host in other case, after others",
                "GET / HTTP/1.1\r\nAccept: */*\r\nX: y\r\nhOST: a\r\n\r\n"),
        ]

    static let bodies: [AcceptedRequest] = [
        AcceptedRequest(
            "a length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
            body: "hello"
        ) { #expect($0.bodyLength == .bytes(5)) },
        AcceptedRequest(
            "a length in other case with blanks",
            "POST / HTTP/1.1\r\nHost: a\r\nCONTENT-length: \t5 \r\n\r\nhello", body: "hello"),
        AcceptedRequest(
            "a length with leading zeros",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(String(repeating: "0", count: 100))5"
                + "\r\n\r\nhello", body: "hello"),
        AcceptedRequest(
            "a length of zero", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"
        ) { #expect($0.bodyLength == .none) },
        AcceptedRequest(
            "a body that looks like a request",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 18\r\n\r\nGET / HTTP/1.1\r\n\r\n",
            body: "GET / HTTP/1.1\r\n\r\n"),
        AcceptedRequest(
            "a body with GET", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi",
            body: "hi"),
        AcceptedRequest(
            "a length in HTTP/1.0", "POST / HTTP/1.0\r\nContent-Length: 2\r\n\r\nhi", body: "hi"),
        AcceptedRequest(
            "an expected body",
            "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\nhi",
            body: "hi"
        ) { #expect($0.expectsContinue) },
        AcceptedRequest(
            "an expectation in HTTP/1.0, which is ignored",
            "POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi", body: "hi"
        ) { #expect(!$0.expectsContinue) },
        AcceptedRequest(
            "chunked in other case",
            "POST / HTTP/1.1\r\nHost: a\r\ntransfer-ENCODING: \tcHUNKED\t\r\n\r\n0\r\n\r\n"
        ) { #expect($0.bodyLength == .unknown) },
    ]

    static let connections: [AcceptedRequest] = [
        .headers("close", "Connection: close") { #expect($0.options == .close) },
        .headers("close in capitals", "CONNECTION: CLOSE") { #expect($0.options == .close) },
        .headers("close in a list", "Connection: x-foo , Close,,") {
            #expect($0.options == .close)
        },
        .headers("close without blanks", "connection:foo,close,bar") {
            #expect($0.options == .close)
        },
        .headers("close in a second line", "Connection: keep-alive\r\nConnection: close") {
            #expect($0.options == [.close, .keepAlive])
        },
        .headers("closed is not close", "Connection: closed, clos, keep-alives") {
            #expect($0.options == [])
        },
        .headers("an upgrade", "Connection: Upgrade\r\nUpgrade: websocket") {
            #expect($0.options == .upgrade)
        },
        .headers("an upgrade that the connection does not name", "Upgrade: websocket") {
            #expect($0.options == [])
        },
        .headers("a connection option without its field", "Connection: upgrade") {
            #expect($0.options == [])
        },
        AcceptedRequest(
            "an upgrade in HTTP/1.0",
            "GET / HTTP/1.0\r\nConnection: upgrade, keep-alive\r\nUpgrade: h2c\r\n\r\n"
        ) { #expect($0.options == .keepAlive) },
    ]
}

/// Valid requests, in pieces of any size, and the next request after them.
@Suite struct RequestHeadParserTests {
    static let successor = "GET /next HTTP/1.1\r\nHost: b\r\n\r\n"

    @Test(arguments: AcceptedRequest.all)
    func `is parsed, in pieces of any size`(_ accepted: AcceptedRequest) throws {
        let input = bytes(accepted.text)
        let whole = RequestTranscript(input)
        #expect(whole.fault == nil)
        #expect(whole.rest.isEmpty)
        #expect(whole.bodies == accepted.bodies)
        accepted.check(try #require(whole.heads.first))
        for splitting in Splitting.all(for: input) {
            #expect(RequestTranscript(input, splitting) == whole, "\(splitting.testDescription)")
        }
    }

    @Test(arguments: AcceptedRequest.all)
    func `is parsed with the next one after it`(_ accepted: AcceptedRequest) throws {
        let input = bytes(accepted.text + Self.successor)
        let whole = RequestTranscript(input)
        #expect(whole.heads.count == 2 && whole.rest.isEmpty)
        accepted.check(try #require(whole.heads.first))
        #expect(whole.heads.last?.path == "/next" && whole.heads.last?.authority == "b")
        #expect(whole.bodies == accepted.bodies + [""])
        for splitting in [Splitting.bytewise, .pieces(of: 5)] {
            #expect(RequestTranscript(input, splitting) == whole)
        }
    }

    @Test(arguments: AcceptedRequest.all)
    func `waits for the last byte of the head`(_ accepted: AcceptedRequest) throws {
        let head = bytes(accepted.text)
        let end = try #require(
            (0...head.count).first {
                $0 > 4 && Array(head[..<$0].suffix(4)) == bytes("\r\n\r\n")
                    && head[..<$0].contains(UInt8(ascii: "H"))
            })
        #expect(RequestTranscript(Array(head[..<(end - 1)])).events.isEmpty)
    }

    @Test
    func `scans each byte once, so that the cost of single bytes is linear`() {
        // Quadratic work over a megabyte would take minutes.
        var limits = HTTP1Limits()
        limits.maxHeadBytes = 1 << 20
        var parser = RequestHeadParser(limits: limits)
        var request = Request()
        let head = bytes(
            "GET / HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "v", count: 1 << 19))")
        for end in head.indices {
            let progress = try? parser.parse(head.span.extracting(0..<end), into: &request)
            guard progress == .needMore else {
                Issue.record("\(String(describing: progress)) at \(end)")
                return
            }
        }
    }

    @Test(arguments: [
        "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH",
    ])
    func `recognizes the common methods`(_ name: String) throws {
        let target = name == "CONNECT" ? "a:1" : "/"
        let head = bytes("\(name) \(target) HTTP/1.1\r\nHost: a\r\n\r\n")
        for splitting in [Splitting.whole, .bytewise] {
            var parser = RequestHeadParser()
            var request = Request()
            var received: [UInt8] = []
            for piece in splitting(head) {
                received += piece
                _ = try parser.parse(received.span, into: &request)
            }
            #expect(request.knownMethod?.method.rawValue == name)
            #expect(request.method.rawValue == name)
        }
    }

    @Test func `resets the method and the expectation of the previous request`() throws {
        var parser = RequestHeadParser()
        var request = Request()
        let first =
            "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n"
        _ = try parser.parse(first, into: &request)
        #expect(parser.expectsContinue)
        _ = try parser.parse("BREW /x HTTP/1.1\r\nHost: a\r\n\r\n", into: &request)
        #expect(!parser.expectsContinue && request.knownMethod == nil)
        #expect(request.method.rawValue == "BREW" && request.bodyLength == .none)
    }
    @Test(arguments: InvalidRequest.requestLines + InvalidRequest.hosts)
    func `reads nothing more after a fault`(_ invalid: InvalidRequest) {
        var parser = RequestHeadParser()
        var request = Request()
        for text in [invalid.text, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"] {
            #expect(throws: invalid.fault) { try parser.parse(text, into: &request) }
        }
    }
}
