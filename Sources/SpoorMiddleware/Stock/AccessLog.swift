import HTTPTypes
public import Logging
public import SpoorHTTP

/// Logs one line for every exchange when it has ended.
///
/// The metadata of a line:
///
/// | key | value |
/// |---|---|
/// | `method`, `path` | of the request; without the query, which may contain secrets |
/// | `status` | the status code of the response; 499 (as in nginx's log) if the client disconnected before a response was sent, `-` if none was sent for another reason |
/// | `outcome` | `completed`, `client_disconnected` or `aborted` |
/// | `bytes` | bytes of the response's body that were sent, without framing; 0 where no response was sent (`499`, `-`); after an upgrade or in a tunnel those of the other protocol |
/// | `bytes_received` | bytes of the request's body that were read, without framing; after an upgrade or in a tunnel those of the other protocol |
/// | `duration` | seconds as a decimal number, such as `0.001204` |
/// | `peer` | the other end of the connection |
/// | `error` | the thrown error, if any |
///
/// Statuses from 500 and aborted responses are logged at level `error`; everything else, including clients that
/// disconnect, at the middleware's level.
public struct AccessLog: SyncMiddleware {
    private let logger: Logger
    private let level: Logger.Level
    private let timer: ExchangeTimer

    /// Creates the middleware.
    ///
    /// - Parameters:
    ///   - logger: The logger.
    ///   - level: The level of a line, unless the server failed.
    ///   - clock: The clock that measures durations.
    public init(
        logger: Logger = Logger(label: "spoor.access"), level: Logger.Level = .info,
        clock: any Clock<Duration> = .continuous
    ) {
        self.logger = logger
        self.level = level
        timer = ExchangeTimer(clock)
    }

    /// None.
    public var observedSteps: ExchangeSteps { [] }

    /// Starts to measure the exchange.
    public func requestReceived(_ exchange: Exchange) -> Response? {
        // A logger whose level is above the middleware's still logs failures.
        if logger.logLevel <= max(level, .error) { timer.start(exchange) }
        return nil
    }

    /// Logs the exchange.
    public func exchangeCompleted(_ exchange: Exchange, _ end: ExchangeConclusion) {
        let level = end.isServerFailure ? max(level, .error) : level
        guard logger.logLevel <= level else { return }
        var metadata: Logger.Metadata = [
            "method": "\(exchange.request.method.rawValue)",
            "path": "\(exchange.request.path)",
            "status": "\(end.statusText ?? "-")",
            "outcome": "\(end.outcome.rawValue)",
            "bytes": "\(end.status == nil ? 0 : exchange.response.bodyBytesSent)",
            "bytes_received": "\(exchange.bodyBytesReceived)",
            "duration": "\(timer.duration(of: exchange).secondsText)",
            "peer": "\(exchange.connection.peer)",
        ]
        if let error = end.error { metadata["error"] = "\(error)" }
        logger.log(level: level, "request", metadata: metadata)
    }
}

extension Duration {
    /// Seconds as a decimal number with six fraction digits, truncated; zero if negative.
    var secondsText: String {
        let (seconds, attoseconds) = max(self, .zero).components
        let digits = String(attoseconds / 1_000_000_000_000)
        return "\(seconds)." + String(repeating: "0", count: 6 - digits.utf8.count) + digits
    }
}

extension AccessLog: StockMiddleware {
    package static var position: StockPosition { .recording }
}
