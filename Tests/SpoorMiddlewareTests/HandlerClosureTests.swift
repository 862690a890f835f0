import FoundationEssentials
import Glibc
import HTTPTypes
import SpoorHTTP
import SpoorMiddleware
import TestSupport
import Testing

/// Tests which closures compile as handlers, by running the compiler.
@Suite struct HandlerClosureTests {
    private static let preamble = """
        import HTTPTypes
        import SpoorHTTP
        import SpoorMiddleware

        struct Order: Sendable { var id: Int }
        func find(_ exchange: Exchange) throws -> Order? { nil }
        func findLater(_ exchange: Exchange) async throws -> Order? { nil }
        func text(_ exchange: Exchange) throws -> String? { nil }
        func textLater(_ exchange: Exchange) async throws -> Response? { nil }


        """

    /// Closures whose value is not a response: synchronous and asynchronous, of one statement and of several.
    private static let rejected = [
        "{ exchange in Order(id: 1) }", "{ _ in 42 }", "{ try find($0) }",
        "{ try await findLater($0) }",
        "{ exchange in exchange.response.status = .created }", "{ exchange in }",
        "{ exchange in try await exchange.response.write(\"x\") }", "{ _ in [\"id\": 1] }",
        "{ exchange in let order = Order(id: 1); return order }",
        "{ exchange in let order = try await findLater(exchange); return order }",
        "{ exchange in try await exchange.response.write(\"x\"); try await exchange.response.flush() }",
        "{ exchange -> Order in Order(id: 1) }", "{ _ in (1, \"a\") }",
        "{ exchange in if exchange.route == nil { return }; try await exchange.response.finish() }",
        "{ _ in [1, 2] }", "{ _ in [1.5] }", "{ _ in [\"a\"] }", "{ _ in [id] }",
        "{ exchange in _ = try text(exchange); return [1, 2] }",
        "{ _ in throw HTTPError(.conflict) }",
    ]

    private static let accepted = [
        "{ exchange in \"a\" }", "{ _ in Response(text: \"a\") }",
        "{ _ in HTTPResponse.Status.noContent }",
        "{ _ in [1, 2] as [UInt8] }", "{ try text($0) }", "{ try await textLater($0) }",
        "{ exchange in try await exchange.body.collect(upTo: 1) }",
        "{ exchange in let text = try text(exchange); return text }",
        "{ exchange in let found = try await textLater(exchange); return found }",
        "{ exchange in guard let found = try await textLater(exchange) else { throw HTTPError(.gone) }; return found }",
        "{ exchange -> String? in if exchange.route == nil { return nil }; return \"a\" }",
        "{ [id] exchange in \"\\(id)\" }",
        "{ [id] exchange in try await exchange.response.flush(); return \"\\(id)\" }",
        "{ _ -> Response in throw HTTPError(.conflict) }",
        "{ _ in [UInt8](\"a\".utf8) }", "{ _ in Array(\"a\".utf8) }",
    ]

    private static let methods = [
        "get", "head", "post", "put", "patch", "delete", "options", "trace",
    ]

    /// All places that take a closure that returns its response, up to the closure.
    private static let places =
        methods.map { "routes.\($0)(\"/x\")" }
        + [
            "routes.on(.get, \"/x\")", "routes.on(.get)", "routes.get", "routes.any(\"/x\")",
            "routes.fallback", "_ = SyncHandler",
            "_ = AsyncHandler",
        ]

    @Test(arguments: [[], ["-enable-upcoming-feature", "NonisolatedNonsendingByDefault"]])
    func
        `a closure whose value is not a response does not compile, and the message contains the fix`(
            options: [String]
        ) throws
    {
        let statements = Self.places.flatMap { place in Self.rejected.map { "\(place) \($0)" } }
        let messages = try Self.compile(statements, options)
        for (index, statement) in statements.enumerated() {
            let message = try #require(
                messages[index], "this compiles: \(statement)")
            #expect(
                message.contains("the closure returns no response: return a Response, a String"))
            #expect(message.contains("use stream(") || message.contains("use StreamingHandler"))
        }
    }

    @Test(arguments: [[], ["-enable-upcoming-feature", "NonisolatedNonsendingByDefault"]])
    func `a closure that returns a response or an optional one compiles`(
        options: [String]
    ) throws {
        let streams = [
            "routes.stream(.get, \"/x\") { exchange in try await exchange.response.write(\"x\") }",
            "routes.stream(.get, \"/x\") { $0.response.status = .noContent }",
            "routes.stream(.get, \"/x\") { _ in }",
            "routes.stream(.get, \"/x\") { _ in throw HTTPError(.conflict) }",
            "routes.stream(.get, \"/x\") { exchange in if exchange.route == nil { return }; try await exchange.response.finish() }",
        ]
        let statements =
            streams
            + Self.places.filter { $0 != "_ = SyncHandler" }.flatMap { place in
                Self.accepted.map { "\(place) \($0)" }
            }
        #expect(try Self.compile(statements, options) == [:])
    }

    @Test(arguments: [[], ["-enable-upcoming-feature", "NonisolatedNonsendingByDefault"]])
    func
        `a streaming closure that returns a response does not compile, and the message contains the reason`(
            options: [String]
        ) throws
    {
        let closures = [
            "{ _ in Response(text: \"a\") }", "{ exchange in \"a\" }",
            "{ try await textLater($0) }", "{ _ in HTTPResponse.Status.noContent }",
            "{ exchange in try await exchange.response.write(\"x\"); return Response() }",
            "{ exchange in if exchange.route == nil { return \"a\" }; return \"b\" }",
        ]
        let statements = ["routes.stream(.get, \"/x\")", "_ = StreamingHandler"].flatMap { place in
            closures.map { "\(place) \($0)" }
        }
        let errors = try Self.compile(statements, options)
        let warnings = try Self.compile(statements, options, severity: "warning")
        for (index, statement) in statements.enumerated() {
            #expect(errors[index] != nil, "this compiles: \(statement)")
            #expect(
                warnings[index]?.contains("the response that the closure returns is not sent")
                    == true, "\(statement)")
        }
    }

    @Test
    func
        `a streaming closure that returns a response is not a route, and the error contains the reason`()
    {
        var routes = Router()
        let closure: @Sendable @concurrent (Exchange) async throws -> String = { _ in "a" }
        #expect(throws: (any Error).self) { try Self.stream(&routes, closure) }
        do { try Self.stream(&routes, closure) } catch {
            #expect("\(error)".hasPrefix("the streaming closure of GET /x (App/Routes.swift:7) "))
        }
    }

    /// Calls the unavailable overload without a warning: a witness is looked up, not called by its name.
    private static func stream(
        _ routes: inout some Streaming,
        _ closure: @escaping @Sendable @concurrent (Exchange) async throws -> String
    ) throws {
        try routes.stream(.get, "/x", file: "App/Routes.swift", line: 7, closure)
    }

    /// Type-checks statements, each on its own line.
    ///
    /// - Returns: The first error of each statement that has one, by its index; or the first warning.
    private static func compile(
        _ statements: [String], _ options: [String], severity: String = "error"
    ) throws -> [Int: String] {
        let executable = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let products = executable[..<(try #require(executable.lastIndex(of: "/")))]
        let file = FileManager.default.temporaryDirectory.appending(
            path: "spoor-closures-\(UInt64.random(in: 0 ... .max)).swift")
        defer { try? FileManager.default.removeItem(at: file) }
        let lines = statements.map { "func f(_ routes: inout Router, _ id: Int) { \($0) }" }
        // Each function needs a unique name.
        let source =
            preamble
            + lines.enumerated().map { index, line in
                line.replacing("func f(", with: "func f\(index)(")
            }.joined(separator: "\n")
        try Data(source.utf8).write(to: file)
        let command =
            (["swiftc", "-typecheck", "-swift-version", "6", "-diagnostic-style=llvm"] + options
            + ["-I", "'\(products)/Modules'", "'\(file.path)'", "2>&1"]).joined(separator: " ")
        let first = preamble.count { $0 == "\n" } + 1
        var messages: [Int: String] = [:]
        let run = try #require(runShellCommand(command))
        for line in String(decoding: run.output, as: UTF8.self).split(separator: "\n")
        where line.contains(" \(severity): ") {
            let parts = line.split(separator: ":", maxSplits: 2)
            let number = parts.count > 1 ? Int(parts[1]) : nil
            let index = try #require(number, "unexpected: \(line)") - first
            if messages[index] == nil { messages[index] = String(line) }
        }
        return messages
    }
}

@Suite struct OptionalResponseTests {
    private func respond(to handler: any Handler) async throws -> (status: Int, text: String) {
        let transport = RecordingTransport()
        let exchange = Exchange.stub(over: transport)
        try await MiddlewareChain(handler: handler).run(exchange)
        return (exchange.response.status.code, transport.text)
    }

    @Test func `an optional response answers 404 for nil`() async throws {
        let notFound = #"{"type":"about:blank","title":"Not Found","status":404}"#
        for text in ["found", nil] {
            let expected = text.map { (200, $0) } ?? (404, notFound)
            #expect(try await respond(to: SyncHandler { _ in text }) == expected)
            #expect(try await respond(to: AsyncHandler { _ in text }) == expected)
        }
    }

    @Test func `a value that cannot be converted to a response fails as if the handler had thrown`()
        async throws
    {
        struct Unencodable: ResponseConvertible {
            func response() throws -> Response { throw HTTPError(.unprocessableContent, "no") }
        }
        let unprocessable =
            #"{"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"no"}"#
        #expect(try await respond(to: SyncHandler { _ in Unencodable() }) == (422, unprocessable))
        #expect(
            try await respond(to: AsyncHandler { _ in Unencodable() as Unencodable? })
                == (422, unprocessable))
    }

    @Test(arguments: [
        HTTPRequest.Method.get, .head, .post, .put, .patch, .delete, .options, .trace,
    ])
    func `every method has routes to closures that await and that do not`(
        method: HTTPRequest.Method
    ) async throws {
        var routes = Router()
        let later: @Sendable @concurrent (Exchange) async throws -> String = { _ in
            await Task.yield()
            return "later"
        }
        routes.get("/now") { _ in "now" }
        routes.get("/later", later)
        routes.head("/now") { _ in "now" }
        routes.head("/later", later)
        routes.post("/now") { _ in "now" }
        routes.post("/later", later)
        routes.put("/now") { _ in "now" }
        routes.put("/later", later)
        routes.patch("/now") { _ in "now" }
        routes.patch("/later", later)
        routes.delete("/now") { _ in "now" }
        routes.delete("/later", later)
        routes.options("/now") { _ in "now" }
        routes.options("/later", later)
        routes.trace("/now") { _ in "now" }
        routes.trace("/later", later)
        for text in ["now", "later"] {
            let transport = RecordingTransport()
            let exchange = Exchange.stub(.stub(method, "/\(text)"), over: transport)
            try await MiddlewareChain(handler: routes).run(exchange)
            #expect(transport.text == text)
        }
    }
}

/// The overload of a router that is not available.
private protocol Streaming {
    mutating func stream(
        _ method: HTTPRequest.Method, _ pattern: String, file: StaticString, line: UInt,
        _ respond:
            @escaping @Sendable @concurrent (Exchange) async throws -> some ResponseConvertible
    ) throws
}

extension Router: Streaming {}
