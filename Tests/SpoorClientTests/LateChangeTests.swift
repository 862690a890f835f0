import HTTPTypes
import Logging
import SpoorHTTP
import TestSupport
import Testing

@testable import SpoorMiddleware

/// Client middlewares that change a request after it was sent.
@Suite struct LateChangeTests {
    /// Changes the request before and after `next`, which it calls several times.
    private struct Changing: ClientMiddleware {
        var callCount = 1
        var changesLast = true

        func intercept(_ exchange: ClientExchange, next: ClientNext) async throws {
            for number in 0..<callCount {
                exchange.request.headers[.range] = "\(number)"
                try await next(exchange)
            }
            if changesLast { exchange.request.headers[.accept] = "late" }
        }
    }

    private struct Passing: ClientMiddleware {
        func intercept(_ exchange: ClientExchange, next: ClientNext) async throws {
            try await next(exchange)
        }
    }

    /// Returns the logged lines, and the calls that were sent.
    private static func run(
        _ links: [any ClientMiddleware]
    ) async throws -> (lines: [LogRecorder.Line], sent: [String?]) {
        let log = LogRecorder()
        var sent: [String?] = []
        let chain = ClientNext(links[...], logger: log.logger) { exchange in
            sent.append(exchange.request.headers[.range])
        }
        try await chain(ClientExchange(request: HTTPClientRequest(.get, "http://a/")))
        return (log.lines, sent)
    }

    @Test func `a change that has no effect is logged once, with the middleware`() async throws {
        let (lines, sent) = try await Self.run([Passing(), Changing(), Passing()])
        #expect(sent == ["0"])
        let line = try #require(lines.first)
        #expect(lines.count == 1)
        #expect(line.level == .debug)
        #expect(
            line.message
                == "request changed after it was sent, change ignored")
        #expect(line.metadata == ["middleware": "Changing", "method": "GET"])
    }

    @Test func `a change that another call of next sends is not logged`() async throws {
        let (lines, sent) = try await Self.run([
            Passing(), Changing(callCount: 3, changesLast: false),
        ])
        #expect(sent == ["0", "1", "2"])
        #expect(lines.isEmpty)
    }
}
