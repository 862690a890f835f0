import CollectorSupport
import JaegerCollector
import Logging
import SpoorTesting
import Spoor
import TestSupport
import Testing
import Tracing

/// The path of spans end to end over loopback: server, chain, tracer, client, reporter, collector, query API.
@Suite(.finishes(within: .seconds(60))) struct TrailTests {
    /// Runs two services, the first of which calls the second, while `body` sends requests to the first.
    private func withTwoServices(
        _ reporter: HTTPReporter, _ body: (_ front: SocketAddress) async throws -> Void
    ) async throws {
        let back = JaegerTracer(serviceName: "back", reporter: reporter)
        let front = JaegerTracer(serviceName: "front", reporter: reporter)
        let client = HTTPClient(middleware: [ClientTracing(front)])

        var backRoutes = Router()
        backRoutes.get("/parts/{id}") { exchange in
            back.withSpan("count") { span in span.setTag("counted", true) }
            return "part \(exchange.parameters["id"] ?? "-")"
        }
        try await withServer(middleware: [ServerTracing(back)], handler: backRoutes) {
            backAddress, _ in
            var frontRoutes = Router()
            frontRoutes.stream(.get, "/things/{id}") { exchange in
                let id = exchange.parameters["id"] ?? "-"
                let response = try await client.execute(
                    HTTPClientRequest(.get, "http://\(backAddress)", path: URLPath("parts", id)))
                for piece in ["thing ", "of ", response.text] {
                    try await exchange.response.write(piece)
                }
            }
            try await withServer(middleware: [ServerTracing(front)], handler: frontRoutes) {
                frontAddress, _ in try await body(frontAddress)
            }
        }
    }

    @Test func `a request through two services leaves one trace, found by its debug id`()
        async throws
    {
        try await withCollector { reporter, _, query in
            try await withTwoServices(reporter) { front in
                let headers = ["jaeger-debug-id": "my-bug", "jaeger-baggage": "user=Ada"].asHeaders
                let response = try await HTTPClient().execute(
                    HTTPClientRequest(.get, "http://\(front)/things/7?secret=1", headers: headers))
                #expect(response.text == "thing of part 7")
            }
            await reporter.forceFlush()

            let found = try await QueriedTrace.fetch(
                "service=front&tag=jaeger-debug-id:my-bug", from: query)
            try #require(found.count == 1)
            let trace = found[0]
            #expect(trace.spans.count == 4)
            #expect(Set(trace.spans.map(\.traceID)) == [trace.traceID])
            #expect(trace.spans.allSatisfy { $0.flags == 3 })

            let root = try #require(trace.span("front", "GET /things/{id}"))
            let call = try #require(trace.span("front", "GET"))
            let server = try #require(trace.span("back", "GET /parts/{id}"))
            let nested = try #require(trace.span("back", "count"))
            #expect(root.references.isEmpty)
            #expect(call.references.map(\.spanID) == [root.spanID])
            #expect(server.references.map(\.spanID) == [call.spanID])
            #expect(nested.references.map(\.spanID) == [server.spanID])

            #expect(root.text("jaeger-debug-id") == "my-bug")
            #expect(root.text("span.kind") == "server")
            #expect(root.text("component") == "spoor")
            #expect(root.text("http.method") == "GET")
            #expect(root.text("http.status_code") == "200")
            #expect(root.text("http.url")?.hasSuffix("/things/7") == true)
            #expect(root.text("peer.ipv4") == "127.0.0.1")
            #expect(root.text("error") == nil)
            #expect(call.text("span.kind") == "client")
            #expect(nested.text("counted") == "true")
        }
    }

    @Test func `spans of errors are marked, and a malformed header has no effect`() async throws {
        try await withCollector { reporter, _, query in
            let tracer = JaegerTracer(serviceName: "svc", reporter: reporter)
            var routes = Router()
            routes.get("/fails") { _ -> String in throw HTTPError(.serviceUnavailable, "not now") }
            routes.get("/fine") { _ in "fine" }
            try await withServer(
                middleware: [ServerTracing(tracer), ErrorMiddleware()], handler: routes
            ) { address, _ in
                let client = HTTPClient()
                let malformed = ["uber-trace-id": "no:trace:at:all:1"].asHeaders
                let failed = try await client.execute(
                    HTTPClientRequest(.get, "http://\(address)/fails", headers: malformed))
                #expect(failed.status.code == 503)
                #expect(failed.text.contains(#""detail":"not now","traceId":""#))
                let joined = ["uber-trace-id": "abc:def:0:1"].asHeaders
                let fine = try await client.execute(
                    HTTPClientRequest(.get, "http://\(address)/fine", headers: joined))
                #expect(fine.text == "fine")
                let none = try await client.execute(
                    HTTPClientRequest(.get, "http://\(address)/none"))
                #expect(none.status.code == 404)
            }
            await reporter.forceFlush()

            let traces = try await QueriedTrace.fetch("service=svc", from: query)
            let spans = traces.flatMap(\.spans)
            let failed = try #require(spans.first { $0.operationName == "GET /fails" })
            #expect(failed.text("error") == "true")
            #expect(failed.text("http.status_code") == "503")
            #expect(failed.references.isEmpty)
            let fine = try #require(spans.first { $0.operationName == "GET /fine" })
            #expect(fine.traceID == "0000000000000abc")
            #expect(fine.references.map(\.spanID) == ["0000000000000def"])
            let none = try #require(spans.first { $0.operationName == "GET" })
            #expect(none.text("http.status_code") == "404")
            #expect(none.text("error") == nil)
        }
    }

    @Test func `thousands of spans under load are all accounted for`() async throws {
        try await withCollector { reporter, _, query in
            let tracer = JaegerTracer(serviceName: "busy", reporter: reporter)
            try await withServer(
                middleware: [ServerTracing(tracer)], handler: SyncHandler { _ in "x" }, loopCount: 2
            ) { address, _ in
                let requests = String(
                    repeating: "GET / HTTP/1.1\r\nHost: a\r\n\r\n", count: 249)
                let last = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<8 {
                        group.addTask {
                            let responses = try await RawConnection.roundTrip(
                                to: address, [requests + last])
                            #expect(responses.split(separator: "HTTP/1.1 200 OK").count == 250)
                        }
                    }
                    try await group.waitForAll()
                }
            }
            await reporter.forceFlush()
            #expect(reporter.status.finished == 2000)
            #expect(reporter.status.sent == 2000)
            let found = try await QueriedTrace.fetch("service=busy&limit=3000", from: query)
            #expect(found.count == 2000)
        }
    }
}

extension [String: String] {
    /// The pairs as headers, without invalid names.
    fileprivate var asHeaders: Headers {
        var headers = Headers()
        for (name, value) in self {
            if let name = HTTPField.Name(name) { headers.append(name, value) }
        }
        return headers
    }
}
