import HTTPTypes
public import Logging
public import SpoorHTTP

/// Logs a line for every exchange when it has ended: method, path, status, bytes of body, duration, peer.
///
/// The query is left out, for it may hold secrets. Put it outside of ``ErrorResponses``, so that the status is the one sent.
public struct AccessLog: Middleware {
    private let logger: Logger
    private let level: Logger.Level

    /// Makes the middleware.
    ///
    /// - Parameters:
    ///   - logger: Where the lines go.
    ///   - level: The level of a line; what failed is logged as `error`.
    public init(logger: Logger = Logger(label: "spoor.access"), level: Logger.Level = .info) {
        self.logger = logger
        self.level = level
    }

    /// Runs the rest of the chain and logs what came of it.
    public func intercept(_ exchange: Exchange, next: Next) async throws {
        guard logger.logLevel <= level else { return try await next(exchange) }
        let began = ContinuousClock.now
        do {
            try await next(exchange)
            log(exchange, began: began, error: exchange.response.failure)
        } catch {
            log(exchange, began: began, error: error)
            throw error
        }
    }

    private func log(_ exchange: Exchange, began: ContinuousClock.Instant, error: (any Error)?) {
        let request = exchange.request
        let response = exchange.response
        var metadata: Logger.Metadata = [
            "method": "\(request.method.rawValue)",
            "path": "\(request.path)",
            "status": response.isHeadSent ? "\(response.status.code)" : "-",
            "bytes": "\(response.bodyBytesSent)",
            "duration": "\(ContinuousClock.now - began)",
            "peer": "\(exchange.connection.peer)",
        ]
        if let error { metadata["error"] = "\(error)" }
        logger.log(level: error == nil ? level : .error, "request", metadata: metadata)
    }
}
