import HTTPTypes
import Metrics
public import SpoorHTTP

/// Counts and times every exchange through swift-metrics: `http.server.request.duration` (a timer) by method, route and
/// status, and `http.server.active_requests` (a meter).
///
/// The names are those of the OpenTelemetry HTTP conventions. The route is the template, so that the number of series stays small.
public struct RequestMetrics: Middleware {
    private let active = Meter(label: "http.server.active_requests")
    private let clock: any Clock<Duration>

    /// Makes the middleware; metrics go to the bootstrapped `MetricsSystem`.
    ///
    /// - Parameter clock: Measures the durations.
    public init(clock: any Clock<Duration> = .continuous) {
        self.clock = clock
    }

    /// Runs the rest of the chain and records what came of it.
    public func intercept(_ exchange: Exchange, next: Next) async throws {
        active.increment()
        defer { active.decrement() }
        var thrown: (any Error)?
        let duration = await clock.measure {
            do { try await next(exchange) } catch { thrown = error }
        }
        Metrics.Timer(
            label: "http.server.request.duration",
            dimensions: [
                ("http.request.method", method(of: exchange.request)),
                ("http.route", exchange.route ?? "none"),
                ("http.response.status_code", "\(exchange.response.status.code)"),
            ]
        ).record(duration: duration)
        if let thrown { throw thrown }
    }

    /// The method, unless the peer made it up: the number of series must not grow with what peers send.
    private func method(of request: Request) -> String {
        request.knownMethod?.method.rawValue ?? "_OTHER"
    }
}
