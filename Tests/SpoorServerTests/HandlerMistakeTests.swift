import HTTPTypes
import Logging
import SpoorHTTP
import SpoorHTTP1
import SpoorMiddleware
import SpoorNetworking
import SpoorServer
import SpoorTesting
import TestSupport
import Testing

/// Mistakes of handlers that have no effect, or come too late, are logged, and nothing of them reaches the client.
@Suite(.finishes(within: .seconds(60))) struct HandlerMistakeTests {
    private struct Mishap: Error {}

    private static let get = "GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

    /// Returns what a separate server sends, and what it logs.
    private static func outcome(
        of request: String = get, limits: ServerLimits = ServerLimits(),
        middleware: [any Middleware] = [], handler: any Handler,
        logsRequests: Bool = false
    ) async throws -> (response: String?, log: [LogRecorder.Line]) {
        let log = LogRecorder()
        let server = HTTPServer(
            listening: .loopback(port: 0),
            middleware: (logsRequests ? [AccessLog(logger: log.logger)] : []) + middleware,
            handler: handler, limits: limits, loopCount: 1, logger: log.logger)
        let running = Task { try await server.run() }
        let bound = try await server.localAddresses()[0]
        let response = try? await RawConnection.roundTrip(to: bound, [request], closesOutput: false)
        server.triggerGracefulShutdown()
        try await running.value
        return (response, log.lines)
    }

    // MARK: Bodies that no response with the status has

    @Test(arguments: [204, 205, 304])
    func `writing a body that the status does not have is an error with that reason`(code: Int)
        async throws
    {
        let status = HTTPResponse.Status(code: code)
        let handler = StreamingHandler { exchange in
            exchange.response.status = status
            try await exchange.response.write("")
            try await exchange.response.write("x")
        }
        let (response, log) = try await Self.outcome(handler: handler)
        #expect(response?.hasPrefix("HTTP/1.1 500 ") == true)
        let errors = log.filter { $0.level == .error }.map { $0.metadata["error"] ?? "" }
        #expect(errors.count == 1)
        #expect(errors.first?.contains("a response with status \(code) has no body") == true)
    }

    @Test(arguments: [204, 205, 304])
    func `a whole response with such a body is sent without the body, which is logged`(code: Int)
        async throws
    {
        let handler = SyncHandler { _ in Response(status: .init(code: code), text: "not sent") }
        let (received, log) = try await Self.outcome(handler: handler)
        #expect(received?.hasPrefix("HTTP/1.1 \(code) ") == true)
        #expect(received?.contains("not sent") == false)
        let lines = log.filter { $0.message.contains("body of response ignored") }
        #expect(lines.map { $0.metadata["status"] } == ["\(code)"])
        #expect(lines.map(\.level) == [.debug])
    }

    // MARK: Headers that the server writes

    @Test func `framing headers that are not sent as set are logged`() async throws {
        let handler = SyncHandler { _ in
            Response(
                status: .ok,
                headers: [
                    .contentLength: "7", .transferEncoding: "chunked", .connection: "close, x-foo",
                ], text: "x")
        }
        let (response, log) = try await Self.outcome(handler: handler)
        #expect(response?.contains("x-foo") == false)
        let names = log.filter { $0.message.contains("framing header of response ignored") }
            .compactMap { $0.metadata["header"]?.lowercased() }
        #expect(names.sorted() == ["connection", "content-length", "transfer-encoding"])
    }

    @Test func `framing headers that match what is sent are not logged`() async throws {
        let whole = SyncHandler { _ in
            Response(status: .ok, headers: [.contentLength: "1", .connection: "close"], text: "x")
        }
        let streamed = StreamingHandler { exchange in
            exchange.response.headers[.transferEncoding] = "chunked"
            try await exchange.response.write("x")
        }
        let handlers: [any Handler] = [whole, streamed]
        for handler in handlers {
            let (_, log) = try await Self.outcome(handler: handler)
            #expect(!log.contains { $0.message.contains("framing header of response ignored") })
        }
    }

    // MARK: Responses after the timeout of the request

    @Test func `a response after the timeout is a 503, also from a handler that continues`()
        async throws
    {
        let whole = AsyncHandler { _ in
            try? await Gate().wait()
            return "late"
        }
        let insisting = StreamingHandler { exchange in
            try? await Gate().wait()
            try? await exchange.response.sendInterim(.init(code: 103))
            try? await exchange.response.send(Response(text: "late"))
            exchange.response.status = .accepted
        }
        let failing = AsyncHandler { _ -> String in
            try? await Gate().wait()
            throw HTTPError(.conflict, "late")
        }
        let handlers: [any Handler] = [whole, insisting, failing]
        for handler in handlers {
            // The inner timeout expires, the outer one is for its response.
            let (received, log) = try await Self.outcome(
                middleware: [RequestTimeout(.seconds(60)), RequestTimeout(.milliseconds(20))],
                handler: handler, logsRequests: true)
            #expect(received?.hasPrefix("HTTP/1.1 503 ") == true)
            #expect(received?.contains("late") == false)
            #expect(received?.contains("Connection: close\r\n") == true)
            let requests = log.filter { $0.message == "request" }
            #expect(requests.map { $0.metadata["status"] } == ["503"])
        }
    }

    @Test func `a body that is truncated by the timeout does not appear complete`() async throws {
        let handler = StreamingHandler { exchange in
            try await exchange.response.write("begun")
            try await exchange.response.flush()
            try? await Gate().wait()
            try? await exchange.response.write("late")
        }
        let (response, _) = try await Self.outcome(
            middleware: [RequestTimeout(.milliseconds(20))], handler: handler)
        #expect(response?.contains("late") != true)
        #expect(response?.hasSuffix("0\r\n\r\n") != true)
    }

    // MARK: Errors

    private struct Failing: Middleware {
        func intercept(_ exchange: Exchange, next: Next) async throws {
            try await next(exchange)
            throw Mishap()
        }
    }

    private struct CallingTwice: Middleware {
        func intercept(_ exchange: Exchange, next: Next) async throws {
            try await next(exchange)
            try await next(exchange)
        }
    }

    private struct SendingFirst: Middleware {
        func intercept(_ exchange: Exchange, next: Next) async throws {
            try await exchange.response.send(Response(text: "x"))
            try await next(exchange)
        }
    }

    @Test func `an error after a complete response is logged as such`() async throws {
        let middlewares: [any Middleware] = [Failing(), CallingTwice(), SendingFirst()]
        for middleware in middlewares {
            let (received, log) = try await Self.outcome(
                middleware: [middleware], handler: SyncHandler { _ in "x" })
            #expect(received?.hasPrefix("HTTP/1.1 200 ") == true)
            #expect(received?.hasSuffix("\r\n\r\nx") == true)
            #expect(
                log.filter { $0.level == .error }.map(\.message)
                    == ["error thrown after complete response"])
        }
    }

    @Test
    func `the error of a rejected body contains what arrived, or the limit and how to raise it`()
        async throws
    {
        var limits = ServerLimits()
        limits.http1.maxBodyBytes = 10
        let head = "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
        let cases = [
            (head + "Content-Length: 11\r\n\r\n", ["10 bytes", "BodyLimit"]),
            (
                head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
                ["\"zz\\r\\n\"", "a chunk size of 1 to 16 hexadecimal digits"]
            ),
        ]
        for (request, texts) in cases {
            let (_, log) = try await Self.outcome(
                of: request, limits: limits,
                handler: AsyncHandler { try await $0.body.collect(upTo: 1 << 20) },
                logsRequests: true)
            let error = log.first { $0.message == "request" }?.metadata["error"] ?? ""
            for text in texts { #expect(error.contains(text), "\(error)") }
        }
    }
}
