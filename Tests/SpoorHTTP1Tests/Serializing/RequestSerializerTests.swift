import HTTPTypes
import SpoorHTTP
import Testing

@testable import SpoorHTTP1

@Suite struct RequestSerializerTests {
    private func text(
        _ method: HTTPRequest.Method, _ target: String = "/", authority: String = "a",
        headers: Headers = Headers(), _ bodyLength: Request.BodyLength = .none,
        userAgent: Headers = Headers()
    ) throws(RequestSerializingError) -> String {
        var output: [UInt8] = []
        do {
            try RequestSerializer.appendHead(
                method, target: target, authority: authority, headers: headers,
                try RequestDirectives(method, bodyLength: bodyLength, headers: headers),
                userAgent: userAgent, to: &output)
        } catch {
            #expect(output.isEmpty)
            throw error
        }
        return String(decoding: output, as: UTF8.self)
    }

    @Test func `writes a head`() throws {
        #expect(try text(.get, "/a?b=c") == "GET /a?b=c HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(
            try text(
                .post, "/", authority: "[::1]:80",
                headers: [.contentType: "text/plain", .connection: "Close", .accept: "b"],
                .bytes(12))
                == "POST / HTTP/1.1\r\nHost: [::1]:80\r\nContent-Type: text/plain\r\nConnection: Close\r\n"
                + "Accept: b\r\nContent-Length: 12\r\n\r\n")
        #expect(
            try text(.put, "/", .unknown)
                == "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        #expect(try text(.options, "*").hasPrefix("OPTIONS * HTTP/1.1\r\n"))
        #expect(try text(.connect, "b:1").hasPrefix("CONNECT b:1 HTTP/1.1\r\n"))
    }

    @Test func `sends the given Host, first and once`() throws {
        let headers: Headers = [.accept: "b", Self.host: "other.example:81"]
        #expect(
            try text(.get, headers: headers)
                == "GET / HTTP/1.1\r\nHost: other.example:81\r\nAccept: b\r\n\r\n")
        var twice = headers
        twice.append(Self.host, "a")
        #expect(throws: RequestSerializingError.hostRepeated) { try text(.get, headers: twice) }
        for value in ["", "a b", "u@a", "a/b", "a,b", "a:65536"] {
            #expect(throws: RequestSerializingError.authorityInvalid) {
                try text(.get, headers: [Self.host: value])
            }
        }
    }

    private static let host: HeaderName = "Host"
    private static let keepAlive: HeaderName = "Keep-Alive"

    @Test func `sets User-Agent unless the request has one`() throws {
        let userAgent: Headers = [.userAgent: "a/1"]
        #expect(
            try text(.get, headers: [.accept: "b"], userAgent: userAgent)
                == "GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: a/1\r\nAccept: b\r\n\r\n")
        #expect(
            try text(.get, headers: [.userAgent: "c"], userAgent: userAgent)
                == "GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: c\r\n\r\n")
        #expect(throws: RequestSerializingError.header(HeaderError(name: "User-Agent"))) {
            try text(.get, userAgent: [.userAgent: "a\r\nX: y"])
        }
    }

    @Test func `adds the Connection option that TE requires`() throws {
        #expect(
            try text(.get, headers: [.te: "trailers"])
                == "GET / HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nConnection: TE\r\n\r\n")
        #expect(
            try text(.get, headers: [.te: "trailers", .connection: "close, te"])
                == "GET / HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nConnection: close, te\r\n\r\n")
    }

    @Test(
        arguments: [
            ([.contentLength: "5"], .contentLengthHeader),
            ([.transferEncoding: "chunked"], .transferEncodingHeader),
            ([keepAlive: "timeout=5"], .keepAliveHeader),
            ([.connection: "x-hop"], .connectionOption("x-hop")),
            ([.connection: "close, X-Hop"], .connectionOption("X-Hop")),
            ([.connection: "TE"], .connectionOption("TE")),
            ([.connection: "upgrade"], .upgradeIncomplete), ([.upgrade: "x"], .upgradeIncomplete),
            ([.expect: "100-continue"], .expectationWithoutBody),
        ] as [(Headers, RequestSerializingError)])
    func `rejects a header that cannot be sent unchanged`(
        headers: Headers, error: RequestSerializingError
    ) {
        #expect(throws: error) { try text(.get, headers: headers) }
        #expect(throws: error) { try text(.post, headers: headers) }
        #expect(error.description.count > 20)
    }

    @Test func `rejects a body that cannot be framed`() {
        for length in [-1, -5, Int.min] {
            #expect(throws: RequestSerializingError.lengthNegative(length)) {
                try text(.post, "/", .bytes(length))
            }
        }
        for length in [Request.BodyLength.bytes(1), .unknown] {
            #expect(throws: RequestSerializingError.traceWithBody) { try text(.trace, "/", length) }
        }
        #expect(throws: RequestSerializingError.expectationWithoutBody) {
            try text(.post, "/", headers: [.expect: "100-Continue"], .bytes(0))
        }
    }

    @Test func `frames requests by their body`() throws {
        for (method, bodyLength, length) in [
            (.get, .none, .none), (.head, .none, .none), (.delete, .none, .none),
            (.post, .none, .bytes(0)), (.put, .none, .bytes(0)), (.patch, .none, .bytes(0)),
            (.post, .bytes(5), .bytes(5)), (.get, .bytes(5), .bytes(5)),
            (.post, .bytes(.max), .bytes(.max)), (.post, .unknown, .chunked),
        ] as [(HTTPRequest.Method, Request.BodyLength, MessageFraming.Length)] {
            let directives = try RequestDirectives(
                method, bodyLength: bodyLength, headers: Headers())
            #expect(directives.framing == MessageFraming(length: length))
        }
    }

    @Test(arguments: [
        "", "a", " /", "/ ", "/a b", "/\r\n", "/a\nb", "/\0", "/é", "/a#b", "*", "b:1", "/\t",
        "/\u{7F}",
        "/ HTTP/1.1\r\nX: y", "http://a/", "//\u{1}",
    ])
    func `rejects an invalid target`(_ target: String) {
        #expect(throws: RequestSerializingError.targetInvalid) { try text(.get, target) }
    }

    @Test(arguments: [
        "a b", "u@a", "a/b", "a\r\nX: y", "a,b", ":80", "[::1", "a\t", "a\0", "a?b", "a#b",
        "a:65536",
        "[a]", "a%zz",
    ])
    func `rejects an invalid authority`(_ authority: String) {
        #expect(throws: RequestSerializingError.authorityInvalid) {
            try text(.get, authority: authority)
        }
    }

    @Test func `rejects a header that would end the head early`() {
        #expect(throws: RequestSerializingError.header(HeaderError(name: "Accept"))) {
            try text(.get, headers: [.accept: "a\r\nX: y"])
        }
        #expect(throws: RequestSerializingError.header(HeaderError(name: "Accept"))) {
            try text(.get, headers: [.accept: "a\u{8}"])
        }
        #expect(throws: RequestSerializingError.targetInvalid) { try text(.connect, "/") }
    }
}
