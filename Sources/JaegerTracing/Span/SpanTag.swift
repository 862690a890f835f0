/// A key with a typed value, attached to a span, a log or a process.
public struct SpanTag: Hashable, Sendable {
    /// The name of the tag.
    public var key: String
    /// The value of the tag.
    public var value: TagValue

    /// Creates a tag.
    public init(_ key: String, _ value: TagValue) {
        self.key = key
        self.value = value
    }
}

/// The value types that jaeger.thrift defines (`TagType`), and lists of them, which OTLP defines.
public enum TagValue: Hashable, Sendable {
    /// A text (`STRING`).
    case string(String)
    /// A floating-point number (`DOUBLE`).
    case double(Double)
    /// A truth value (`BOOL`).
    case bool(Bool)
    /// A whole number (`LONG`).
    case int(Int64)
    /// Bytes (`BINARY`).
    case binary([UInt8])
    /// Several values (`ArrayValue` of OTLP); encoded as JSON text in formats without such a type.
    case array([TagValue])
}

extension TagValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral
{
    /// Creates a text value.
    public init(stringLiteral value: String) { self = .string(value) }
    /// Creates a whole number.
    public init(integerLiteral value: Int64) { self = .int(value) }
    /// Creates a floating-point number.
    public init(floatLiteral value: Double) { self = .double(value) }
    /// Creates a truth value.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
}

/// A tag that carries a warning about a span to where the span is shown, as in Jaeger's backends.
extension SpanTag {
    /// The key of the tag, Jaeger's own.
    package static let warningKey = "@jaeger@warnings"

    /// Returns the warning that a span ended before it started, so that its duration was set to zero.
    ///
    /// - Parameter nanoseconds: The time from the end to the start.
    package static func negativeDuration(nanoseconds: UInt64) -> SpanTag {
        SpanTag(
            warningKey,
            .string(
                "Negative duration detected, sanitizing end timestamp: the span ended "
                    + "\(nanoseconds) ns before it began"))
    }
}
