import JaegerTracing

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
    /// Names that requests may have in `Host`, without port, beside the loopback names and ``host`` itself.
    ///
    /// Default none. While ``host`` is a loopback address, requests for any name but `localhost`, names below it, 127.0.0.0/8,
    /// `::1` and these are refused with 403, so that no web page reads the traces through a name of its own that leads to
    /// this machine (DNS rebinding). On other addresses every name is answered, unless some are given here.
    public var allowedHosts: [String]
    /// How much is kept.
    public var storeLimits: StoreLimits
    /// How many bytes of body one `POST` of spans may have, inflated.
    ///
    /// Default 20 MiB, as the OpenTelemetry collector's: twenty times the largest batch that clients send.
    public var maxBodyBytes: Int
    /// What services are told to sample when they ask at the port that spans are sent to.
    public var strategies: SamplingStrategies
    /// How far the query API moves spans that their parents on another host do not enclose, because clocks differ.
    ///
    /// Default zero, as Jaeger's `max_clock_skew_adjust`: spans stay where they are, and a warning says how far they are off.
    /// The parameter `maxClockSkewAdjust` of a request wins.
    public var maxClockSkewAdjustment: Duration

    /// Makes a configuration.
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

    /// Reports the first limit that is out of its range, or the first allowed host that no request can have.
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

    /// Reads a duration in Go's notation, such as `500ms` or `1h`; nil for anything else.
    package static func duration(_ text: String) -> Duration? {
        GoDuration.nanoseconds(text).flatMap(Int64.init(exactly:)).map(Duration.nanoseconds)
    }
}
