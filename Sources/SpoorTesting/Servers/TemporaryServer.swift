import Logging
public import SpoorMiddleware
public import SpoorNetworking
public import SpoorServer

/// A temporary server for the duration of a closure: shut down gracefully when the closure returns, aborted when it
/// throws.
struct TemporaryServer {
    let server: HTTPServer

    init(
        at address: BindAddress, middleware: [any Middleware], handler: any Handler,
        limits: ServerLimits, loopCount: Int, rejectionHandler: RejectionHandler? = nil
    ) {
        var logger = Logger(label: "test.server")
        // Log errors of the tested service that became a 500.
        logger.logLevel = .error
        server = HTTPServer(
            listening: address, middleware: middleware, handler: handler,
            limits: limits.withLongTimeouts,
            loopCount: loopCount, logger: logger, rejectionHandler: rejectionHandler)
    }

    /// Runs the server while `body` runs, with the address that it listens on.
    func run<Result>(
        while body: (SocketAddress, HTTPServer) async throws -> Result
    ) async throws -> Result {
        let running = Task { [server] in try await server.run() }
        do {
            let bound = try await server.localAddresses()
            let result = try await body(bound[0], server)
            server.triggerGracefulShutdown()
            try await running.value
            return result
        } catch {
            running.cancel()
            // An error of the server takes precedence, because it is why `body` failed.
            try await running.value
            throw error
        }
    }
}

/// Runs a server while `body` runs, then shuts it down gracefully; if `body` throws, requests in progress are
/// aborted.
///
/// ```swift
/// try await withServer(handler: routes) { address, _ in
///     let response = try await RawConnection.roundTrip(to: address, ["GET / HTTP/1.0\r\n\r\n"])
///     #expect(response.hasPrefix("HTTP/1.1 200 "))
/// }
/// ```
///
/// - Parameters:
///   - address: The address to listen on: by default an ephemeral port of 127.0.0.1; or another one such as
///     `.unix(path:)`.
///   - middleware: The middlewares around the handler, the outermost first.
///   - handler: The handler.
///   - limits: The limits and timeouts. Timeouts with default values, except those of graceful shutdown, are raised
///     to an hour, so that a busy machine does not reach them.
///   - loopCount: The number of event loops, each with a thread.
///   - body: Receives the address with the port that the kernel chose, and the server; runs in the caller's
///     isolation.
/// - Throws: What `body` throws, or the error that stopped the server.
@discardableResult
public func withServer<Result>(
    at address: BindAddress = .loopback(port: 0),
    middleware: [any Middleware] = [],
    handler: any Handler,
    limits: ServerLimits = ServerLimits(),
    loopCount: Int = 1,
    _ body: (SocketAddress, HTTPServer) async throws -> Result
) async throws -> Result {
    try await TemporaryServer(
        at: address, middleware: middleware, handler: handler, limits: limits, loopCount: loopCount
    ).run(while: body)
}

extension ServerLimits {
    /// The limits with an hour instead of every default timeout except those of graceful shutdown.
    fileprivate var withLongTimeouts: ServerLimits {
        var limits = self
        for timeout in [
            \ServerLimits.idleTimeout, \.headTimeout, \.bodyTimeout, \.writeTimeout,
            \.lingerTimeout, \.handshakeTimeout,
        ] where limits[keyPath: timeout] == ServerLimits()[keyPath: timeout] {
            limits[keyPath: timeout] = .seconds(3600)
        }
        return limits
    }
}
