import HTTPTypes
import Metrics
public import SpoorHTTP

/// Counts and times every exchange through swift-metrics: `http.server.request.duration` (a timer) by method, route and
/// status, and `http.server.active_requests` (a meter).
///
/// The names are those of the OpenTelemetry HTTP conventions. The route is the template, so that the number of series stays small.
public struct RequestMetrics: Middleware {
    private let active = Meter(label: "http.server.active_requests")

    /// Makes the middleware; metrics go to the bootstrapped `MetricsSystem`.
    public init() {}

    /// Runs the rest of the chain and records what came of it.
    public func intercept(_ exchange: Exchange, next: Next) async throws {
        let began = ContinuousClock.now
        active.increment()
        defer {
            active.decrement()
            Metrics.Timer(
                label: "http.server.request.duration",
                dimensions: [
                    ("http.request.method", exchange.request.method.rawValue),
                    ("http.route", exchange.route ?? "none"),
                    ("http.response.status_code", "\(exchange.response.status.code)"),
                ]
            ).record(duration: ContinuousClock.now - began)
        }
        try await next(exchange)
    }
}
