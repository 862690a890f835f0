import SpoorHTTP
import SpoorMiddleware
import Testing

/// Which orders of stock middlewares are logged as mistakes.
@Suite struct StockPositionTests {
    private struct Tracing: StockMiddleware {
        static var position: StockPosition { .tracing }

        func intercept(_ exchange: Exchange, next: Next) async throws { try await next(exchange) }
    }

    private struct Custom: Middleware {
        func intercept(_ exchange: Exchange, next: Next) async throws { try await next(exchange) }
    }

    private func mistakes(_ links: [any Middleware]) -> [String] {
        MiddlewareChain(links, handler: SyncHandler { _ in "" }).orderMistakes.map {
            "\($0.outer) \($0.inner)"
        }
    }

    @Test func `the documented order has no mistake`() {
        #expect(
            mistakes([
                Tracing(), AccessLog(), RequestMetrics(), Custom(), ErrorMiddleware(), Custom(),
                RequestTimeout(.seconds(1)), BodyLimit(maxBytes: 1),
            ]).isEmpty)
        #expect(mistakes([]).isEmpty)
    }

    @Test func `recording and error middlewares may be in any order`() {
        #expect(mistakes([ErrorMiddleware(), RequestMetrics(), AccessLog()]).isEmpty)
    }

    @Test func `tracing belongs outside of the others`() {
        #expect(mistakes([AccessLog(), Tracing()]) == ["AccessLog Tracing"])
        #expect(
            mistakes([Custom(), ErrorMiddleware(), Custom(), Tracing()]) == [
                "ErrorMiddleware Tracing"
            ])
    }

    @Test func `a timeout belongs inside of the middlewares that observe its response`() {
        #expect(
            mistakes([RequestTimeout(.seconds(1)), AccessLog(), ErrorMiddleware()])
                == ["RequestTimeout AccessLog", "RequestTimeout ErrorMiddleware"])
        #expect(mistakes([RequestTimeout(.seconds(1)), Tracing()]) == ["RequestTimeout Tracing"])
    }

    @Test func `a wrong order is logged with its effect and the remedy`() throws {
        let chain = MiddlewareChain(
            [RequestTimeout(.seconds(1)), AccessLog()], handler: SyncHandler { _ in "" })
        #expect(
            try #require(chain.orderMistakes.first).description
                == "RequestTimeout is outside of AccessLog: the timeout cancels the inner one too, so it does not see the 503; list AccessLog first"
        )
    }
}
