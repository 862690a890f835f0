/// A key with a typed value, attached to a span, a log or a process.
public struct SpanTag: Hashable, Sendable {
    /// The name of the tag.
    public var key: String
    /// The value of the tag.
    public var value: TagValue

    /// Makes a tag.
    public init(_ key: String, _ value: TagValue) {
        self.key = key
        self.value = value
    }
}

/// The value types that jaeger.thrift knows (`TagType`), and lists of them, which OTLP knows.
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
    /// Several values (`ArrayValue` of OTLP); the JSON text of them where there is no such type.
    case array([TagValue])
}

extension TagValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral
{
    /// Makes a text value.
    public init(stringLiteral value: String) { self = .string(value) }
    /// Makes a whole number.
    public init(integerLiteral value: Int64) { self = .int(value) }
    /// Makes a floating-point number.
    public init(floatLiteral value: Double) { self = .double(value) }
    /// Makes a truth value.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
}

/// A tag by which a warning about a span travels to where the span is shown, as within Jaeger's backends.
extension SpanTag {
    /// The key of the tag, Jaeger's own.
    package static let warningKey = "@jaeger@warnings"

    /// Says that a span ended before it began, so that its duration was set to zero.
    ///
    /// - Parameter nanoseconds: How long before its start the span ended.
    package static func negativeDuration(nanoseconds: UInt64) -> SpanTag {
        SpanTag(
            warningKey,
            .string(
                "Negative duration detected, sanitizing end timestamp: the span ended "
                    + "\(nanoseconds) ns before it began"))
    }
}
