import HTTPTypes
import JaegerTracing
import SpoorHTTP
import SpoorMiddleware
import SpoorServer
import SpoorTesting
import SpoorTracing
import TestSupport
import Testing
import Tracing

/// Interruptions of an exchange over real connections are recorded on the span.
@Suite(.finishes(within: .seconds(60))) struct OutcomeTests {
    private let reporter = InMemoryReporter()

    private func tracing() -> ServerTracing {
        ServerTracing(
            JaegerTracer.stub(reporter), configuration: .init(conventions: .both))
    }

    private func onlySpan() throws -> FinishedSpan {
        #expect(reporter.spans.count == 1)
        return try #require(reporter.spans.first)
    }

    private func events(_ span: FinishedSpan) -> [TagValue?] {
        span.logs.map { $0.fields.first?.value }
    }

    @Test(arguments: [TestMode.inProcess, .loopback])
    func `a client that disconnects is recorded on the span`(mode: TestMode) async throws {
        let entered = Gate()
        let handler = AsyncHandler { _ in
            entered.open()
            try await Gate().wait()
            return "late"
        }
        try await withTestClient(over: mode, middleware: [tracing()], handler: handler) { client in
            try await client.withRawConnection { peer in
                try await peer.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                try await entered.wait()
            }
        }
        let span = try onlySpan()
        #expect(events(span).contains("http.client_disconnected"))
        #expect(span[tag: "error.type"] == nil)
        #expect(span[tag: "error"] == nil)
        #expect(span[tag: "http.status_code"] == nil)
        #expect(span[tag: "http.response.status_code"] == nil)
    }

    @Test(arguments: [TestMode.inProcess, .loopback])
    func `a client that receives the response nevertheless is not an error`(mode: TestMode)
        async throws
    {
        let entered = Gate()
        let handler = AsyncHandler { _ in
            entered.open()
            while !Task.isCancelled { await Task.yield() }
            return "all the same"
        }
        try await withTestClient(over: mode, middleware: [tracing()], handler: handler) { client in
            _ = try await client.withRawConnection { peer in
                try await peer.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                try await entered.wait()
                try await peer.closeOutput()
                return try await peer.readToEnd()
            }
        }
        let span = try onlySpan()
        #expect(events(span) == ["http.client_disconnected"])
        #expect(span[tag: "error"] == nil)
        #expect(span[tag: "error.type"] == nil)
        #expect(span[tag: "http.status_code"] == 200)
    }

    @Test(arguments: [TestMode.inProcess, .loopback])
    func `an interruption is logged with its own time`(mode: TestMode) async throws {
        let entered = Gate()
        let handler = AsyncHandler { _ in
            entered.open()
            while !Task.isCancelled { await Task.yield() }
            for _ in 0..<1_000 { await Task.yield() }
            (ServiceContext.current?.jaegerSpan)?.log([SpanTag("event", "cleared up")])
            return "all the same"
        }
        try await withTestClient(over: mode, middleware: [tracing()], handler: handler) { client in
            _ = try await client.withRawConnection { peer in
                try await peer.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                try await entered.wait()
                try await peer.closeOutput()
                return try await peer.readToEnd()
            }
        }
        let logs = try onlySpan().logs.sorted {
            $0.nanosecondsSinceEpoch < $1.nanosecondsSinceEpoch
        }
        #expect(
            logs.map { $0.fields.first?.value } == ["http.client_disconnected", "cleared up"])
    }

    @Test(arguments: [TestMode.inProcess, .loopback])
    func `a handler that times out is recorded on the span`(mode: TestMode) async throws {
        let handler = AsyncHandler { _ in
            try await Gate().wait()
            return "late"
        }
        try await withTestClient(
            over: mode, middleware: [tracing(), RequestTimeout(.milliseconds(1))], handler: handler
        ) { client in
            let response = try await client.get("/")
            #expect(response.status == .serviceUnavailable)
        }
        let span = try onlySpan()
        #expect(
            span.logs.first?.fields == [
                SpanTag("event", "http.timeout"), SpanTag("phase", "handler"),
            ])
        #expect(span[tag: "error.type"] == "timeout")
        #expect(span[tag: "http.response.status_code"] == 503)
    }

    @Test(arguments: [TestMode.inProcess, .loopback])
    func `a body that times out is recorded on the span`(mode: TestMode) async throws {
        var limits = ServerLimits()
        limits.bodyTimeout = .milliseconds(1)
        let handler = AsyncHandler { exchange in
            _ = try await exchange.body.collect(upTo: 100)
            return "never"
        }
        try await withTestClient(
            over: mode, middleware: [tracing()], handler: handler, limits: limits
        ) { client in
            let response = try await client.roundTrip([
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n"
            ])
            #expect(response.hasPrefix("HTTP/1.1 408 "))
        }
        let span = try onlySpan()
        #expect(
            span.logs.map(\.fields) == [
                [SpanTag("event", "http.timeout"), SpanTag("phase", "body")]
            ])
        #expect(span[tag: "http.status_code"] == 408)
        #expect(span[tag: "error"] == nil)
    }

    @Test(arguments: [TestMode.inProcess, .loopback])
    func `an incomplete body is recorded on the span`(mode: TestMode) async throws {
        let handler = AsyncHandler { exchange in
            _ = try await exchange.body.collect(upTo: 100)
            return "never"
        }
        try await withTestClient(over: mode, middleware: [tracing()], handler: handler) { client in
            _ = try await client.roundTrip(
                ["POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab"], closesOutput: true)
        }
        #expect(events(try onlySpan()) == ["http.client_disconnected"])
    }

    @Test func `a server that aborts the exchange is recorded on the span`() async throws {
        var limits = ServerLimits()
        limits.gracefulShutdownTimeout = .milliseconds(1)
        let entered = Gate()
        let handler = AsyncHandler { exchange in
            entered.open()
            _ = try await exchange.body.collect(upTo: 100)
            return "never"
        }
        try await withServer(middleware: [tracing()], handler: handler, limits: limits) {
            bound, server in
            try await RawConnection.connected(to: bound) { peer in
                try await peer.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n")
                try await entered.wait()
                server.triggerGracefulShutdown()
                _ = try? await peer.readToEnd()
            }
        }
        let span = try onlySpan()
        #expect(events(span).contains("http.server_aborted"))
        #expect(span[tag: "error.type"] == "aborted")
    }

    @Test(arguments: TestMode.allCases)
    func `an exchange over a real connection has its phases and its sizes`(mode: TestMode)
        async throws
    {
        let configuration = ServerTracingConfiguration(
            conventions: .stable, recordsBodySizes: true, recordsPhases: true,
            traceResponseHeader: .traceResponse)
        var routes = Router()
        routes.stream(.post, "/echo") { exchange in
            while let piece = try await exchange.body.next() {
                try await exchange.response.write(piece)
            }
        }
        try await withTestClient(
            over: mode,
            middleware: [
                ServerTracing(JaegerTracer.stub(reporter), configuration: configuration)
            ], handler: routes
        ) { client in
            let response = try await client.post("/echo", body: .text("hello"))
            #expect(response.text == "hello")
            #expect(response["traceresponse"]?.utf8.count == 55)
        }
        let span = try onlySpan()
        #expect(span.operationName == "POST /echo")
        #expect(span[tag: "url.scheme"] == (mode == .tls ? "https" : "http"))
        #expect(span[tag: "http.request.body.size"] == 5)
        #expect(span[tag: "http.response.body.size"] == 5)
        #expect(Set(events(span)).count == 4)
    }

    @Test func `a client's failure contains the peer that it reached`() async throws {
        let clients = ClientTracing(
            JaegerTracer.stub(reporter), configuration: .init(conventions: .stable))
        try await withTestClient(
            over: .loopback,
            handler: StreamingHandler { exchange in
                try await exchange.response.write("begun")
                try await exchange.response.flush()
                throw CancellationError()
            }, clientMiddleware: [clients]
        ) { client in
            await #expect(throws: (any Error).self) { try await client.get("/") }
        }
        let span = try onlySpan()
        #expect(span[tag: "network.peer.address"] == "127.0.0.1")
        #expect(span[tag: "network.protocol.version"] == "1.1")
        #expect(span[tag: "error.type"] == "connection_broken")
    }
}
