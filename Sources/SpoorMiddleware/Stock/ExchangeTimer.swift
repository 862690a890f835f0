import SpoorHTTP

/// Measures exchanges with a clock, from the time at which a middleware has received them.
///
/// A class, so that each middleware of a chain has its own measurements.
final class ExchangeTimer: Sendable {
    private let clock: any Clock<Duration>

    init(_ clock: any Clock<Duration>) {
        self.clock = clock
    }

    /// Starts to measure an exchange.
    func start(_ exchange: Exchange) {
        exchange.setValue(Self.reading(since: clock), of: self)
    }

    /// Returns the duration since the start; zero if it was not started.
    func duration(of exchange: Exchange) -> Duration {
        let read = exchange.value(of: self) as? () -> Duration
        return read?() ?? .zero
    }

    private static func reading(
        since clock: some Clock<Duration>
    ) -> () -> Duration {
        let start = clock.now
        return { start.duration(to: clock.now) }
    }
}
