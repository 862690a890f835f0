/// The server's end, as a handler sees it.
extension Exchange {
    /// Whether a graceful shutdown of the server has begun: for a readiness check, which answers 503 from then on.
    ///
    /// ```swift
    /// routes.get("/readyz") { exchange in
    ///     exchange.isServerShuttingDown ? HTTPResponse.Status.serviceUnavailable : .ok
    /// }
    /// ```
    ///
    /// New connections are accepted for as long as the server's `shutdownDelay` says. To wait for the moment at which the
    /// server stops accepting, use `cancelOnGracefulShutdown()` or `gracefulShutdown()` of ServiceLifecycle.
    public var isServerShuttingDown: Bool { transport.isShuttingDown }
}
