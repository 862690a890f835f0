import JaegerReporter
import JaegerTracing
import SpoorText

/// The bounds of reporter and spans, out of the environment.
extension EnvironmentReader {
    /// How the reporter gathers and sends.
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
        if let budget = try duration(.otelBSPExportTimeout) { limits.retries.budget = budget }
        return limits
    }

    /// How much a span may hold.
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

/// The name of the service and facts about the process, out of the environment.
extension EnvironmentReader {
    /// `JAEGER_SERVICE_NAME`, `OTEL_SERVICE_NAME`, then `service.name` of the resource.
    func serviceName() throws(ConfigurationError) -> String? {
        if let (_, name) = first([.jaegerServiceName, .otelServiceName]) { return name }
        return try resource().last { $0.key == "service.name" }?.value
    }

    /// The tags of both families; of one key Jaeger's counts.
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

    /// `OTEL_RESOURCE_ATTRIBUTES`, whose values are percent-encoded.
    private func resource() throws(ConfigurationError) -> [(key: String, value: String)] {
        try pairs(.otelResourceAttributes).map { ($0.key, $0.value.percentDecoded) }
    }

    /// `${NAME}` and `${NAME:default}` stand for another variable, as in Jaeger's clients.
    private func expanded(_ value: String) throws(ConfigurationError) -> String {
        guard value.hasPrefix("${"), value.hasSuffix("}") else { return value }
        let parts = value.dropFirst(2).dropLast().split(
            separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard !parts[0].isEmpty else {
            throw error(.jaegerTags, "a name between ${ and }, as in ${NAME} or ${NAME:default}")
        }
        return raw(String(parts[0])) ?? (parts.count == 2 ? String(parts[1]) : "")
    }
}

extension String {
    /// The text with each `%XX` decoded; what is no UTF-8 then is repaired.
    var percentDecoded: String {
        String(decoding: PercentEncoding.decode(utf8), as: UTF8.self)
    }
}

/// Which formats contexts travel in, out of the environment.
extension EnvironmentReader {
    /// `JAEGER_PROPAGATION`, else `OTEL_PROPAGATORS`; nil if neither is set.
    func propagationFormats() throws(ConfigurationError) -> [PropagationFormat]? {
        if let names = try list(.jaegerPropagation) {
            return try formats(
                names, of: .jaegerPropagation,
                // In Jaeger's clients B3 has several fields, and W3C is without baggage.
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
                throw error(variable, "a list with commas of " + choice)
            }
            formats.append(format)
        }
        return formats
    }
}
