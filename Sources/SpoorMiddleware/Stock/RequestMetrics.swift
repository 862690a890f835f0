import HTTPTypes
public import CoreMetrics
public import SpoorHTTP

/// Counts and times every exchange through swift-metrics: `http.server.request.duration` (a timer) and
/// `http.server.active_requests` (a meter).
///
/// The names are those of the OpenTelemetry HTTP conventions. The dimensions of the timer:
///
/// | name | value |
/// |---|---|
/// | `http.request.method` | the method; `_OTHER` for one that HTTP does not define |
/// | `http.route` | the template of the route, so that the number of series stays small; `none` without one |
/// | `http.response.status_code` | the status code; 499 (as in nginx's log) if the client disconnected before it was sent any, `none` if none was sent for another reason |
/// | `outcome` | `completed`, `client_disconnected` or `aborted` |
public struct RequestMetrics: SyncMiddleware {
    private let active: Meter
    private let factory: (any MetricsFactory)?
    private let timer: ExchangeTimer

    /// Creates the middleware.
    ///
    /// - Parameters:
    ///   - clock: The clock that measures durations.
    ///   - metrics: The metrics factory; that of the bootstrapped `MetricsSystem` if nil.
    public init(
        clock: any Clock<Duration> = .continuous, metrics: (any MetricsFactory)? = nil
    ) {
        factory = metrics
        active = Meter(
            label: "http.server.active_requests", factory: metrics ?? MetricsSystem.factory)
        timer = ExchangeTimer(clock)
    }

    /// None.
    public var observedSteps: ExchangeSteps { [] }

    /// Counts the exchange as active, and starts to measure it.
    public func requestReceived(_ exchange: Exchange) -> Response? {
        active.increment()
        timer.start(exchange)
        return nil
    }

    /// Records the exchange.
    public func exchangeCompleted(_ exchange: Exchange, _ end: ExchangeConclusion) {
        active.decrement()
        CoreMetrics.Timer(
            label: "http.server.request.duration",
            dimensions: [
                ("http.request.method", method(of: exchange.request)),
                ("http.route", exchange.route ?? "none"),
                ("http.response.status_code", end.statusText ?? "none"),
                ("outcome", end.outcome.rawValue),
            ],
            factory: factory ?? MetricsSystem.factory
        ).recordNanoseconds(Int64(clamping: timer.duration(of: exchange).wholeNanoseconds))
    }

    /// Returns the method, or `_OTHER` for an unknown one: the number of series must not depend on what peers send.
    private func method(of request: Request) -> String {
        request.knownMethod?.method.rawValue ?? "_OTHER"
    }
}

extension Duration {
    /// The duration in nanoseconds, rounded towards zero. (`Timer.record(duration:)` is in the module `Metrics`,
    /// which links FoundationEssentials.)
    fileprivate var wholeNanoseconds: Int128 { attoseconds / 1_000_000_000 }
}

extension RequestMetrics: StockMiddleware {
    package static var position: StockPosition { .recording }
}
