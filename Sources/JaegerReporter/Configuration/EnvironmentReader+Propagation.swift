import JaegerTracing

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
