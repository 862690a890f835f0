import JaegerTracing

/// The addresses and limits of a collector; each property has a default.
public struct CollectorConfiguration: Sendable, Hashable {
    /// The numeric IPv4 or IPv6 address of all ports.
    ///
    /// Default `127.0.0.1`: there is no authentication, so only this machine may query and send.
    public var host: String
    /// The port of the page and the query API; 0 for any free one.
    ///
    /// Default 16686, as in Jaeger.
    public var queryPort: Int
    /// The port for spans; 0 for any free one.
    ///
    /// Default 14268, as in Jaeger.
    public var ingestPort: Int
    /// Another port for spans, for OTLP clients that expect 4318; 0 for any free one, nil for none.
    ///
    /// Default nil: both ports accept both formats.
    public var otlpPort: Int?
    /// Names that requests may have in `Host`, without port, in addition to the loopback names and ``host`` itself.
    ///
    /// Default none. If ``host`` is a loopback address, requests for any name except `localhost`, its subdomains,
    /// 127.0.0.0/8, `::1` and these are rejected with 403, so that a web page cannot read the traces through a name
    /// that resolves to this machine (DNS rebinding). On other addresses all names are allowed, unless some are set
    /// here.
    public var allowedHosts: [String]
    /// The limits of the store.
    public var storeLimits: StoreLimits
    /// The maximum size of the body of one `POST` of spans, inflated, in bytes.
    ///
    /// Default 20 MiB, as in the OpenTelemetry Collector: twenty times the largest batch that clients send.
    public var maxBodyBytes: Int
    /// The sampling strategies that services can request at the port for spans.
    public var strategies: SamplingStrategies
    /// The maximum correction of clock skew by the query API, which moves spans that are outside of their parents on
    /// another host.
    ///
    /// Default zero, as Jaeger's `max_clock_skew_adjust`: spans are not moved, and a warning contains the skew. The
    /// parameter `maxClockSkewAdjust` of a request takes precedence.
    public var maxClockSkewAdjustment: Duration

    /// Creates a configuration.
    public init(
        host: String = "127.0.0.1",
        queryPort: Int = 16686,
        ingestPort: Int = 14268,
        otlpPort: Int? = nil,
        allowedHosts: [String] = [],
        storeLimits: StoreLimits = StoreLimits(),
        maxBodyBytes: Int = 20 << 20,
        strategies: SamplingStrategies = SamplingStrategies(),
        maxClockSkewAdjustment: Duration = .zero
    ) {
        self.host = host
        self.queryPort = queryPort
        self.ingestPort = ingestPort
        self.otlpPort = otlpPort
        self.allowedHosts = allowedHosts
        self.storeLimits = storeLimits
        self.maxBodyBytes = maxBodyBytes
        self.strategies = strategies
        self.maxClockSkewAdjustment = maxClockSkewAdjustment
    }

    /// Throws an error for the first limit that is out of range, or the first allowed host that is invalid in a
    /// request.
    func check() throws(CollectorError) {
        if let name = allowedHosts.first(where: { !AllowedHosts.isHost($0) }) {
            throw .invalidAllowedHost(name)
        }
        if let (name, value, range) = storeLimits.violation {
            throw .invalidLimit(name: name, value: value, range: range)
        }
        guard maxBodyBytes >= 1 else {
            throw .invalidLimit(name: "maxBodyBytes", value: maxBodyBytes, range: 1...Int.max)
        }
    }

    /// Parses a duration in Go's notation, such as `500ms` or `1h`; nil for any other text.
    package static func duration(_ text: String) -> Duration? {
        GoDuration.nanoseconds(text).flatMap(Int64.init(exactly:)).map(Duration.nanoseconds)
    }
}
