import CoreMetrics
import HTTPTypes
import JaegerTracing
import Logging
import MetricsTestKit
import SpoorHTTP
import SpoorMiddleware
import SpoorTracing
import TestSupport
import Testing
import Tracing

/// The stock middlewares in every order: each must log the truth, and no error may be unreported.
@Suite struct StockOrderTests {
    private struct Mishap: Error {}

    private enum Stock: CaseIterable {
        case accessLog, errorResponses, requestMetrics, requestTimeout, bodyLimit, serverTracing
    }

    /// The behaviour of the handler, and what must be logged.
    private enum Case: String, CaseIterable {
        case returns, throwsMishap, throwsError, throwsServerError, saysNothing, hasNoRoute
        case asksForUnknownParameter, breaksOff

        var status: Int {
            switch self {
            case .returns, .breaksOff: 200
            case .throwsError: 409
            case .hasNoRoute: 404
            case .throwsMishap, .throwsServerError, .saysNothing, .asksForUnknownParameter: 500
            }
        }

        /// The prefix of the error's type in the report; nil if there is nothing to report.
        var reportedType: String? {
            switch self {
            case .returns, .throwsError, .hasNoRoute: nil
            case .throwsMishap, .breaksOff: "SpoorTracingTests.StockOrderTests"
            case .throwsServerError: "SpoorHTTP.HTTPError"
            case .saysNothing: "SpoorMiddleware.NoResponseError"
            case .asksForUnknownParameter: "SpoorHTTP.UnknownParameterError"
            }
        }
    }

    private static func permutations(_ all: [Stock]) -> [[Stock]] {
        if all.isEmpty { return [[]] }
        return all.indices.flatMap { index in
            var others = all
            let first = others.remove(at: index)
            return permutations(others).map { [first] + $0 }
        }
    }

    private static func routes() -> Router {
        var routes = Router()
        routes.stream(.get, "/{case}") { exchange in
            switch Case(rawValue: exchange.parameters["case"] ?? "") {
            case .throwsMishap: throw Mishap()
            case .throwsError: throw HTTPError(.conflict)
            case .throwsServerError: throw HTTPError(.internalServerError, "out of order")
            case .saysNothing: return
            case .asksForUnknownParameter: _ = exchange.parameters["Case"]
            case .breaksOff:
                try await exchange.response.write("half")
                throw Mishap()
            default: break
            }
            try await exchange.response.write("fine")
        }
        return routes
    }

    /// Serves one request with the stock middlewares in one order, and checks what is logged.
    private func check(_ order: [Stock], _ known: Case) async throws {
        let access = LogRecorder()
        let server = LogRecorder()
        let reporter = InMemoryReporter()
        let links: [any Middleware] = order.map { stock in
            switch stock {
            case .accessLog: AccessLog(logger: access.logger)
            case .errorResponses: ErrorMiddleware()
            case .requestMetrics: RequestMetrics()
            case .requestTimeout: RequestTimeout(.seconds(60))
            case .bodyLimit: BodyLimit(maxBytes: 10)
            case .serverTracing: ServerTracing(JaegerTracer.stub(reporter))
            }
        }
        let target = known == .hasNoRoute ? "/a/b" : "/\(known.rawValue)"
        let exchange = Exchange.stub(.stub(.get, target), over: RecordingTransport())
        let chain = MiddlewareChain(links, handler: Self.routes(), logger: server.logger)
        let comment: Comment = "\(order) \(known)"
        do {
            try await chain.run(exchange)
            #expect(known != .breaksOff, comment)
        } catch {
            #expect(known == .breaksOff, comment)
        }
        #expect(exchange.response.status.code == known.status, comment)
        #expect(access.lines.count == 1, comment)
        #expect(access.lines.first?.metadata["status"] == "\(known.status)", comment)
        let report = server.lines.first
        #expect(server.lines.count == (known.reportedType == nil ? 0 : 1), comment)
        if let type = known.reportedType, let report {
            #expect(report.level == .error, comment)
            #expect(report.metadata["method"] == "GET", comment)
            #expect(report.metadata["route"] == "/{case}", comment)
            #expect("\(report.metadata["error.type"] ?? "")".hasPrefix(type), comment)
            #expect(report.metadata["error"] != nil, comment)
        }
        #expect(reporter.spans.count == 1, comment)
    }

    @Test(arguments: Case.allCases)
    private func `no order of the stock middlewares logs a wrong line or loses an error`(
        known: Case
    ) async throws {
        for order in Self.permutations(Stock.allCases) {
            let metrics = TestMetrics()
            try await withMetricsFactory(metrics) { try await check(order, known) }
            let timers = metrics.timers.filter { $0.label == "http.server.request.duration" }
            let statuses = timers.compactMap { timer in
                timer.dimensions.first { $0.0 == "http.response.status_code" }?.1
            }
            #expect(statuses == ["\(known.status)"], "\(order)")
        }
    }

    @Test(arguments: [[], [Stock.accessLog], [.serverTracing], [.requestMetrics]])
    private func `an error is reported regardless of the middlewares`(
        order: [Stock]
    ) async throws {
        let log = LogRecorder()
        let links: [any Middleware] = order.map { stock in
            switch stock {
            case .accessLog: AccessLog(logger: LogRecorder().logger)
            case .serverTracing: ServerTracing(JaegerTracer.stub(InMemoryReporter()))
            default: RequestMetrics()
            }
        }
        let exchange = Exchange.stub(.stub(.get, "/throwsMishap"), over: RecordingTransport())
        try await MiddlewareChain(links, handler: Self.routes(), logger: log.logger).run(exchange)
        #expect(log.lines.map(\.message) == ["error answered with 500"])
        #expect(log.lines.first?.metadata["error"] == "Mishap()")
    }

    @Test func `an error that a custom middleware answers with 500 is reported, too`()
        async throws
    {
        struct Page: Middleware {
            func intercept(_ exchange: Exchange, next: Next) async throws {
                do {
                    try await next(exchange)
                } catch {
                    let page = Response(status: .internalServerError, text: "{}")
                    try await exchange.response.send(page)
                }
            }
        }
        for inner: [any Middleware] in [[], [AccessLog(logger: LogRecorder().logger)]] {
            let log = LogRecorder()
            let transport = RecordingTransport()
            let exchange = Exchange.stub(.stub(.get, "/throwsMishap"), over: transport)
            try await MiddlewareChain([Page()] + inner, handler: Self.routes(), logger: log.logger)
                .run(exchange)
            #expect(transport.text == "{}")
            #expect(log.lines.map(\.message) == ["error answered with 500"])
            #expect(log.lines.first?.metadata["error"] == "Mishap()")
        }
    }

    @Test func `the report of an error belongs to the trace of its request`() async throws {
        final class Traced: LogHandler, Sendable {
            let recorder = LogRecorder()
            var metadata: Logger.Metadata {
                get { [:] }
                set {}
            }
            var logLevel: Logger.Level {
                get { .trace }
                set {}
            }
            subscript(metadataKey key: String) -> Logger.Metadata.Value? {
                get { nil }
                set {}
            }
            func log(event: LogEvent) {
                let trace = ServiceContext.current?.spanContext?.traceID
                recorder.logger.info("\(event.message)", metadata: ["trace": "\(trace != nil)"])
            }
        }
        let handler = Traced()
        let logger = Logger(label: "test") { _ in handler }
        let links: [any Middleware] = [
            ServerTracing(JaegerTracer.stub(InMemoryReporter())), AccessLog(logger: logger),
        ]
        let exchange = Exchange.stub(.stub(.get, "/throwsMishap"), over: RecordingTransport())
        try await MiddlewareChain(links, handler: Self.routes(), logger: logger).run(exchange)
        #expect(
            handler.recorder.lines.map(\.message) == ["error answered with 500", "request"])
        #expect(handler.recorder.lines.allSatisfy { $0.metadata["trace"] == "true" })
    }
}
