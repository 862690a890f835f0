import JaegerRemoteSampling
public import JaegerTracing
public import SpoorHTTP
public import SpoorTLS

/// The sampling of a configuration, and its variables.
extension TracingConfiguration {
    /// The sampler of new traces.
    public enum Sampling: Sendable {
        /// Samples all traces, or none.
        case constant(Bool)
        /// Samples a share from 0 to 1, by trace ids.
        case probabilistic(rate: Double)
        /// Samples at most a number of traces per second.
        case rateLimiting(tracesPerSecond: Double)
        /// Uses the strategies of a Jaeger backend.
        case remote(RemoteSampling)
        /// Uses a custom sampler; not available in the environment.
        case custom(any Sampler)
    }

    /// The parameters of a ``RemoteSampler``.
    public struct RemoteSampling: Equatable, Sendable {
        /// The URL of the sampling endpoint; the service name is added to its query.
        public var endpoint = RemoteSampler.localEndpoint
        /// The headers of each request, such as `Authorization`.
        public var headers = Headers()
        /// The TLS configuration for `https`: by default the system's root certificates and no client certificate.
        public var tls = TLSClientConfiguration()
        /// The share of traces that is sampled before the first response, from 0 to 1.
        public var initialRate = 0.001
        /// The interval between two requests; at least a second.
        public var interval = Duration.seconds(60)
        /// The timeout of a request.
        public var timeout = Duration.seconds(10)
        /// The maximum number of operations with separate limits.
        public var maxOperationCount = 2000

        /// Creates the default parameters.
        public init() {}
    }
}

// MARK: - From the environment

extension EnvironmentReader {
    private static let types = "one of const, probabilistic, ratelimiting, remote"

    /// Returns the sampling of the `JAEGER_` variables, else of the `OTEL_` ones, else that of all traces.
    func sampling() throws(ConfigurationError) -> TracingConfiguration.Sampling {
        if let type = text(.jaegerSamplerType)?.lowercased() {
            return try sampling(type)
        }
        // As in Jaeger's clients, where remote sampling is the default type.
        if isSet(
            .jaegerSamplingEndpoint, .jaegerSamplerAddress, .jaegerSamplerHost, .jaegerSamplerPort)
        {
            return try sampling("remote")
        }
        if isSet(.jaegerSamplerParam) {
            throw error(.jaegerSamplerType, "\(Self.types), because JAEGER_SAMPLER_PARAM is set")
        }
        return try otelSampling() ?? .constant(true)
    }

    private func sampling(
        _ type: String
    ) throws(ConfigurationError) -> TracingConfiguration.Sampling {
        switch type {
        case "const":
            guard let text = text(.jaegerSamplerParam) else { return .constant(true) }
            if let number = Double(text), number.isFinite { return .constant(number != 0) }
            return .constant(try flag(.jaegerSamplerParam) ?? true)
        case "probabilistic":
            return .probabilistic(rate: try number(.jaegerSamplerParam, in: 0...1) ?? 0.001)
        case "ratelimiting":
            let rate = try number(.jaegerSamplerParam, in: 0...(.infinity))
            return .rateLimiting(tracesPerSecond: rate ?? 10)
        case "remote":
            var remote = TracingConfiguration.RemoteSampling()
            if let rate = try number(.jaegerSamplerParam, in: 0...1) { remote.initialRate = rate }
            if let endpoint = try samplingEndpoint() { remote.endpoint = endpoint }
            return .remote(try common(remote))
        default:
            throw error(.jaegerSamplerType, Self.types)
        }
    }

    /// Returns a URL, a host with port as in Jaeger's Java client, or both separately as in the Node client.
    private func samplingEndpoint() throws(ConfigurationError) -> String? {
        if let url = try url(.jaegerSamplingEndpoint) { return url }
        guard let address = text(.jaegerSamplerAddress) else {
            guard let (variable, _) = first([.jaegerSamplerHost, .jaegerSamplerPort]) else {
                return nil
            }
            let port = try integer(.jaegerSamplerPort, in: 1...65535) ?? 5778
            let host = "http://\(text(.jaegerSamplerHost) ?? "127.0.0.1"):\(port)"
            guard Self.isURL(host) else { throw error(variable, "the name or address of a host") }
            return host + (try samplingPath())
        }
        let url = address.contains("://") ? address : "http://\(address)\(try samplingPath())"
        guard Self.isURL(url) else {
            throw error(.jaegerSamplerAddress, "host:port, or a URL of http or https")
        }
        return url
    }

    /// Returns the path for a host with port.
    private func samplingPath() throws(ConfigurationError) -> String {
        guard let path = text(.jaegerSamplerPath) else { return "/sampling" }
        guard path.hasPrefix("/"), Self.isURL("http://host\(path)") else {
            throw error(.jaegerSamplerPath, "the path of a URL, which starts with /")
        }
        return path
    }

    /// Applies the variables of a remote sampler, regardless of which variable selected it.
    private func common(
        _ remote: TracingConfiguration.RemoteSampling
    ) throws(ConfigurationError) -> TracingConfiguration.RemoteSampling {
        var remote = remote
        if let interval = try duration(.jaegerSamplerRefreshInterval) {
            guard interval >= RemoteSampler.minInterval else {
                throw error(.jaegerSamplerRefreshInterval, "a second or more")
            }
            remote.interval = interval
        }
        if let count = try integer(.jaegerSamplerMaxOperations, in: 1...1_000_000) {
            remote.maxOperationCount = count
        }
        return remote
    }

    /// Returns the sampling of OpenTelemetry's variables.
    ///
    /// The decision of a received trace is always used, so each sampler is `parentbased`.
    private func otelSampling() throws(ConfigurationError) -> TracingConfiguration.Sampling? {
        guard let text = text(.otelTracesSampler)?.lowercased() else { return nil }
        let prefix = "parentbased_"
        switch text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text {
        case "always_on": return .constant(true)
        case "always_off": return .constant(false)
        case "traceidratio":
            return .probabilistic(rate: try number(.otelTracesSamplerArg, in: 0...1) ?? 1)
        case "jaeger_remote": return .remote(try common(try otelRemote()))
        default:
            throw error(
                .otelTracesSampler,
                "always_on, always_off, traceidratio or jaeger_remote, optionally with the prefix parentbased_"
            )
        }
    }

    /// Reads `endpoint=…,pollingIntervalMs=…,initialSamplingRate=…`.
    private func otelRemote() throws(ConfigurationError) -> TracingConfiguration.RemoteSampling {
        var remote = TracingConfiguration.RemoteSampling()
        for (key, value) in try pairs(.otelTracesSamplerArg) {
            switch key {
            case "endpoint" where Self.isURL(value): remote.endpoint = value
            case "pollingIntervalMs" where (UInt32(value) ?? 0) >= 1000:
                remote.interval = .milliseconds(UInt32(value) ?? 0)
            case "initialSamplingRate" where (0...1).contains(Double(value) ?? -1):
                remote.initialRate = Double(value) ?? 0
            default:
                throw error(
                    .otelTracesSamplerArg,
                    "endpoint=URL, pollingIntervalMs=1000 or more and initialSamplingRate=0…1, "
                        + "separated by commas")
            }
        }
        return remote
    }
}
