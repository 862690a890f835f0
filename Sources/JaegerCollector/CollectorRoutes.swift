import FoundationEssentials
public import Logging
public import SpoorMiddleware

/// The two faces of a collector as handlers over one store, for any server, or for a test without sockets.
public struct CollectorRoutes: Sendable {
    /// The page (`/`, `/search`, `/trace/{id}`) and Jaeger's query API (`/api/…`).
    public let query: Router
    /// Where spans are sent: `POST /api/traces` (Thrift) and `POST /v1/traces` (OTLP in protobuf).
    public let ingest: Router

    /// Makes the handlers.
    ///
    /// - Parameters:
    ///   - store: Where spans go and are found.
    ///   - maxBodyBytes: How many bytes of body one `POST` may have; 413 beyond.
    ///   - strategies: What services are told that ask what to sample: `GET /api/sampling` and
    ///     `GET /sampling` beside `POST /api/traces`.
    ///   - maxClockSkewAdjustment: How far spans are moved to correct clock skew; see
    ///     ``CollectorConfiguration/maxClockSkewAdjustment``.
    ///   - logger: Told of what is refused.
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
            skewMaxNanoseconds: UInt64(
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
        // Whole microseconds: a Double of seconds has no more digits than that.
        UInt64(max(0, Date().timeIntervalSince1970 * 1_000_000)) * 1000
    }
}
