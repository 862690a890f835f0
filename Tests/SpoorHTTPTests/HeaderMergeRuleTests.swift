import HTTPTypes
import TestSupport
import Testing

@testable import SpoorHTTP

/// How headers that are set on the exchange combine with those of a response, or of an error, of the same name.
@Suite struct HeaderMergeRuleTests {
    private func combined(_ set: Headers, _ new: Headers) -> String {
        var headers = set
        headers.merge(with: new)
        return headers.description
    }

    @Test
    func `each cookie keeps its line, and one of the same name, domain and path replaces another`()
    {
        #expect(
            combined([.setCookie: "sid=1"], [.setCookie: "theme=dark"])
                == "Set-Cookie: sid=1\nSet-Cookie: theme=dark")
        #expect(
            combined([.setCookie: "sid=1; Path=/; HttpOnly"], [.setCookie: "sid=2; path = /"])
                == "Set-Cookie: sid=2; path = /")
        // Another path or domain is another cookie: this is how one is deleted at its path or domain.
        #expect(
            combined([.setCookie: "sid=; Path=/old; Max-Age=0"], [.setCookie: "sid=1; Path=/"])
                == "Set-Cookie: sid=; Path=/old; Max-Age=0\nSet-Cookie: sid=1; Path=/")
        #expect(
            combined(
                [.setCookie: "a=1; Domain=.Example.org"], [.setCookie: "a=2; domain=example.org"])
                == "Set-Cookie: a=2; domain=example.org")
        #expect(
            combined([.setCookie: "a=1"], [.setCookie: "A=2"]).hasSuffix("a=1\nSet-Cookie: A=2"))
        // Cookies of the same response are not compared.
        #expect(combined([:], [.setCookie: "a=1", .setCookie: "a=2"]).contains("a=1\n"))
    }

    @Test(arguments: [
        ("Origin", "Accept-Encoding", "Origin, Accept-Encoding"),
        ("Origin, Accept", "accept ,ORIGIN,, Cookie", "Origin, Accept, Cookie"),
        ("*", "Accept", "*"), ("Accept", "*", "*"), ("", "Accept", "Accept"),
        ("Accept", "", "Accept"), ("Accept", "Accept", "Accept"),
    ])
    func `Vary is joined without repeats, and the asterisk replaces the list`(
        set: String, new: String, value: String
    ) {
        #expect(combined([.vary: set], [.vary: new]) == "Vary: \(value)")
    }

    @Test func `several lines of a list become one, at the position of the first`() {
        #expect(
            combined([.vary: "A", .server: "s", .vary: "B"], [.vary: "a", .vary: "C"])
                == "Vary: A, B, C\nServer: s")
    }

    @Test(arguments: [
        "Link", "WWW-Authenticate", "Proxy-Authenticate", "Content-Security-Policy",
        "Content-Security-Policy-Report-Only", "Server-Timing", "Via", "Permissions-Policy",
        "server-timing", "X-Robots-Tag", "Reporting-Endpoints",
    ])
    func `headers whose values have parameters keep their lines, without repeats`(
        _ text: String
    ) throws {
        let name = HeaderName(try #require(HTTPField.Name(text)))
        #expect(
            combined([name: "a;x=1"], [name: "b, c", name: "a;x=1"])
                == "\(text): a;x=1\n\(text): b, c")
    }

    @Test(arguments: [
        ("Allow", "GET, HEAD", "PUT, GET", "GET, HEAD, PUT"),
        ("Access-Control-Expose-Headers", "X-A", "x-a, X-B", "X-A, X-B"),
        ("Access-Control-Allow-Headers", "X-A", "x-b", "X-A, x-b"),
        ("Access-Control-Allow-Methods", "GET", "PUT", "GET, PUT"),
        ("Connection", "close", "upgrade", "close, upgrade"),
        ("Clear-Site-Data", "\"cache, x\"", "\"cookies\"", "\"cache, x\", \"cookies\""),
    ])
    func `lists of names are joined without repeats`(
        name: String, set: String, new: String, value: String
    ) throws {
        let name = HeaderName(try #require(HTTPField.Name(name)))
        #expect(combined([name: set], [name: new]) == "\(name): \(value)")
    }

    @Test(arguments: [
        "Content-Type", "Location", "Cache-Control", "Content-Language", "Retry-After", "ETag",
        "Access-Control-Allow-Origin", "Strict-Transport-Security", "Server", "X-Of-Ours",
    ])
    func `a single-valued or custom header is replaced`(_ text: String) throws {
        let name = HeaderName(try #require(HTTPField.Name(text)))
        #expect(
            combined([name: "a", .date: "d", name: "b"], [name: "c", name: "d"])
                == "Date: d\n\(text): c\n\(text): d")
    }

    @Test func `a rejected header stays rejected, and values of any bytes are kept`() {
        var headers: Headers = [.vary: "A"]
        headers.merge(with: [.location: "a\r\nb"])
        #expect(headers.rejectedName == "Location")
        var opaque = Headers()
        opaque.append(.vary, bytes: [0xE9])
        headers.merge(with: opaque)
        #expect(headers[bytes: .vary] == Array("A, ".utf8) + [0xE9])
    }
}

@Suite struct ResponseOfExchangeTests {
    private func respond(
        _ prepare: (Exchange) -> Void, _ response: Response
    ) async throws -> (Exchange, RecordingTransport) {
        let wire = RecordingTransport()
        let exchange = Exchange.stub(over: wire)
        prepare(exchange)
        try await exchange.response.send(response)
        return (exchange, wire)
    }

    @Test func `a response without a status keeps the one that was set`() async throws {
        let large = String(repeating: "x", count: 100_000)
        for (response, status) in [
            (Response(text: "made"), HTTPResponse.Status.created), (Response(), .created),
            (Response(bytes: [1]), .created), (Response(text: large), .created),
            ("made".response(), .created), (Response(status: .ok, text: "made"), .ok),
            (HTTPResponse.Status.accepted.response(), .accepted),
        ] {
            let (exchange, _) = try await respond({ $0.response.status = .created }, response)
            #expect(exchange.response.status == status)
        }
        var decided = Response(text: "made")
        #expect(decided.status == .ok)
        decided.status = .ok
        let (exchange, _) = try await respond({ $0.response.status = .created }, decided)
        #expect(exchange.response.status == .ok)
    }

    @Test func `an explicit media type has precedence, the default one of a body has not`()
        async throws
    {
        let html: (Exchange) -> Void = { $0.response.headers[.contentType] = "text/html" }
        let (usual, _) = try await respond(html, Response(text: "<p>"))
        #expect(usual.response.headers[.contentType] == "text/html")
        let (given, wire) = try await respond(html, Response(text: "a,b", contentType: "text/csv"))
        #expect(given.response.headers[.contentType] == nil && wire.contentType == "text/csv")
        var changed = Response(text: "a,b")
        changed.contentType = "text/csv"
        let (late, wireOfLate) = try await respond(html, changed)
        #expect(late.response.headers[.contentType] == nil && wireOfLate.contentType == "text/csv")
    }

    @Test func `an error keeps restrictions of caching and drops headers of the old body`() {
        let cases: [(String, String?)] = [
            ("no-store", "no-store"), ("max-age=60", nil), ("public, max-age=60, immutable", nil),
            ("No-Store, max-age=0", "No-Store"),
            ("private=\"a, b\", max-age=1", "private=\"a, b\""),
            ("no-cache, must-revalidate", "no-cache, must-revalidate"),
        ]
        for (value, kept) in cases {
            let wire = RecordingTransport()
            let exchange = Exchange.stub(over: wire)
            exchange.response.status = .created
            exchange.response.headers = [
                .cacheControl: value, .eTag: "x", .contentEncoding: "gzip", .vary: "Origin",
                .contentLocation: "/x", .setCookie: "a=1",
            ]
            exchange.discardRepresentation()
            #expect(exchange.response.headers[.cacheControl] == kept)
            #expect(exchange.response.headers[.vary] == "Origin")
            #expect(exchange.response.headers[.setCookie] == "a=1")
            #expect(exchange.response.headers.count == (kept == nil ? 2 : 3))
            #expect(exchange.response.status == .internalServerError)
        }
    }

    @Test func `a change after the head was sent is logged by name and has no effect`() async throws
    {
        let (exchange, wire) = try await respond({ $0.response.headers[.server] = "s" }, Response())
        exchange.response.headers[.server] = "s"
        #expect(wire.ignored.isEmpty)
        exchange.response.headers[.server] = "other"
        exchange.response.headers.append(.setCookie, "a=1")
        exchange.response.headers.remove(.server)
        exchange.response.headers[.location] = "a\r\nb"
        exchange.response.status = .ok
        exchange.response.status = .created
        #expect(
            wire.ignored == [
                .header("Server"), .header("Set-Cookie"), .header("Server"), .header("Location"),
                .status(.created),
            ])
        #expect(exchange.response.headers == [.server: "s"] && exchange.response.status == .ok)
    }

    @Test func `trailers of a body that is not chunked are logged`() async throws {
        let wire = RecordingTransport()
        let exchange = Exchange.stub(over: wire)
        try await exchange.response.finish(trailers: [.eTag: "x"])
        #expect(wire.ignored == [.trailers])
    }
}
