import HTTPTypes
public import Logging
public import SpoorHTTP

/// Logs a line for every exchange when it has ended: method, path, status, bytes of body, duration, peer.
///
/// The query is left out, for it may hold secrets. Put it outside of ``ErrorResponses``, so that the status is the one sent.
public struct AccessLog: Middleware {
    private let logger: Logger
    private let level: Logger.Level
    private let clock: any Clock<Duration>

    /// Makes the middleware.
    ///
    /// - Parameters:
    ///   - logger: Where the lines go.
    ///   - level: The level of a line; what failed is logged as `error`.
    ///   - clock: Measures the durations.
    public init(
        logger: Logger = Logger(label: "spoor.access"), level: Logger.Level = .info,
        clock: any Clock<Duration> = .continuous
    ) {
        self.logger = logger
        self.level = level
        self.clock = clock
    }

    /// Runs the rest of the chain and logs what came of it.
    public func intercept(_ exchange: Exchange, next: Next) async throws {
        guard logger.logLevel <= level else { return try await next(exchange) }
        var thrown: (any Error)?
        let duration = await clock.measure {
            do { try await next(exchange) } catch { thrown = error }
        }
        log(exchange, duration: duration, error: thrown ?? exchange.response.failure)
        if let thrown { throw thrown }
    }

    private func log(_ exchange: Exchange, duration: Duration, error: (any Error)?) {
        let request = exchange.request
        let response = exchange.response
        var metadata: Logger.Metadata = [
            "method": "\(request.method.rawValue)",
            "path": "\(request.path)",
            "status": response.isHeadSent ? "\(response.status.code)" : "-",
            "bytes": "\(response.bodyBytesSent)",
            "duration": "\(duration)",
            "peer": "\(exchange.connection.peer)",
        ]
        if let error { metadata["error"] = "\(error)" }
        logger.log(level: error == nil ? level : .error, "request", metadata: metadata)
    }
}
