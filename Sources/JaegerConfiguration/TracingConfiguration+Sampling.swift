import JaegerRemoteSampling
public import JaegerTracing
public import SpoorHTTP
public import SpoorTLS

/// How a configuration says which traces are sampled, and how the environment says so.
extension TracingConfiguration {
    /// Which new traces are sampled.
    public enum Sampling: Sendable {
        /// All, or none.
        case constant(Bool)
        /// A share from 0 to 1, by their ids.
        case probabilistic(rate: Double)
        /// So many a second at the most.
        case rateLimiting(tracesPerSecond: Double)
        /// As a Jaeger backend says.
        case remote(RemoteSampling)
        /// As a sampler of one's own says; from code alone.
        case custom(any Sampler)
    }

    /// How a ``RemoteSampler`` is made.
    public struct RemoteSampling: Equatable, Sendable {
        /// The URL to ask; the service is added to its query.
        public var endpoint = RemoteSampler.localEndpoint
        /// Header fields for every question, such as `Authorization`.
        public var headers = Headers()
        /// Whom to trust for `https`, and who we are: the system's roots, and nobody, unless set.
        public var tls = TLSClientConfiguration()
        /// The share of traces before the first answer, from 0 to 1.
        public var initialRate = 0.001
        /// How long to wait between two questions; at least a second is waited.
        public var interval = Duration.seconds(60)
        /// How long a question may take.
        public var timeout = Duration.seconds(10)
        /// For how many operations bounds are kept.
        public var maxOperationCount = 2000

        /// The defaults.
        public init() {}
    }
}

// MARK: - Out of the environment

extension EnvironmentReader {
    private static let types = "one of const, probabilistic, ratelimiting, remote"

    /// Which traces are sampled: as `JAEGER_` variables say, else as `OTEL_` ones, else all.
    func sampling() throws(ConfigurationError) -> TracingConfiguration.Sampling {
        if let type = text(.jaegerSamplerType)?.lowercased() {
            return try sampling(type)
        }
        // As in Jaeger's clients, where it is the type without a type.
        if isSet(
            .jaegerSamplingEndpoint, .jaegerSamplerAddress, .jaegerSamplerHost, .jaegerSamplerPort)
        {
            return try sampling("remote")
        }
        if isSet(.jaegerSamplerParam) {
            throw error(.jaegerSamplerType, "\(Self.types), where JAEGER_SAMPLER_PARAM is set")
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

    /// A URL, or a host with a port as Jaeger's client for Java has it, or both apart as Node's.
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

    /// What stands behind a host with a port.
    private func samplingPath() throws(ConfigurationError) -> String {
        guard let path = text(.jaegerSamplerPath) else { return "/sampling" }
        guard path.hasPrefix("/"), Self.isURL("http://host\(path)") else {
            throw error(.jaegerSamplerPath, "the path of a URL, which begins with /")
        }
        return path
    }

    /// What is set for a remote sampler, whoever chose it.
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

    /// The samplers of OpenTelemetry; a trace that comes from elsewhere always brings its decision
    /// along, so that each is what is called `parentbased` there.
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
                "always_on, always_off, traceidratio or jaeger_remote, or parentbased_ before it")
        }
    }

    /// `endpoint=…,pollingIntervalMs=…,initialSamplingRate=…`.
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
                        + "with commas between them")
            }
        }
        return remote
    }
}
