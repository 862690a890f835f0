import Logging
public import SpoorMiddleware
public import SpoorNetworking
public import SpoorServer

/// A server that lives as long as a closure runs: it is drained when the closure returns, and cut off when it throws.
struct ThrowAwayServer {
    let server: HTTPServer

    init(
        at address: BindAddress, middleware: [any Middleware], handler: any Handler,
        limits: ServerLimits, loopCount: Int, rejectionHandler: RejectionHandler? = nil
    ) {
        var logger = Logger(label: "test.server")
        // Errors of the tested service that became a 500 are to be seen.
        logger.logLevel = .error
        server = HTTPServer(
            listening: address, middleware: middleware, handler: handler, limits: limits.patient,
            loopCount: loopCount, logger: logger, rejectionHandler: rejectionHandler)
    }

    /// Runs the server while `body` runs, with the address that it has got.
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
            // What ended the server is why `body` failed, if anything did.
            try await running.value
            throw error
        }
    }
}

/// Runs a server while `body` runs, then drains it; if `body` throws, what is in flight is cut off.
///
/// ```swift
/// try await withServer(handler: routes) { address, _ in
///     let answer = try await RawConnection.talk(to: address, ["GET / HTTP/1.0\r\n\r\n"])
///     #expect(answer.hasPrefix("HTTP/1.1 200 "))
/// }
/// ```
///
/// - Parameters:
///   - address: Where the server listens: an ephemeral port of 127.0.0.1 unless said otherwise, such as `.unix(path:)`.
///   - middleware: The chain around the handler, the outermost first.
///   - handler: What answers.
///   - limits: Bounds and time-outs. Time-outs that are left at their defaults are an hour long, but for the drain's, so that a
///     busy machine does not meet them.
///   - loopCount: How many event loops, each a thread.
///   - body: Gets the address with the port that the kernel chose, and the server; runs where the caller runs.
/// - Throws: What `body` throws, or what kept the server from running.
@discardableResult
public func withServer<Result>(
    at address: BindAddress = .loopback(port: 0),
    middleware: [any Middleware] = [],
    handler: any Handler,
    limits: ServerLimits = ServerLimits(),
    loopCount: Int = 1,
    _ body: (SocketAddress, HTTPServer) async throws -> Result
) async throws -> Result {
    try await ThrowAwayServer(
        at: address, middleware: middleware, handler: handler, limits: limits, loopCount: loopCount
    ).run(while: body)
}

extension ServerLimits {
    /// The same limits, with an hour in place of every default time-out but the drain's.
    fileprivate var patient: ServerLimits {
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
