import JaegerReporter
import JaegerTracing
import SpoorText

/// Reads the limits of reporter and spans from the environment.
extension EnvironmentReader {
    /// Returns the limits of the reporter.
    func reporterLimits() throws(ConfigurationError) -> ReporterLimits {
        var limits = ReporterLimits()
        if let count = try integer(
            .jaegerReporterMaxQueueSize, .otelBSPMaxQueueSize, in: 1...Int.max)
        {
            limits.maxQueueSize = count
        }
        if let count = try integer(.otelBSPMaxExportBatchSize, in: 1...Int.max) {
            limits.maxExportBatchSize = count
        }
        if let age = try duration(.jaegerReporterFlushInterval, .otelBSPScheduleDelay) {
            limits.scheduleDelay = age
        }
        if let timeout = try duration(.jaegerReporterTimeout, .otlpTracesTimeout, .otlpTimeout) {
            limits.exportTimeout = timeout
        }
        if let maxElapsedTime = try duration(.otelBSPExportTimeout) {
            limits.retries.maxElapsedTime = maxElapsedTime
        }
        return limits
    }

    /// Returns the limits of a span.
    func spanLimits() throws(ConfigurationError) -> SpanLimits {
        var limits = SpanLimits()
        func set(
            _ limit: WritableKeyPath<SpanLimits, Int>, _ count: Int?
        ) {
            if let count { limits[keyPath: limit] = count }
        }
        let range = 0...Int.max
        set(
            \.maxTagCount,
            try integer(.otelSpanAttributeCountLimit, .otelAttributeCountLimit, in: range))
        set(
            \.maxLogFieldCount,
            try integer(.otelEventAttributeCountLimit, .otelAttributeCountLimit, in: range))
        set(\.maxLogCount, try integer(.otelSpanEventCountLimit, in: range))
        set(\.maxReferenceCount, try integer(.otelSpanLinkCountLimit, in: range))
        set(
            \.maxTagValueBytes,
            try integer(
                .otelSpanAttributeValueLengthLimit, .otelAttributeValueLengthLimit, in: range))
        return limits
    }
}

/// Reads the service name and the process tags from the environment.
extension EnvironmentReader {
    /// Returns `JAEGER_SERVICE_NAME`, else `OTEL_SERVICE_NAME`, else `service.name` of the resource.
    func serviceName() throws(ConfigurationError) -> String? {
        if let (_, name) = first([.jaegerServiceName, .otelServiceName]) { return name }
        return try resource().last { $0.key == "service.name" }?.value
    }

    /// Returns the tags of both families of variables; for equal keys Jaeger's take precedence.
    func processTags() throws(ConfigurationError) -> [SpanTag] {
        var tags: [SpanTag] = []
        func set(_ key: String, _ value: String) {
            tags.removeAll { $0.key == key }
            tags.append(SpanTag(key, .string(value)))
        }
        for (key, value) in try resource() where key != "service.name" { set(key, value) }
        for (key, value) in try pairs(.jaegerTags) { set(key, try expanded(value)) }
        return tags
    }

    /// Returns the pairs of `OTEL_RESOURCE_ATTRIBUTES`, whose values are percent-encoded.
    private func resource() throws(ConfigurationError) -> [(key: String, value: String)] {
        try pairs(.otelResourceAttributes).map { ($0.key, $0.value.percentDecoded) }
    }

    /// Returns a value in which `${NAME}` and `${NAME:default}` are replaced by another variable, as in Jaeger's
    /// clients.
    private func expanded(_ value: String) throws(ConfigurationError) -> String {
        guard value.hasPrefix("${"), value.hasSuffix("}") else { return value }
        let parts = value.dropFirst(2).dropLast().split(
            separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard !parts[0].isEmpty else {
            throw error(.jaegerTags, "a name between ${ and }, such as ${NAME} or ${NAME:default}")
        }
        return raw(String(parts[0])) ?? (parts.count == 2 ? String(parts[1]) : "")
    }
}

extension String {
    /// The text with each `%XX` decoded; bytes that are not valid UTF-8 are replaced.
    var percentDecoded: String {
        String(decoding: PercentEncoding.decode(utf8), as: UTF8.self)
    }
}

/// Reads the propagation formats from the environment.
extension EnvironmentReader {
    /// Returns the formats of `JAEGER_PROPAGATION`, else of `OTEL_PROPAGATORS`; nil if neither is set.
    func propagationFormats() throws(ConfigurationError) -> [PropagationFormat]? {
        if let names = try list(.jaegerPropagation) {
            return try formats(
                names, of: .jaegerPropagation,
                // In Jaeger's clients B3 has multiple headers, and W3C has no baggage.
                ["jaeger": .jaeger, "b3": .b3Multi, "w3c": .traceContext])
        }
        guard let names = try list(.otelPropagators) else { return nil }
        if names == ["none"] { return [] }
        return try formats(
            names, of: .otelPropagators,
            [
                "tracecontext": .traceContext, "baggage": .baggage, "b3": .b3, "b3multi": .b3Multi,
                "jaeger": .jaeger,
            ])
    }

    private func formats(
        _ names: [String], of variable: Variable, _ known: [String: PropagationFormat]
    ) throws(ConfigurationError) -> [PropagationFormat] {
        var formats: [PropagationFormat] = []
        for name in names {
            guard let format = known[name] else {
                let choice = known.keys.sorted().joined(separator: ", ")
                throw error(variable, "a comma-separated list of " + choice)
            }
            formats.append(format)
        }
        return formats
    }
}
