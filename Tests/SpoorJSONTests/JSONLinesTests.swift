import FoundationEssentials
import HTTPTypes
import SpoorClient
import SpoorHTTP
import SpoorJSON
import SpoorMiddleware
import SpoorTesting
import Synchronization
import TestSupport
import Testing

private struct Order: Codable, Equatable {
    var id: Int
    var note: String?
}

@Suite(.finishes(within: .seconds(60))) struct JSONLinesTests {
    private static var routes: Router {
        var routes = Router()
        routes.post("/sum") { exchange in
            var sum = 0
            for try await order in exchange.jsonLines(Order.self) { sum += order.id }
            return "\(sum)"
        }
        routes.group([
            JSONSettings(
                JSONConfiguration(maxDepth: 2, maxMembers: 2, maxLineBytes: 20, maxLines: 3))
        ]) {
            $0.post("/small") { exchange in
                var count = 0
                for try await _ in exchange.jsonLines([String: [Int]].self) { count += 1 }
                return "\(count)"
            }
        }
        routes.post("/copy") { exchange in
            var orders: [Order] = []
            for try await order in exchange.jsonLines(Order.self) { orders.append(order) }
            return Response.jsonLines(AsyncStream(of: orders))
        }
        routes.get("/array") { _ in
            Response.jsonLines([Order(id: 1, note: "b"), Order(id: 2, note: nil)])
        }
        return routes
    }

    @Test(arguments: TestMode.allCases)
    func `an array is sent line by line, with sorted members`(mode: TestMode) async throws {
        try await withTestClient(over: mode, handler: Self.routes) { client async throws in
            let response = try await client.get("/array")
            #expect(response.text == "{\"id\":1,\"note\":\"b\"}\n{\"id\":2}\n")
            #expect(response["Content-Type"] == "application/x-ndjson")
        }
    }

    private func post(
        _ path: String, _ body: String, type: String = "application/x-ndjson", _ client: TestClient
    ) async throws -> (status: Int, text: String) {
        let response = try await client.post(
            path, headers: [.contentType: type], body: .text(body))
        return (response.status.code, response.text)
    }

    // MARK: Requests

    @Test(
        arguments: [
            ("", "0"), ("\n", "0"), ("{\"id\":1}", "1"), ("{\"id\":1}\n", "1"),
            ("{\"id\":1}\n{\"id\":2}", "3"), ("{\"id\":1}\r\n{\"id\":2}\r\n", "3"),
            ("{\"id\":1}\n\n \t\r\n{\"id\":2}\n", "3"), (" {\"id\" : 1 } \n{\"id\":2}\n", "3"),
        ])
    func `each line is a value`(body: String, sum: String) async throws {
        try await withTestClient(handler: Self.routes) { client in
            let response = try await post("/sum", body, client)
            #expect(response == (200, sum))
        }
    }

    @Test func `lines are read at every cut and byte by byte`() async throws {
        let bytes = Array("{\"id\":1}\n{\"id\":2,\"note\":\"é\"}\r\n\n{\"id\":3}".utf8)
        try await withTestClient(handler: Self.routes) { client async throws in
            var splits = (0...bytes.count).map { [Array(bytes[..<$0]), Array(bytes[$0...])] }
            splits.append(bytes.map { [$0] })
            for pieces in splits {
                let response = try await client.withResponse(
                    .post, "/sum", headers: [.contentType: "application/jsonl; charset=UTF-8"]
                ) { writer in
                    for piece in pieces where !piece.isEmpty { try await writer.write(piece) }
                } _: {
                    try await TestResponse(collecting: $0)
                }
                #expect(response.text == "6")
            }
        }
    }

    @Test func `a value is returned before the body has ended`() async throws {
        let (received, receiving) = AsyncStream.makeStream(of: Int.self)
        var routes = Router()
        routes.post("/orders") { exchange in
            for try await order in exchange.jsonLines(Order.self) { receiving.yield(order.id) }
            return "done"
        }
        try await withTestClient(handler: routes) { client async throws in
            let text = try await client.withResponse(
                .post, "/orders", headers: [.contentType: "application/x-ndjson"]
            ) { writer in
                var numbers = received.makeAsyncIterator()
                for number in 1...3 {
                    try await writer.write("{\"id\":\(number)}\n")
                    let read = await numbers.next()
                    #expect(read == number)
                }
            } _: {
                try await TestResponse(collecting: $0).text
            }
            #expect(text == "done")
        }
    }

    @Test func `a second iterator continues after the first`() async throws {
        var routes = Router()
        routes.post("/orders") { exchange in
            let orders = exchange.jsonLines(Order.self)
            var ids: [Int] = []
            for try await order in orders {
                ids.append(order.id)
                if ids.count == 2 { break }
            }
            for try await order in orders { ids.append(-order.id) }
            return "\(ids)"
        }
        try await withTestClient(handler: routes) { client async throws in
            let body = (1...4).map { "{\"id\":\($0)}\n" }.joined()
            #expect(try await post("/orders", body, client).text == "[1, 2, -3, -4]")
        }
    }

    @Test func `another content type is a 415 that names those that are accepted`() async throws {
        try await withTestClient(handler: Self.routes) { client async throws in
            for type in ["application/json", "text/plain", "application/x-ndjson; charset=latin1"] {
                let response = try await client.post(
                    "/sum", headers: [.contentType: type], body: .text("{\"id\":1}"))
                #expect(response.status == .unsupportedMediaType)
                #expect(
                    response["accept"]
                        == "application/x-ndjson, application/ndjson, application/jsonl")
            }
        }
    }

    @Test func `an error names the line and has a pointer into it`() async throws {
        try await withTestClient(handler: Self.routes) { client async throws in
            let malformed = try await post("/sum", "{\"id\":1}\n\n{\"id\":}\n", client)
            let reason = "expected a value (line 3, column 7)"
            #expect(
                malformed
                    == (
                        400,
                        #"{"type":"about:blank","title":"Bad Request","status":400,"#
                            + #""detail":"invalid JSON in line 3 of the body: \#(reason)","#
                            + ##""errors":[{"detail":"\##(reason)","pointer":"#/id"}],"line":3}"##
                    ))
            let mismatch = try await post("/sum", "{\"id\":1}\n{\"id\":\"x\",\"note\":7}", client)
            #expect(
                mismatch
                    == (
                        422,
                        #"{"type":"about:blank","title":"Unprocessable Content","status":422,"#
                            + #""detail":"line 2 of the body does not have the expected structure","#
                            + ##""errors":[{"detail":"must be an integer","pointer":"#/id"},"##
                            + ##"{"detail":"must be a string","pointer":"#/note"}],"line":2}"##
                    ))
            // A value must not continue on the next line.
            #expect(try await post("/sum", "{\"id\":\n1}", client).status == 400)
            #expect(try await post("/sum", "{\"id\":1}{\"id\":2}", client).status == 400)
        }
    }

    @Test func `the limits apply to each line`() async throws {
        try await withTestClient(handler: Self.routes) { client async throws in
            #expect(try await post("/small", #"{"a":[1],"b":[]}"#, client) == (200, "1"))
            let deep = try await post("/small", "{}\n" + #"{"a":[[]]}"#, client)
            #expect(deep.status == 400 && deep.text.contains("deeper than 2 levels (line 2"))
            let members = try await post("/small", #"{"a":0,"b":0,"c":0}"#, client)
            #expect(members.status == 400 && members.text.contains("more than 2 members"))
            let long = try await post("/small", "{}\n{" + String(repeating: " ", count: 20), client)
            #expect(long.status == 413)
            #expect(long.text.contains("line 2 of the body is longer than 20 bytes"))
            let many = try await post("/small", "{}\n\n{}\n{}\n", client)
            #expect(many.status == 413 && many.text.contains("more than 3 lines"))
        }
    }

    @Test func `nothing is read after an error`() async throws {
        var routes = Router()
        routes.post("/orders") { exchange in
            var orders = exchange.jsonLines(Order.self).makeAsyncIterator()
            await #expect(throws: Problem.self) { try await orders.next() }
            return "\(try await orders.next() == nil)"
        }
        try await withTestClient(handler: routes) { client async throws in
            #expect(try await post("/orders", "x\n{\"id\":1}\n", client).text == "true")
        }
    }

    // MARK: Responses

    @Test func `values are sent as lines`() async throws {
        try await withTestClient(handler: Self.routes) { client async throws in
            let response = try await client.post(
                "/copy", headers: [.contentType: "application/ndjson"],
                body: .text("{\"id\":1,\"note\":\"a\\nb\"}\n{\"id\":2}\n"))
            #expect(response["content-type"] == "application/x-ndjson")
            let lines = response.text.split(separator: "\n", omittingEmptySubsequences: false)
            #expect(lines.count == 3 && lines[2].isEmpty)
            let orders = try lines.dropLast().map {
                try JSONConfiguration().decode(Order.self, from: Array($0.utf8))
            }
            #expect(orders == [Order(id: 1, note: "a\nb"), Order(id: 2)])
        }
    }

    @Test func `a coder that writes several lines is changed to one`() async throws {
        var routes = Router()
        let configuration = JSONConfiguration(
            coding: FoundationJSONCoding(configureEncoder: {
                $0.outputFormatting = [.prettyPrinted, .sortedKeys]
            }))
        routes.group([JSONSettings(configuration)]) {
            $0.get("/orders") { _ in
                Response.jsonLines(
                    AsyncStream(of: [Order(id: 1, note: "x"), Order(id: 2)]), status: .accepted,
                    contentType: "application/jsonl", flushesEachLine: false)
            }
        }
        try await withTestClient(handler: routes) { client async throws in
            let response = try await client.get("/orders")
            #expect(response.status == .accepted)
            #expect(response["content-type"] == "application/jsonl")
            let lines = response.text.split(separator: "\n")
            #expect(
                lines.map { $0.filter { $0 != " " } } == [#"{"id":1,"note":"x"}"#, #"{"id":2}"#])
            #expect(try await client.head("/orders").body.isEmpty)
        }
    }

    @Test func `a line is received while the next one is awaited`() async throws {
        let (orders, feed) = AsyncStream.makeStream(of: Order.self)
        var routes = Router()
        routes.get("/orders") { _ in Response.jsonLines(orders) }
        feed.yield(Order(id: 1))
        try await withTestClient(handler: routes) { client async throws in
            try await client.withResponse(.get, "/orders") { response async throws in
                for number in 1...3 {
                    #expect(try await response.next() == Array("{\"id\":\(number)}\n".utf8))
                    if number < 3 { feed.yield(Order(id: number + 1)) }
                }
                feed.finish()
                #expect(try await response.next() == nil)
            }
        }
    }

    @Test func `values are not requested for a client that does not read`() async throws {
        let made = Counter()
        let text = String(repeating: "x", count: 16 << 10)
        let orders = AsyncStream(unfolding: { Order(id: made.next(), note: text) })
        let ended = Gate()
        var routes = Router()
        routes.group([EndSignal(gate: ended)]) {
            $0.get("/orders") { _ in Response.jsonLines(orders) }
        }
        try await withTestClient(handler: routes) { client async throws in
            // Reads one piece and disconnects.
            _ = try await client.withResponse(.get, "/orders") { try await $0.next() }
            try await ended.wait()
            // More than the buffers of a connection contain.
            #expect(made.value < 1024)
        }
    }

    @Test func `an error of the sequence aborts the response`() async throws {
        struct Failure: Error {}
        var routes = Router()
        routes.get("/later") { _ in
            Response.jsonLines(
                AsyncThrowingStream<Order, any Error> { stream in
                    stream.yield(Order(id: 1))
                    stream.finish(throwing: Failure())
                })
        }
        routes.get("/first") { _ in
            Response.jsonLines(
                AsyncThrowingStream<Order, any Error> { $0.finish(throwing: Problem(.conflict)) })
        }
        try await withTestClient(handler: routes) { client async throws in
            await #expect(throws: (any Error).self) { try await client.get("/later") }
            #expect(try await client.get("/first").status == .conflict)
        }
    }
}

/// Counts the elements that were requested.
private final class Counter: Sendable {
    private let count = Mutex(0)

    var value: Int { count.withLock(\.self) }

    func next() -> Int {
        count.withLock { count in
            count += 1
            return count
        }
    }
}

/// Opens a gate at the end of an exchange.
private struct EndSignal: Middleware {
    let gate: Gate

    func intercept(_ exchange: Exchange, next: Next) async throws {
        defer { gate.open() }
        try await next(exchange)
    }
}

extension AsyncStream where Element: Sendable {
    /// Creates a stream of these elements.
    fileprivate init(of elements: [Element]) {
        self.init { stream in
            for element in elements { stream.yield(element) }
            stream.finish()
        }
    }
}
