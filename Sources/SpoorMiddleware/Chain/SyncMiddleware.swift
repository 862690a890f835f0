public import SpoorHTTP

/// A middleware that never waits: functions that are called when a request is received, before the head of its response
/// is sent, and when the exchange has ended.
///
/// It has the same place in a chain and the same guarantees as an asynchronous ``Middleware``, and costs a fraction: no
/// asynchronous call per request. Use it for everything that does not await: to check or to change a request, to reject
/// it, to change the head of the response, to transform bodies, to log and to count. Use ``Middleware`` to await
/// something, to catch errors, or to run the rest of the chain in another context, such as that of a span.
///
/// | asynchronous | synchronous |
/// |---|---|
/// | code before `next` | ``requestReceived(_:)`` |
/// | return without calling `next` | ``requestReceived(_:)`` returns a response |
/// | `throw` before `next` | ``requestReceived(_:)`` throws |
/// | `exchange.addObserver` | `responseWillBeSent(_:body:)` and the other functions of `ExchangeObserver` |
/// | code after `next`, whether it threw or not | ``exchangeCompleted(_:_:)`` |
///
/// The functions of `ExchangeObserver` are called for the steps in ``observedSteps``, which are all by default: return
/// those that are implemented, or `[]`, so that the others cost nothing.
///
/// In a chain of A, B and C, the outermost first, whatever their forms are, requests pass A, B, C; heads of responses
/// pass C, B, A; and exchanges complete in the order C, B, A.
public protocol SyncMiddleware: Middleware, ExchangeObserver {
    /// Called when the request reaches the middleware, before the inner middlewares.
    ///
    /// - Returns: A response, which is sent instead of calling the rest of the chain; nil to continue.
    /// - Throws: Any error. The outer middlewares handle it like an error of a handler, and ``exchangeCompleted(_:_:)``
    ///   is not called.
    func requestReceived(_ exchange: Exchange) throws -> Response?

    /// Called once when the exchange has ended: the complete response was sent, or it was aborted.
    ///
    /// If the rest of the chain has thrown an error before a response was started, it is called after the response to
    /// that error was sent.
    func exchangeCompleted(_ exchange: Exchange, _ conclusion: ExchangeConclusion)
}

extension SyncMiddleware {
    /// Returns nil: the request continues.
    public func requestReceived(_ exchange: Exchange) throws -> Response? { nil }

    /// Does nothing.
    public func exchangeCompleted(_ exchange: Exchange, _ conclusion: ExchangeConclusion) {}

    /// Calls the functions around the rest of the chain; a chain calls them directly.
    public func intercept(_ exchange: Exchange, next: Next) async throws {
        try await SyncMiddlewareGroup([self]).intercept(exchange, next: next)
    }
}
