/// Where a collector listens and how much it keeps; every member has a default.
public struct CollectorConfiguration: Sendable, Hashable {
    /// The address that all ports are opened on, IPv4 or IPv6 in numbers.
    ///
    /// Default `127.0.0.1`: there is no authentication, so only this machine may ask and send.
    public var host: String
    /// The port of the page and the query API; 0 for any free one.
    ///
    /// Default 16686, as Jaeger's.
    public var queryPort: Int
    /// The port that spans are sent to; 0 for any free one.
    ///
    /// Default 14268, as Jaeger's.
    public var ingestPort: Int
    /// Another port that spans are sent to, for clients of OTLP that expect 4318; 0 for any free one, nil for none.
    ///
    /// Default none: both ports take both formats.
    public var otlpPort: Int?
    /// How much is kept.
    public var storeLimits: StoreLimits
    /// How many bytes of body one `POST` of spans may have, inflated.
    ///
    /// Default 20 MiB, as the OpenTelemetry collector's: twenty times the largest batch that clients send.
    /// Beyond 64 MiB the server's own bound holds.
    public var bodyBytesMax: Int
    /// What services are told to sample when they ask at the port that spans are sent to.
    public var strategies: SamplingStrategies

    /// Makes a configuration.
    public init(
        host: String = "127.0.0.1",
        queryPort: Int = 16686,
        ingestPort: Int = 14268,
        otlpPort: Int? = nil,
        storeLimits: StoreLimits = StoreLimits(),
        bodyBytesMax: Int = 20 << 20,
        strategies: SamplingStrategies = SamplingStrategies()
    ) {
        self.host = host
        self.queryPort = queryPort
        self.ingestPort = ingestPort
        self.otlpPort = otlpPort
        self.storeLimits = storeLimits
        self.bodyBytesMax = bodyBytesMax
        self.strategies = strategies
    }
}
