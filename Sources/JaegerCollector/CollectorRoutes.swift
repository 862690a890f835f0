import FoundationEssentials
public import Logging
public import SpoorMiddleware

/// The routes of a collector on one store, for any server, or for a test without sockets.
public struct CollectorRoutes: Sendable {
    /// The page (`/`, `/search`, `/trace/{id}`) and Jaeger's query API (`/api/…`).
    public let query: Router
    /// The routes for spans: `POST /api/traces` (Thrift) and `POST /v1/traces` (OTLP in protobuf).
    public let ingest: Router

    /// Creates the routes.
    ///
    /// - Parameters:
    ///   - store: The store of spans.
    ///   - maxBodyBytes: The maximum size of the body of one `POST`, in bytes; beyond it the response is 413.
    ///   - strategies: The sampling strategies for services: `GET /api/sampling` and `GET /sampling`, on the routes for
    ///     spans.
    ///   - maxClockSkewAdjustment: The maximum correction of clock skew; see
    ///     ``CollectorConfiguration/maxClockSkewAdjustment``.
    ///   - logger: The logger of rejected spans.
    public init(
        store: TraceStore,
        maxBodyBytes: Int = CollectorConfiguration().maxBodyBytes,
        strategies: SamplingStrategies = SamplingStrategies(),
        maxClockSkewAdjustment: Duration = .zero,
        logger: Logger = Logger(label: "spoor.collector")
    ) {
        self.init(
            store: store, maxBodyBytes: maxBodyBytes, strategies: strategies,
            maxClockSkewAdjustment: maxClockSkewAdjustment, logger: logger,
            now: Self.wallClockNanoseconds)
    }

    init(
        store: TraceStore, maxBodyBytes: Int,
        strategies: SamplingStrategies = SamplingStrategies(),
        maxClockSkewAdjustment: Duration = .zero, logger: Logger,
        now: @escaping @Sendable () -> UInt64
    ) {
        var query = Router()
        PageRoutes().add(to: &query)
        let (seconds, attoseconds) = maxClockSkewAdjustment.components
        QueryRoutes(
            store: store,
            maxSkewNanoseconds: UInt64(
                clamping: Int128(seconds) * 1_000_000_000 + Int128(attoseconds / 1_000_000_000)),
            now: now
        ).add(to: &query)
        self.query = query
        var ingest = Router()
        IngestRoutes(store: store, maxBodyBytes: maxBodyBytes, logger: logger).add(to: &ingest)
        SamplingRoutes(strategies: strategies).add(to: &ingest)
        self.ingest = ingest
    }

    @Sendable private static func wallClockNanoseconds() -> UInt64 {
        // Whole microseconds: a Double of seconds is not more precise than that.
        UInt64(max(0, Date().timeIntervalSince1970 * 1_000_000)) * 1000
    }
}
