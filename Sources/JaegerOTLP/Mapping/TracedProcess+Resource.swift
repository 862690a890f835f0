import JaegerTracing

/// Encodes a process as the attributes of a `Resource`, with the names of OpenTelemetry's conventions.
///
/// | tag of the process | attribute of the resource |
/// |---|---|
/// | (service name) | `service.name` |
/// | `hostname` | `host.name` |
/// | `ip` | `host.ip`, an array of one |
/// | `client-uuid` | `service.instance.id` |
/// | `jaeger.version` = `Spoor-1.2.3` | `telemetry.sdk.name` = `spoor`, `.language` = `swift`, `.version` = `1.2.3` |
/// | any other | the same |
///
/// An attribute that the process already has under its OpenTelemetry name takes precedence over a derived one.
extension TracedProcess {
    static let serviceNameKey = "service.name"

    /// The attributes of the process's resource; their keys are unique if those of the tags are.
    var resourceTags: [SpanTag] {
        var attributes = [SpanTag(Self.serviceNameKey, .string(serviceName))]
        attributes.reserveCapacity(tags.count + 3)
        for tag in tags where tag.key != Self.serviceNameKey {
            guard let translated = Self.translated(tag) else {
                attributes.append(tag)
                continue
            }
            for attribute in translated where !tags.contains(where: { $0.key == attribute.key }) {
                attributes.append(attribute)
            }
        }
        return attributes
    }

    /// Returns the attributes for one of Jaeger's tags; nil if it is unchanged.
    private static func translated(_ tag: SpanTag) -> [SpanTag]? {
        switch (tag.key, tag.value) {
        case ("hostname", _):
            return [SpanTag("host.name", tag.value)]
        case ("ip", .string):
            return [SpanTag("host.ip", .array([tag.value]))]
        case ("client-uuid", _):
            return [SpanTag("service.instance.id", tag.value)]
        case ("jaeger.version", .string(let version)) where version.hasPrefix("Spoor-"):
            return [
                SpanTag("telemetry.sdk.name", "spoor"),
                SpanTag("telemetry.sdk.language", "swift"),
                SpanTag(
                    "telemetry.sdk.version", .string(String(version.dropFirst("Spoor-".count)))),
            ]
        default:
            return nil
        }
    }
}
