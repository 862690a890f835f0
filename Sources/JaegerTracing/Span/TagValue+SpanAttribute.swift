package import Tracing

/// Tags as the attributes of swift-distributed-tracing, and back.
///
/// Jaeger has no arrays: they become JSON texts, as the exporters of OpenTelemetry made them.
extension TagValue {
    init(_ attribute: SpanAttribute) {
        switch attribute {
        case .string(let value): self = .string(value)
        case .int64(let value): self = .int(value)
        case .int32(let value): self = .int(Int64(value))
        case .double(let value): self = .double(value)
        case .bool(let value): self = .bool(value)
        case .stringConvertible(let value): self = Self.described(value)
        case .int32Array(let values): self = .string(Self.jsonArray(values.map(String.init)))
        case .int64Array(let values): self = .string(Self.jsonArray(values.map(String.init)))
        case .boolArray(let values): self = .string(Self.jsonArray(values.map(String.init)))
        case .doubleArray(let values): self = .string(Self.jsonArray(values.map(Self.jsonNumber)))
        case .stringArray(let values): self = .string(Self.jsonArray(values.map(Self.jsonText)))
        case .stringConvertibleArray(let values):
            self = .string(Self.jsonArray(values.map(Self.jsonDescribed)))
        // The enumeration forbids to be listed in full: it may grow.
        default: self = .string(String(describing: attribute))
        }
    }

    /// The value as an attribute; nil for bytes, for which there is none.
    package var attribute: SpanAttribute? {
        switch self {
        case .string(let value): .string(value)
        case .int(let value): .int64(value)
        case .double(let value): .double(value)
        case .bool(let value): .bool(value)
        case .binary: nil
        }
    }

    /// A value that came as a mere description: unsigned and narrow numbers do.
    private static func described(_ value: any CustomStringConvertible & Sendable) -> TagValue {
        guard let number = value as? any BinaryInteger else {
            return .string(String(describing: value))
        }
        return TagValue(number)
    }

    // Arrays of `Int` come this way too.
    private static func jsonDescribed(_ value: any CustomStringConvertible & Sendable) -> String {
        let text = String(describing: value)
        return value is any BinaryInteger ? text : jsonText(text)
    }

    private static func jsonArray(_ elements: [String]) -> String {
        "[" + elements.joined(separator: ",") + "]"
    }

    // RFC 8259 §6: numbers that are not finite are not permitted.
    private static func jsonNumber(_ value: Double) -> String {
        value.isFinite ? String(value) : "null"
    }

    // RFC 8259 §7: quotation mark, reverse solidus and U+0000 to U+001F must be escaped.
    private static func jsonText(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\u{0}"..."\u{1f}":
                quoted += "\\u00"
                quoted.unicodeScalars.append(
                    Unicode.Scalar(HexText.digit(UInt8(scalar.value >> 4))))
                quoted.unicodeScalars.append(
                    Unicode.Scalar(HexText.digit(UInt8(scalar.value & 0xf))))
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

extension SpanAttributes {
    /// The attributes as tags, in the order of their keys: a dictionary has none of its own.
    var tags: [Tag] {
        var tags: [Tag] = []
        tags.reserveCapacity(count)
        forEach { key, attribute in tags.append(Tag(key, TagValue(attribute))) }
        tags.sort { $0.key < $1.key }
        return tags
    }
}
