import HTTPTypes
import SpoorHTTP
import Testing

@testable import SpoorMiddleware

@Suite struct RoutePatternTests {
    private static func literal(_ text: String) -> RoutePattern.Segment {
        .literal(Array(text.utf8))
    }

    private static func parameter(_ prefix: String, _ suffix: String) -> RoutePattern.Segment {
        .parameter(prefix: Array(prefix.utf8), suffix: Array(suffix.utf8))
    }

    @Test(arguments: [
        ("/", [literal("")], []),
        ("/a/b", [literal("a"), literal("b")], []),
        ("/a/", [literal("a"), literal("")], []),
        ("/{id}", [parameter("", "")], ["id"]),
        (
            "/a/{b}/c/{d}", [literal("a"), parameter("", ""), literal("c"), parameter("", "")],
            ["b", "d"]
        ),
        ("/reports/{name}.json", [literal("reports"), parameter("", ".json")], ["name"]),
        ("/v{version}/x", [parameter("v", ""), literal("x")], ["version"]),
        ("/a-{b}-c", [parameter("a-", "-c")], ["b"]),
        ("/{user-id}/{größe_2}", [parameter("", ""), parameter("", "")], ["user-id", "größe_2"]),
        ("/files/{path...}", [literal("files"), .rest], ["path"]),
        ("/{path...}", [.rest], ["path"]),
        ("/caf%C3%A9", [literal("café")], []),
        ("/café", [literal("café")], []),
        ("/a%2Fb/%7Bc%7D", [literal("a/b"), literal("{c}")], []),
        ("/%3Aid/%2a/a%3fb", [literal(":id"), literal("*"), literal("a?b")], []),
        (
            "/users:batch/(x)/~a;b=c,d+e@f!$&'",
            [literal("users:batch"), literal("(x)"), literal("~a;b=c,d+e@f!$&'")], []
        ),
        ("/{id}:cancel", [parameter("", ":cancel")], ["id"]),
        ("/.well-known/...", [literal(".well-known"), literal("...")], []),
        ("/%66{x}%20", [parameter("f", " ")], ["x"]),
    ])
    func `parses a pattern`(
        template: String, segments: [RoutePattern.Segment], names: [String]
    ) throws {
        let pattern = try RoutePattern(template)
        #expect(pattern.segments == segments)
        #expect(pattern.names == names)
        #expect(pattern.template == template)
    }

    @Test(
        arguments: [
            ("", .noLeadingSlash), ("hello", .noLeadingSlash), ("{x}", .noLeadingSlash),
            (" /a", .noLeadingSlash),
            ("//", .emptySegment), ("/a//b", .emptySegment), ("//a", .emptySegment),
            ("/a//", .emptySegment),
            ("/a/../b", .dotSegment("..")), ("/.", .dotSegment(".")),
            ("/%2e%2E/b", .dotSegment("%2e%2E")),
            ("/users/:id", .colon(":id")), ("/:id.json", .colon(":id.json")), ("/:", .colon(":")),
            ("/a/*", .wildcard), ("/**", .wildcard), ("/*.jpg", .wildcard), ("/{x}*", .wildcard),
            ("/a?b=c", .query), ("/a/{b}?", .query), ("/a#b", .fragment),
            ("/a b", .character(0x20)), ("/a ", .character(0x20)), ("/<id>", .character(0x3C)),
            ("/[id]", .character(0x5B)), ("/^a$", .character(0x5E)), ("/a\\b", .character(0x5C)),
            ("/a|b", .character(0x7C)), ("/\"a\"", .character(0x22)), ("/`", .character(0x60)),
            ("/a\n", .character(0x0A)), ("/a\u{7F}", .character(0x7F)), ("/a\0", .character(0)),
            ("/100%", .malformedEscape), ("/%zz", .malformedEscape), ("/%4", .malformedEscape),
            ("/%4/b", .malformedEscape), ("/%{x}", .malformedEscape),
            ("/a/{b", .unbalancedBrace("{b")), ("/a/b}", .unbalancedBrace("b}")),
            ("/}{", .unbalancedBrace("}{")), ("/{a/b}", .unbalancedBrace("{a")),
            ("/{{a}}", .unbalancedBrace("{{a}}")), ("/{a}}", .unbalancedBrace("{a}}")),
            ("/a}{b}", .unbalancedBrace("a}{b}")),
            ("/a/{b}{c}", .severalParameters("{b}{c}")),
            ("/{a}-{b}", .severalParameters("{a}-{b}")),
            ("/{}", .name("")), ("/{...}", .name("...")), ("/a/{x..}", .name("x..")),
            ("/{x....}", .name("x....")), ("/{a b}", .name("a b")), ("/{id:int}", .name("id:int")),
            ("/{id?}", .name("id?")), ("/{*path}", .name("*path")), ("/{path*}", .name("path*")),
            ("/{a.b}", .name("a.b")), ("/{a%62}", .name("a%62")),
            ("/{x}/{x}", .repeatedName("x")), ("/{x}/a/{x...}", .repeatedName("x")),
            ("/{x...}/b", .catchAllNotLast), ("/{x...}/", .catchAllNotLast),
            ("/a{x...}", .catchAllNotWhole("x...")), ("/{x...}.json", .catchAllNotWhole("x...")),
        ] as [(String, RoutePatternError.Reason)])
    func `rejects invalid patterns`(template: String, reason: RoutePatternError.Reason) {
        #expect(throws: RoutePatternError(template: template, reason: reason)) {
            try RoutePattern(template)
        }
    }

    @Test(arguments: [
        (
            "/users/:id",
            "a parameter is written {id}, not :id; write %3A for a literal colon here"
        ),
        (
            "/<id>",
            "the character < cannot stand in a path (RFC 3986 §3.3); write it percent-encoded, as %3C"
        ),
        (
            "/a\n",
            "the character U+000A cannot stand in a path (RFC 3986 §3.3); write it percent-encoded, as %0A"
        ),
        (
            "/a/{b",
            "the braces in the segment {b do not match; write %7B and %7D for literal braces"
        ),
    ])
    func `the error contains the reason and the correct syntax`(template: String, text: String)
        throws
    {
        let error = #expect(throws: RoutePatternError.self) { try RoutePattern(template) }
        #expect(error?.description == "the route pattern \"\(template)\" is invalid: \(text)")
    }

    @Test
    func
        `every pattern of a few characters is parsed or rejected, and is found if it is a literal`()
        throws
    {
        let alphabet = ["/", "{", "}", "a", ".", "%", ":", "*", "é"]
        var templates = [""]
        for _ in 0..<4 {
            templates += templates.filter { $0.utf8.count >= 0 }.flatMap { prefix in
                alphabet.map { prefix + $0 }
            }
            templates = Array(Set(templates))
        }
        for template in templates {
            guard let pattern = try? RoutePattern(template) else { continue }
            #expect(template.first == "/" && !template.contains("*") && !template.contains("//"))
            #expect(pattern.names.count == template.count { $0 == "{" })
            #expect(pattern.names.allSatisfy { $0.allSatisfy(\.isLetter) && !$0.isEmpty })
        }
    }
}

@Suite struct RouteConflictTests {
    private static let first = RouteIdentity(
        method: .get, template: "/users/{id}", place: "App/Users.swift:12")

    @Test(arguments: ["/users/{id}", "/users/{name}", "/%75sers/{name}"])
    func `two routes that match the same paths are rejected, with both source locations`(
        template: String
    ) throws {
        var router = Router()
        try router.add(Self.first, SyncHandler { _ in "1" })
        let second = RouteIdentity(method: .get, template: template, place: "App/Names.swift:3")
        let error = #expect(throws: RouteConflict(added: second, existing: Self.first)) {
            try router.add(second, SyncHandler { _ in "2" })
        }
        #expect(
            error?.description
                == "the route GET \(template) (App/Names.swift:3) conflicts with GET /users/{id} "
                + "(App/Users.swift:12): both have the same method and match the same paths")
    }

    @Test(arguments: [
        (HTTPRequest.Method.put, "/users/{id}"), (.get, "/users/{id...}"), (.get, "/users/{id}/"),
        (.get, "/users/a{id}"), (.get, "/users/{id}a"), (.get, "/users/id"), (.get, "/uSERS/{id}"),
    ])
    func `routes that differ do not conflict`(method: HTTPRequest.Method, template: String) throws {
        var router = Router()
        try router.add(Self.first, SyncHandler { _ in "1" })
        let second = RouteIdentity(method: method, template: template, place: "App/Names.swift:3")
        #expect(throws: Never.self) { try router.add(second, SyncHandler { _ in "2" }) }
    }

    @Test func `the routes of a group conflict with those outside of it`() throws {
        var router = Router()
        try router.add(Self.first, SyncHandler { _ in "1" })
        router.group([ErrorMiddleware()]) { routes in
            #expect(throws: RouteConflict.self) {
                try routes.add(Self.first, SyncHandler { _ in "2" })
            }
        }
    }

    @Test func `an invalid pattern stops the program with the reason and the source location`()
        async throws
    {
        let result = await #expect(
            processExitsWith: .failure, observing: [\.standardErrorContent]
        ) {
            var routes = Router()
            routes.get("/users/:id") { _ in "1" }
        }
        let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
        #expect(
            text.contains(
                "the route pattern \"/users/:id\" is invalid: a parameter is written {id}, not :id"
            ))
        #expect(text.contains("SpoorMiddlewareTests/RoutePatternTests.swift:"))
    }

    @Test func `a conflict stops the program with both routes and their source locations`()
        async throws
    {
        let result = await #expect(
            processExitsWith: .failure, observing: [\.standardErrorContent]
        ) {
            var routes = Router()
            routes.stream(.put, "/users/{id}") { $0.response.status = .ok }
            routes.put("/users/{name}") { _ in "2" }
        }
        let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
        for part in [
            "the route PUT /users/{name} (SpoorMiddlewareTests/RoutePatternTests.swift:",
            "conflicts with PUT /users/{id} (SpoorMiddlewareTests/RoutePatternTests.swift:",
        ] { #expect(text.contains(part)) }
    }
}
