import HTTPTypes
import Logging
import SpoorHTTP
import SpoorMiddleware
import Synchronization
import TestSupport
import Testing

/// Keeps log lines with their metadata.
private final class LogLines: Sendable {
    private let lines = Mutex<[(level: Logger.Level, text: String, metadata: Logger.Metadata)]>([])

    struct Handler: LogHandler {
        let target: LogLines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            target.lines.withLock {
                $0.append((event.level, "\(event.message)", event.metadata ?? [:]))
            }
        }
    }

    var logger: Logger { Logger(label: "test") { _ in Handler(target: self) } }
    var all: [(level: Logger.Level, text: String, metadata: Logger.Metadata)] {
        lines.withLock { $0 }
    }
}

@Suite struct StockTests {
    private struct Broken: Error {}

    @Test func `the access log has a line for an exchange, without the query`() async throws {
        let lines = LogLines()
        let transport = RecordingTransport()
        let exchange = Exchange.stub(.stub(.get, "/a?secret=1"), over: transport)
        let chain = MiddlewareChain(
            [AccessLog(logger: lines.logger)], handler: Respond { _ in "hello" })
        try await chain.run(exchange)
        let line = try #require(lines.all.first)
        #expect(lines.all.count == 1)
        #expect(line.level == .info)
        #expect(line.metadata["method"] == "GET")
        #expect(line.metadata["path"] == "/a")
        #expect(line.metadata["status"] == "200")
        #expect(line.metadata["bytes"] == "5")
        #expect(line.metadata["peer"] == "127.0.0.1:50000")
        #expect(line.metadata["duration"] != nil)
    }

    @Test func `the access log tells of an error, with the status that was sent`() async throws {
        let lines = LogLines()
        let transport = RecordingTransport()
        let chain = MiddlewareChain(
            [AccessLog(logger: lines.logger), ErrorResponses()],
            handler: Respond { _ -> String in throw Broken() })
        try await chain.run(.stub(over: transport))
        let line = try #require(lines.all.first)
        #expect(line.level == .error)
        #expect(line.metadata["status"] == "500")
        #expect(line.metadata["error"] == "Broken()")
    }

    @Test func `metrics pass the exchange and its errors through`() async throws {
        let transport = RecordingTransport()
        let exchange = Exchange.stub(over: transport)
        try await MiddlewareChain([RequestMetrics()], handler: Respond { _ in "x" }).run(exchange)
        #expect(transport.text == "x")
        let failing = MiddlewareChain(
            [RequestMetrics()], handler: Respond { _ -> String in throw HTTPError(.conflict) })
        let other = Exchange.stub(over: RecordingTransport())
        try await failing.run(other)
        #expect(other.response.status == .conflict)
    }
}
