import FoundationEssentials
import HTTPTypes
import SpoorClient
import SpoorHTTP
import SpoorJSON
import SpoorMiddleware
import SpoorTesting
import SpoorText
import TestSupport
import Testing

private struct Draft: Codable, Equatable {
    struct Item: Codable, Equatable {
        var sku: String
        var quantity: UInt8
    }
    var id: UUID?
    var items: [Item]
    var due: Date?
    var note: String?
}

/// A type whose decoding is recursive.
private final class Nested: Decodable {
    let x: [Nested]?
}

@Suite struct JSONBodyTests {
    private static var routes: Router {
        var routes = Router()
        routes.post("/echo") { exchange in try await exchange.json(Draft.self) }
        routes.post("/nested") { exchange in
            _ = try await exchange.json(Nested.self)
            return HTTPResponse.Status.noContent
        }
        routes.group([JSONSettings(JSONConfiguration(maxBytes: 20, maxDepth: 2, maxMembers: 2))]) {
            $0.post("/small") { exchange in try await exchange.json([String: [Int]].self) }
        }
        routes.get("/order/{id}") { exchange -> Draft? in
            try exchange.parameters.require("id", as: Int.self) == 7
                ? Draft(
                    items: [.init(sku: "a/b", quantity: 1)], due: Date(timeIntervalSince1970: 0))
                : nil
        }
        routes.get("/text") { _ in "a string stays text" }
        return routes
    }

    private func post(
        _ path: String, _ body: String, type: String? = "application/json", _ client: TestClient
    ) async throws -> (status: Int, text: String) {
        let headers: Headers = type.map { [.contentType: $0] } ?? [:]
        let response = try await client.post(path, headers: headers, body: .text(body))
        return (response.status.code, response.text)
    }

    private func problem(_ status: Int, _ title: String, _ rest: String) -> (Int, String) {
        (status, #"{"type":"about:blank","title":"\#(title)","status":\#(status),"# + rest + "}")
    }

    @Test func `a body is decoded, and a value is sent as JSON`() async throws {
        try await withTestClient(handler: Self.routes) { client in
            let body =
                #"{"id":"6BA7B810-9DAD-11D1-80B4-00C04FD430C8","items":[{"sku":"é","quantity":255}],"due":"2026-03-01T12:00:00Z"}"#
            let response = try await client.post(
                "/echo", headers: [.contentType: "Application/JSON ; charset=UTF-8"],
                body: .text(body))
            #expect(response.status == .ok && response["content-type"] == "application/json")
            let decoded = try JSONConfiguration().decode(Draft.self, from: response.body)
            #expect(try decoded == JSONConfiguration().decode(Draft.self, from: Array(body.utf8)))
            #expect(decoded.due == Date(timeIntervalSince1970: 1_772_366_400))
            #expect(
                try await post("/echo", body, type: "application/x.order+json", client).status
                    == 200)

            let order = try await client.get("/order/7")
            #expect(order.text.contains(#""due":"1970-01-01T00:00:00Z""#))
            #expect(order.text.contains(#""sku":"a/b""#))
            #expect(try await client.get("/order/8").status == .notFound)
            let text = try await client.get("/text")
            #expect(
                text.text == "a string stays text"
                    && text["content-type"]?.hasPrefix("text/plain") == true)
        }
    }

    @Test func `routes of groups and of every method, and fallbacks, send values as JSON`()
        async throws
    {
        var routes = Router()
        routes.group("/drafts") { drafts in
            drafts.get { _ in Draft(items: [], note: "all") }
            drafts.any("/{id}") { exchange -> Draft? in
                exchange.request.method == .get ? Draft(items: [], note: "one") : nil
            }
            drafts.on(.post) { _ in Draft(items: [], note: "new") }
        }
        routes.fallback { exchange in
            exchange.response.status = .notFound
            return Draft(items: [], note: "none")
        }
        try await withTestClient(handler: routes) { client async throws in
            for (method, path, status, note) in [
                (HTTPRequest.Method.get, "/drafts", 200, "all"), (.get, "/drafts/7", 200, "one"),
                (.post, "/drafts", 200, "new"), (.get, "/nowhere", 404, "none"),
            ] {
                let response = try await client.execute(method, path)
                #expect(response.status.code == status)
                #expect(response.text.contains(#""note":"\#(note)""#))
                #expect(response["content-type"] == "application/json")
            }
            #expect(try await client.delete("/drafts/7").status == .notFound)
        }
    }

    // P010
    @Test func `another content type is a 415 that names JSON`() async throws {
        try await withTestClient(handler: Self.routes) { client in
            for type in [
                "text/plain", "application/json foo", "application/json; charset=utf-16", "json",
            ] {
                let response = try await client.post(
                    "/echo", headers: [.contentType: type], body: .text("{}"))
                #expect(response.status == .unsupportedMediaType, "\(type)")
                #expect(response["accept"] == "application/json")
                #expect(response.text.contains("the Content-Type is not supported"))
            }
            #expect(try await post("/echo", "{}", type: nil, client).status == 415)
        }
    }

    @Test(arguments: [
        (#"{"items": [1,"#, "unexpected end of the text (line 1, column 14)", "/items/1"),
        ("{\n  \"items\": [}", "expected a value (line 2, column 13)", "/items/0"),
        ("", "unexpected end of the text (line 1, column 1)", ""),
        ("{} {}", "expected the end of the text (line 1, column 4)", ""),
    ])
    func `malformed JSON is a 400 with its position`(
        body: String, detail: String, pointer: String
    ) async throws {
        try await withTestClient(handler: Self.routes) { client in
            let response = try await post("/echo", body, client)
            #expect(
                response
                    == problem(
                        400, "Bad Request",
                        #""detail":"invalid JSON in the body: \#(detail)","#
                            + ##""errors":[{"detail":"\##(detail)","pointer":"#\##(pointer)"}]"##))
        }
    }

    @Test(
        arguments: [
            (
                #"{"items":[{"sku":"a","quantity":1},{"sku":"b","quantity":"two"}]}"#,
                "must be an integer that is not negative", "/items/1/quantity"
            ),
            (#"{"items":[{"sku":5,"quantity":1}]}"#, "must be a string", "/items/0/sku"),
            (#"{"items":[{"quantity":1}]}"#, "is missing", "/items/0/sku"),
            (#"{}"#, "is missing", "/items"),
            (#"{"items":{}}"#, "must be an array", "/items"),
            (#"{"items":[],"due":"tomorrow"}"#, nil, "/due"),
            (
                #"{"items":[{"sku":"a","quantity":256}]}"#,
                "must be an integer from 0 to 255", "/items/0/quantity"
            ),
            (#"{"items":[],"id":"1"}"#, nil, "/id"),
            ("[]", nil, ""),
        ] as [(String, String?, String)])
    func `a value that does not match the type is a 422 with a pointer`(
        body: String, detail: String?, pointer: String
    ) async throws {
        try await withTestClient(handler: Self.routes) { client in
            let (status, text) = try await post("/echo", body, client)
            #expect(status == 422)
            #expect(text.contains(##""pointer":"#\##(pointer)"}"##), "\(text)")
            if let detail { #expect(text.contains(#"[{"detail":"\#(detail)""#), "\(text)") }
            // Names of types are not for clients.
            #expect(!text.contains("Swift") && !text.contains("Draft"), "\(text)")
        }
    }

    // P006, P007
    @Test func `the limits are checked before decoding`() async throws {
        try await withTestClient(handler: Self.routes) { client in
            let deep = String(repeating: "[", count: 300) + String(repeating: "]", count: 300)
            let (status, text) = try await post("/nested", #"{"x":"# + deep + "}", client)
            #expect(status == 400 && text.contains("nested deeper than 64 levels"))
            let unknown = #"{"unknown":"# + String(repeating: "[", count: 10_000) + "0"
            #expect(try await post("/nested", unknown, client).status == 400)
            let closed = unknown + String(repeating: "]", count: 10_000) + "}"
            #expect(try await post("/nested", closed, client).text.contains("64 levels"))

            #expect(try await post("/small", #"{"a":[1],"b":[]}"#, client).status == 200)
            #expect(
                try await post("/small", #"{"a":[],"b":[],"c":1"#, client).text.contains(
                    "more than 2 members"))
            #expect(
                try await post("/small", #"{"a":[[]]}"#, client).text.contains(
                    "deeper than 2 levels"))
            let large = try await post(
                "/small", #"{"a":[1]}"# + String(repeating: " ", count: 12), client)
            #expect(large.status == 413 && large.text.contains("the limit is 20 bytes"))
        }
    }

    // P009
    @Test func `bytes after the value count and are checked`() async throws {
        try await withTestClient(handler: Self.routes) { client async throws in
            let blanks = [UInt8](repeating: 0x20, count: 64 << 10)
            let status = try await client.withResponse(
                .post, "/echo", headers: [.contentType: "application/json"]
            ) { writer in
                try await writer.write(Array(#"{"items":[]}"#.utf8))
                // Ten times the limit; the server stops reading before.
                for _ in 0..<160 { try await writer.write(blanks) }
            } _: {
                $0.status
            }
            #expect(status == .contentTooLarge)
            let tail = #"{"items":[]}"# + String(repeating: " ", count: 1000)
            #expect(try await post("/echo", tail, client).status == 200)
            for second in [#"{"items":[]}"#, "x", "\0", ","] {
                let response = try await post("/echo", #"{"items":[]} "# + second, client)
                #expect(response.status == 400)
                #expect(response.text.contains("expected the end of the text"))
            }
        }
    }

    // P010
    @Test(arguments: [
        ("application/json", 200), ("Application/JSON ;charset=utf-8", 200),
        ("application/json\t; x=y", 200), ("application/json;", 200),
        ("application/vnd.api+JSON", 200), ("application/json; charset=\"UTF-8\"", 200),
        ("application/json\t; x", 415), ("application/json foo", 415), ("application/jsonx", 415),
        ("text/json", 415), ("application/json, text/plain", 415), ("", 415),
        ("application/json; charset=utf-8; charset=utf-16", 415),
    ])
    func `the content type has one reading`(type: String, status: Int) async throws {
        try await withTestClient(handler: Self.routes) { client async throws in
            let response = try await post("/echo", #"{"items":[]}"#, type: type, client)
            #expect(response.status == status)
        }
    }

    @Test func `parameters are read as UUIDs and dates`() throws {
        let query = QueryParameters([
            "id": "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "at": "1970-01-01T00:00:01Z",
            "part": "1970-01-01T00:00:01.500Z", "bad": "yesterday",
        ])
        #expect(try query.require("id", as: UUID.self).uuidString.hasPrefix("6BA7B810"))
        #expect(try query.require("at", as: Date.self).timeIntervalSince1970 == 1)
        #expect(try query.require("part", as: Date.self).timeIntervalSince1970 == 1.5)
        let problem = #expect(throws: Problem.self) { try query.get("bad", as: Date.self) }
        #expect(problem?.description.contains("must be a date and time in ISO 8601") == true)
        struct Range: Decodable {
            var at: Date
            var id: UUID?
        }
        #expect(try query(Range.self).at.timeIntervalSince1970 == 1)
    }
}
