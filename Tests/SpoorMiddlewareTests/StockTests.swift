import HTTPTypes
import Logging
import SpoorHTTP
import TestSupport
import Testing

@testable import SpoorMiddleware

@Suite struct StockTests {
    private struct Broken: Error {}

    @Test func `the access log has a line for an exchange, without the query`() async throws {
        let lines = LogRecorder()
        let transport = RecordingTransport()
        let exchange = Exchange.stub(.stub(.get, "/a?secret=1"), over: transport)
        let chain = MiddlewareChain(
            [AccessLog(logger: lines.logger)], handler: SyncHandler { _ in "hello" })
        try await chain.run(exchange)
        let line = try #require(lines.lines.first)
        #expect(lines.lines.count == 1)
        #expect(line.level == .info)
        #expect(line.metadata["method"] == "GET")
        #expect(line.metadata["path"] == "/a")
        #expect(line.metadata["status"] == "200")
        #expect(line.metadata["bytes"] == "5")
        #expect(line.metadata["peer"] == "127.0.0.1:50000")
        let duration = try #require(line.metadata["duration"].flatMap { Double("\($0)") })
        #expect(duration >= 0)
        #expect(line.metadata["outcome"] == "completed")
        #expect(line.metadata["bytes_received"] == "0")
    }

    @Test func `the access log reports an error, with the status that was sent`() async throws {
        let lines = LogRecorder()
        let transport = RecordingTransport()
        let chain = MiddlewareChain(
            [AccessLog(logger: lines.logger), ErrorMiddleware()],
            handler: SyncHandler { _ -> String in throw Broken() })
        try await chain.run(.stub(over: transport))
        let line = try #require(lines.lines.first)
        #expect(line.level == .error)
        #expect(line.metadata["status"] == "500")
        #expect(line.metadata["error"] == "Broken()")
    }

    @Test func `a duration is seconds as a number`() {
        #expect(Duration.microseconds(1_204).secondsText == "0.001204")
        #expect(Duration.milliseconds(61_500).secondsText == "61.500000")
        #expect(Duration.nanoseconds(999).secondsText == "0.000000")
        #expect(Duration.seconds(-1).secondsText == "0.000000")
    }

    @Test(arguments: [
        (404, Logger.Level.info), (400, .info), (499, .info), (500, .error), (503, .error),
    ])
    func `statuses from 500 on are errors, others are not`(
        code: Int, level: Logger.Level
    ) async throws {
        for links in [[], [ErrorMiddleware()]] as [[any Middleware]] {
            let lines = LogRecorder()
            let chain = MiddlewareChain(
                [AccessLog(logger: lines.logger)] + links,
                handler: SyncHandler { _ -> String in throw HTTPError(.init(code: code)) })
            let transport = RecordingTransport()
            try await chain.run(.stub(over: transport))
            let line = try #require(lines.lines.first { $0.message == "request" })
            #expect(line.level == level)
            #expect(line.metadata["status"] == "\(code)")
            #expect(line.metadata["outcome"] == "completed")
        }
    }

    @Test(arguments: [true, false])
    func `a client that disconnects is not a failure of the server`(isInside: Bool) async throws {
        let lines = LogRecorder()
        let transport = RecordingTransport()
        transport.interruption = .peerDisconnected
        let chain = MiddlewareChain(
            [AccessLog(logger: lines.logger)] + (isInside ? [ErrorMiddleware()] : []),
            handler: SyncHandler { _ -> String in
                throw CancellationError()
            })
        await #expect(throws: CancellationError.self) {
            try await chain.run(.stub(over: transport))
        }
        #expect(transport.text.isEmpty)
        let line = try #require(lines.lines.first { $0.message == "request" })
        #expect(line.level == .info)
        #expect(line.metadata["status"] == "499")
        #expect(line.metadata["outcome"] == "client_disconnected")
    }

    @Test func `a client that disconnects in the body is logged with the status that was sent`()
        async throws
    {
        let lines = LogRecorder()
        let transport = RecordingTransport()
        transport.interruption = .peerDisconnected
        let chain = MiddlewareChain(
            [AccessLog(logger: lines.logger)],
            handler: StreamingHandler { exchange in
                try await exchange.response.write("begun")
                throw CancellationError()
            })
        await #expect(throws: CancellationError.self) {
            try await chain.run(.stub(over: transport))
        }
        let line = try #require(lines.lines.first { $0.message == "request" })
        #expect(line.level == .info)
        #expect(line.metadata["status"] == "200")
        #expect(line.metadata["bytes"] == "5")
        #expect(line.metadata["outcome"] == "client_disconnected")
    }

    @Test func `an aborted response is an error`() async throws {
        let lines = LogRecorder()
        let transport = RecordingTransport()
        let chain = MiddlewareChain(
            [AccessLog(logger: lines.logger)],
            handler: StreamingHandler { exchange in
                try await exchange.response.write("begun")
                throw Broken()
            })
        await #expect(throws: Broken.self) { try await chain.run(.stub(over: transport)) }
        let line = try #require(lines.lines.first { $0.message == "request" })
        #expect(line.level == .error)
        #expect(line.metadata["outcome"] == "aborted")
    }

    @Test func `metrics pass the exchange and its errors through`() async throws {
        let transport = RecordingTransport()
        let exchange = Exchange.stub(over: transport)
        try await MiddlewareChain([RequestMetrics()], handler: SyncHandler { _ in "x" }).run(
            exchange)
        #expect(transport.text == "x")
        let failing = MiddlewareChain(
            [RequestMetrics()], handler: SyncHandler { _ -> String in throw HTTPError(.conflict) })
        let other = Exchange.stub(over: RecordingTransport())
        try await failing.run(other)
        #expect(other.response.status == .conflict)
    }
}
