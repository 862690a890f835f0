import HTTPTypes
import SpoorHTTP
import SpoorMiddleware
import Synchronization
import TestSupport
import Testing

/// Records when it is entered and left, and whether the response is complete.
private struct RecordingMiddleware: Middleware {
    let name: String
    let calls: Calls

    func intercept(_ exchange: Exchange, next: Next) async throws {
        calls.add("\(name) in")
        defer { calls.add("\(name) out, complete \(exchange.response.isComplete)") }
        try await next(exchange)
    }
}

private final class Calls: Sendable {
    private let lines = Mutex<[String]>([])
    func add(_ line: String) { lines.withLock { $0.append(line) } }
    var all: [String] { lines.withLock { $0 } }
}

private struct TestError: Error {}

@Suite struct MiddlewareChainTests {
    @Test func `next returns when the whole response has been sent`() async throws {
        let calls = Calls()
        let transport = RecordingTransport()
        let chain = MiddlewareChain(
            [
                RecordingMiddleware(name: "outer", calls: calls),
                RecordingMiddleware(name: "inner", calls: calls),
            ],
            handler: StreamingHandler { exchange in try await exchange.response.write("x") })
        try await chain.run(.stub(over: transport))
        #expect(
            calls.all == [
                "outer in", "inner in", "inner out, complete true", "outer out, complete true",
            ])
        #expect(transport.isFinished)
    }

    @Test func `a middleware may answer without calling next`() async throws {
        struct Refusing: Middleware {
            func intercept(_ exchange: Exchange, next: Next) async throws {
                try await exchange.response.send(Response(status: .forbidden, text: "no"))
            }
        }
        let transport = RecordingTransport()
        let exchange = Exchange.stub(over: transport)
        try await MiddlewareChain([Refusing()], handler: SyncHandler { _ in "yes" }).run(exchange)
        #expect(exchange.response.status == .forbidden)
        #expect(transport.text == "no")
    }

    @Test func `a handler that writes nothing answers with the status and headers that were set`()
        async throws
    {
        let transport = RecordingTransport()
        let exchange = Exchange.stub(over: transport)
        let chain = MiddlewareChain(
            handler: StreamingHandler { exchange in exchange.response.status = .accepted })
        try await chain.run(exchange)
        #expect(exchange.response.status == .accepted)
        #expect(transport.headCount == 1)
        #expect(transport.isFinished)
    }

    @Test func `a thrown error becomes a 500 without details`() async throws {
        let transport = RecordingTransport()
        let exchange = Exchange.stub(over: transport)
        try await MiddlewareChain(handler: SyncHandler { _ -> String in throw TestError() }).run(
            exchange)
        #expect(exchange.response.status == .internalServerError)
        #expect(exchange.response.failure is TestError)
        #expect(!transport.text.contains("TestError"))
    }

    @Test func `an error that defines a response becomes that response`() async throws {
        let transport = RecordingTransport()
        let exchange = Exchange.stub(over: transport)
        exchange.response.headers[.accessControlAllowOrigin] = "*"
        exchange.response.headers[.eTag] = "\"1\""
        let chain = MiddlewareChain(
            handler: SyncHandler { _ -> String in
                throw HTTPError(.conflict, "taken", headers: [.retryAfter: "1"])
            })
        try await chain.run(exchange)
        #expect(exchange.response.status == .conflict)
        #expect(transport.text.hasSuffix(#","status":409,"detail":"taken"}"#))
        #expect(exchange.response.headers[.vary] == "Accept")
        #expect(exchange.response.headers[.retryAfter] == "1")
        #expect(exchange.response.headers[.accessControlAllowOrigin] == "*")
        #expect(exchange.response.headers[.eTag] == nil)
    }

    @Test func `an invalid response header becomes a 500`() async throws {
        let transport = RecordingTransport()
        let exchange = Exchange.stub(over: transport)
        let chain = MiddlewareChain(
            handler: StreamingHandler { exchange in
                exchange.response.headers[.location] = "/a\r\nX-Injected: yes"
                try await exchange.response.send(Response(text: "moved"))
            })
        try await chain.run(exchange)
        #expect(exchange.response.status == .internalServerError)
        #expect(exchange.response.failure as? HeaderError == HeaderError(name: "Location"))
        #expect(!transport.text.contains("moved"))
        #expect(transport.isFinished && exchange.response.headers[.location] == nil)
    }

    @Test func `an error whose response has an invalid header becomes a 500`() async throws {
        let transport = RecordingTransport()
        let exchange = Exchange.stub(over: transport)
        let chain = MiddlewareChain(
            handler: StreamingHandler { _ in
                throw HTTPError(.unauthorized, headers: [.wwwAuthenticate: "Basic realm=\"\n\""])
            })
        try await chain.run(exchange)
        #expect(exchange.response.status == .internalServerError)
        #expect(transport.isFinished && transport.headCount == 1)
    }

    @Test func `an error after the head is sent aborts the exchange`() async throws {
        let transport = RecordingTransport()
        let exchange = Exchange.stub(over: transport)
        let chain = MiddlewareChain(
            handler: StreamingHandler { exchange in
                try await exchange.response.write("half")
                throw TestError()
            })
        await #expect(throws: TestError.self) { try await chain.run(exchange) }
        #expect(!transport.isFinished)
        #expect(transport.headCount == 1)
    }

    @Test func `a second response is rejected`() async throws {
        let transport = RecordingTransport()
        let exchange = Exchange.stub(over: transport)
        try await exchange.response.send(Response(text: "one"))
        await #expect(throws: ResponseStateError.headAlreadySent) {
            try await exchange.response.send(Response(text: "two"))
        }
        #expect(transport.text == "one")
    }

    @Test func `middlewares pass values to each other`() async throws {
        enum Reader: ExchangeKey { typealias Value = String }
        let transport = RecordingTransport()
        let exchange = Exchange.stub(over: transport)
        exchange[Reader.self] = "Ada"
        #expect(exchange[Reader.self] == "Ada")
        exchange.reset()
        #expect(exchange[Reader.self] == nil)
    }
}
