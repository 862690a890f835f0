import JaegerTracing

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
        String(decoding: PercentCoding.decode(utf8.span), as: UTF8.self)
    }
}
