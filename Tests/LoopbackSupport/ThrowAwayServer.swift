import Logging
package import SpoorMiddleware
package import SpoorNetworking
package import SpoorServer

/// Runs a server on an ephemeral port of this machine while `body` runs, then drains it.
///
/// Time-outs that the caller has left alone are so long that a busy machine does not meet them.
package func withServer<Result: Sendable>(
    at address: SocketAddress = .loopback(port: 0),
    middleware: [any Middleware] = [],
    handler: any Handler,
    limits: ServerLimits = ServerLimits(),
    loopCount: Int = 1,
    _ body: (SocketAddress, HTTPServer) async throws -> Result
) async throws -> Result {
    var logger = Logger(label: "test.server")
    logger.logLevel = .critical
    let server = HTTPServer(
        listening: address, middleware: middleware, handler: handler, limits: limits.patient,
        loopCount: loopCount, logger: logger)
    let running = Task { try await server.run() }
    do {
        let bound = try await server.boundAddresses()
        let result = try await body(bound[0], server)
        server.beginShutdown()
        try await running.value
        return result
    } catch {
        server.beginShutdown()
        _ = await running.result
        throw error
    }
}

extension ServerLimits {
    /// The same limits, with an hour in place of every default time-out but the drain's.
    fileprivate var patient: ServerLimits {
        var limits = self
        for timeout in [
            \ServerLimits.idleTimeout, \.headTimeout, \.bodyTimeout, \.writeTimeout,
            \.lingerTimeout,
        ] where limits[keyPath: timeout] == ServerLimits()[keyPath: timeout] {
            limits[keyPath: timeout] = .seconds(3600)
        }
        return limits
    }
}
