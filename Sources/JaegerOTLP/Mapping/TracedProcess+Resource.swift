import JaegerTracing

/// A process as the attributes of a `Resource`, under the names of OpenTelemetry's conventions.
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
/// An attribute that the process has under its own name wins over one that is derived.
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

    /// What a tag of Jaeger's own naming becomes; nil when it stays as it is.
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
