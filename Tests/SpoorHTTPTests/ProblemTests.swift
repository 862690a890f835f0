import HTTPTypes
import SpoorHTTP
import SpoorText
import Testing

@Suite struct ProblemTests {
    private func text(_ problem: Problem, _ format: ProblemFormat, traceID: String? = nil) -> String
    {
        let response = format.response(for: problem, traceID: traceID)
        guard case .bytes(let bytes) = response.body else { return "" }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static let invalid = Problem(
        .unprocessableContent, "the request has invalid values",
        violations: [
            .init(.body(pointer: "/items/0/a~1b c"), "must be at least 1"),
            .init(.query("limit"), "must be an integer, not \"<x>\""), .init(.path("id"), "p"),
            .init(.header("Accept"), "h"),
        ])

    @Test func `JSON has every member of RFC 9457 that is set`() {
        let problem = Problem(
            .conflict, "already \"shipped\"", type: "https://e.example/shipped",
            title: "Order shipped", instance: "/orders/7",
            extensions: ["balance": 30, "accounts": ["/a", "/b"], "nested": ["x": nil, "y": 1.5]])
        #expect(
            text(problem, .json, traceID: "0af7651916cd43dd8448eb211c80319c")
                == #"{"type":"https://e.example/shipped","title":"Order shipped","status":409,"#
                + #""detail":"already \"shipped\"","instance":"/orders/7","#
                + #""traceId":"0af7651916cd43dd8448eb211c80319c","#
                + #""accounts":["/a","/b"],"balance":30,"nested":{"x":null,"y":1.5}}"#)
    }

    // P012
    @Test func `an extension cannot replace a defined member`() {
        let problem = Problem(
            .notFound, extensions: ["status": 200, "type": "x", "traceId": "y", "more": true])
        #expect(
            text(problem, .json)
                == #"{"type":"about:blank","title":"Not Found","status":404,"more":true}"#)
    }

    @Test func `violations are a list with pointers and parameters`() {
        #expect(
            text(Self.invalid, .json)
                == #"{"type":"about:blank","title":"Unprocessable Content","status":422,"#
                + #""detail":"the request has invalid values","errors":["#
                + ##"{"detail":"must be at least 1","pointer":"#/items/0/a~1b%20c"},"##
                + #"{"detail":"must be an integer, not \"<x>\"","in":"query","name":"limit"},"#
                + #"{"detail":"p","in":"path","name":"id"},{"detail":"h","in":"header","name":"Accept"}]}"#
        )
    }

    @Test func `text has a line for each violation`() {
        #expect(
            text(Self.invalid, .text, traceID: "abc")
                == """
                422 Unprocessable Content: the request has invalid values
                body /items/0/a~1b c: must be at least 1
                query parameter limit: must be an integer, not "<x>"
                path parameter id: p
                header Accept: h
                trace abc

                """)
        #expect(text(Problem(.init(code: 599)), .text) == "599\n")
        #expect(
            text(Problem(.notFound, "404 Not Found: no item"), .text) == "404 Not Found: no item\n")
    }

    @Test func `HTML escapes everything that comes from the request`() {
        let page = text(Self.invalid, .html)
        #expect(page.contains("<title>422 Unprocessable Content</title>"))
        #expect(page.contains("not &quot;&lt;x&gt;&quot;") && !page.contains("<x>"))
        let title = text(Problem(.badRequest, "a & 'b'", title: "</title><script>"), .html)
        #expect(!title.contains("<script>") && title.contains("a &amp; &#39;b&#39;"))
    }

    @Test(arguments: [
        (nil, ProblemFormat.json), ("*/*", .json), ("application/json", .json),
        ("application/problem+json", .json), ("application/*", .json), ("image/png", .json),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", .html),
        ("text/plain", .text), ("text/*", .html), ("text/plain, application/json;q=0.9", .text),
        ("application/problem+json;q=0, */*", .html), ("application/json;q=0, */*", .html),
        ("application/json;q=0, application/problem+json, text/*", .json),
        ("application/json;charset=utf-8, text/html;q=0.5", .json),
        ("application/json, */*;q=0.1", .json), ("text/html;q=0.5;ext, text/plain;q=0.4", .html),
    ])
    func `the form is the one that the client prefers`(accept: String?, format: ProblemFormat) {
        #expect(ProblemFormat.preferred(by: accept) == format)
    }

    @Test func `a validation gathers every violation`() throws {
        var check = Validation()
        check.require(true, .query("a"), "fine")
        try check.throwIfInvalid()
        check.require(false, .query("b"), "must be less than c")
        let value: Int? = try check.collect {
            throw Problem(.badRequest, violations: [.init(.path("id"), "must be a UUID")])
        }
        #expect(value == nil)
        #expect(try check.collect { 5 } == 5)
        #expect(throws: Problem(.notFound)) { try check.collect { throw Problem(.notFound) } }
        let problem = #expect(throws: Problem.self) { try check.throwIfInvalid() }
        #expect(problem?.status == .unprocessableContent)
        #expect(problem?.violations.map(\.detail) == ["must be less than c", "must be a UUID"])
        #expect(problem?.description.contains("query parameter b: must be less than c") == true)
    }

    @Test func `an application's error is a problem`() throws {
        struct OutOfStock: ProblemError {
            let secret = "password"
            var problem: Problem { Problem(.conflict, "out of stock", extensions: ["left": 0]) }
        }
        let response = OutOfStock().response()
        #expect(response.status == .conflict)
        #expect(response.contentType == "application/problem+json")
        guard case .bytes(let bytes) = response.body else { throw HTTPError(.badRequest) }
        #expect(!String(decoding: bytes, as: UTF8.self).contains("password"))
    }
}
