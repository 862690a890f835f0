import HTTPTypes
import JaegerReporter
import SpoorHTTP
import SpoorTLS
import SpoorText

/// Reads the exporter from the environment.
extension EnvironmentReader {
    /// The destinations of finished spans.
    struct Export {
        /// The collector; nil if there is none.
        var collector: CollectorEndpoint?
        /// Whether each span is logged.
        var logsSpans = false
    }

    /// Returns the collector of the `JAEGER_` variables, else of the `OTEL_` ones, else the Jaeger collector on this
    /// machine.
    func export() throws(ConfigurationError) -> Export {
        var export = try self.exporter()
        if let logsSpans = try flag(.jaegerReporterLogSpans) { export.logsSpans = logsSpans }
        return export
    }

    private func exporter() throws(ConfigurationError) -> Export {
        if isSet(.jaegerEndpoint, .jaegerReporterEndpoint) {
            return Export(collector: try jaeger())
        }
        if let names = try list(.otelTracesExporter) { return try exporters(names) }
        if isSet(.otlpTracesEndpoint, .otlpEndpoint) { return Export(collector: try otlp()) }
        let agents: [Variable] = [
            .jaegerAgentHost, .jaegerAgentPort, .jaegerReporterAgentHost, .jaegerReporterAgentPort,
        ]
        for variable in agents where isSet(variable) {
            throw error(
                variable,
                "JAEGER_ENDPOINT instead, with the URL of a collector: "
                    + "agents, which use UDP, are not supported")
        }
        return Export(collector: try jaeger())
    }

    private func exporters(_ names: [String]) throws(ConfigurationError) -> Export {
        let isLogging = names.contains("console") || names.contains("logging")
        var export = Export(collector: nil, logsSpans: isLogging)
        switch Set(names).subtracting(["console", "logging"]) {
        case ["otlp"]: export.collector = try otlp()
        case ["jaeger"]: export.collector = try jaeger()
        case [], ["none"]: break
        default:
            throw error(
                .otelTracesExporter, "one of otlp, jaeger and none, optionally with console")
        }
        return export
    }

    // MARK: Jaeger

    private func jaeger() throws(ConfigurationError) -> CollectorEndpoint {
        var endpoint = CollectorEndpoint.jaeger()
        if let url = try url(.jaegerEndpoint, .jaegerReporterEndpoint) { endpoint.url = url }
        endpoint.authorization = try authorization()
        return endpoint
    }

    private func authorization() throws(ConfigurationError) -> Authorization? {
        // Without trimming: a password may start with a blank.
        let password =
            raw(Variable.jaegerPassword.rawValue) ?? raw(Variable.jaegerReporterPassword.rawValue)
        let user = first([.jaegerUser, .jaegerReporterUser])
        switch (user, password, text(.jaegerAuthToken)) {
        case (nil, nil, nil): return nil
        case (let (variable, user)?, let password?, nil):
            guard !user.contains(":") else { throw error(variable, "a name without a colon") }
            return .basic(user: user, password: password)
        case (nil, nil, let token?):
            guard token.utf8.allSatisfy(\.isVisible) else {
                throw error(.jaegerAuthToken, "a token of printable ASCII characters")
            }
            return .bearer(token)
        case (nil, _?, nil): throw error(.jaegerUser, "a name, because a password is set")
        case (let (variable, _)?, nil, nil):
            throw error(.jaegerPassword, "a password, because \(variable.rawValue) is set")
        default:
            throw error(
                .jaegerAuthToken, "either this variable, or JAEGER_USER and JAEGER_PASSWORD")
        }
    }

    // MARK: OTLP

    private func otlp() throws(ConfigurationError) -> CollectorEndpoint {
        if let (variable, text) = first([.otlpTracesProtocol, .otlpProtocol]),
            text.lowercased() != "http/protobuf"
        {
            throw error(variable, "http/protobuf, the one protocol that is supported")
        }
        var endpoint = CollectorEndpoint.otlp()
        if let url = try otlpURL() { endpoint.url = url }
        endpoint.headers = try otlpHeaders()
        endpoint.authorization = try authorization()
        if let (variable, text) = first([.otlpTracesCompression, .otlpCompression]) {
            guard let compression = CollectorEndpoint.Compression(rawValue: text.lowercased())
            else {
                throw error(variable, "gzip or none")
            }
            endpoint.compression = compression
        }
        if let (_, path) = first([.otlpTracesCertificate, .otlpCertificate]) {
            endpoint.tls.trustRoots = .file(path)
        }
        return endpoint
    }

    /// Returns the URL for traces unchanged, or the base URL with the path of traces.
    private func otlpURL() throws(ConfigurationError) -> String? {
        if let url = try url(.otlpTracesEndpoint) { return url }
        guard let base = try url(.otlpEndpoint) else { return nil }
        let path = base.prefix { $0 != "?" && $0 != "#" }
        return "\(path)\(path.hasSuffix("/") ? "" : "/")v1/traces\(base[path.endIndex...])"
    }

    private func otlpHeaders() throws(ConfigurationError) -> Headers {
        var headers = Headers()
        for (key, value) in try pairs(.otlpTracesHeaders, .otlpHeaders) {
            let value = value.percentDecoded
            guard let name = HTTPField.Name(key),
                value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F })
            else {
                throw error(
                    isSet(.otlpTracesHeaders) ? .otlpTracesHeaders : .otlpHeaders,
                    "a list of headers name=value, separated by commas")
            }
            headers[name] = value
        }
        return headers
    }
}
