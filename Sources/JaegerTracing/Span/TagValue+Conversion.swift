import SpoorText
package import Tracing

/// A type whose values can be the value of a tag.
public protocol TagValueConvertible {
    /// The value as one of the types that jaeger.thrift defines.
    var tagValue: TagValue { get }
}

extension TagValue: TagValueConvertible {
    /// The value itself.
    @inlinable public var tagValue: TagValue { self }

    /// Creates a whole number, or its decimal text if it does not fit in a signed 64-bit integer.
    @inlinable public init(_ value: some BinaryInteger) {
        if let number = Int64(exactly: value) {
            self = .int(number)
        } else {
            self = .string(String(value))
        }
    }

    /// The value as text: numbers in decimal digits, bytes in lower-case hexadecimal digits, arrays
    /// as JSON (RFC 8259).
    public var text: String {
        switch self {
        case .string(let value): return value
        case .double(let value): return String(value)
        case .bool(let value): return String(value)
        case .int(let value): return String(value)
        case .binary(let bytes):
            var digits: [UInt8] = []
            digits.reserveCapacity(bytes.count * 2)
            for byte in bytes {
                digits.append(UInt8.hexDigit(byte >> 4))
                digits.append(UInt8.hexDigit(byte & 0xf))
            }
            return String(decoding: digits, as: UTF8.self)
        case .array(let values): return Self.json(values)
        }
    }
}

extension String: TagValueConvertible {
    /// The text.
    @inlinable public var tagValue: TagValue { .string(self) }
}

extension Bool: TagValueConvertible {
    /// The truth value.
    @inlinable public var tagValue: TagValue { .bool(self) }
}

extension Double: TagValueConvertible {
    /// The number.
    @inlinable public var tagValue: TagValue { .double(self) }
}

extension Float: TagValueConvertible {
    /// The number.
    @inlinable public var tagValue: TagValue { .double(Double(self)) }
}

extension Int: TagValueConvertible {
    /// The number.
    @inlinable public var tagValue: TagValue { .int(Int64(self)) }
}

extension Int32: TagValueConvertible {
    /// The number.
    @inlinable public var tagValue: TagValue { .int(Int64(self)) }
}

extension Int64: TagValueConvertible {
    /// The number.
    @inlinable public var tagValue: TagValue { .int(self) }
}

extension UInt16: TagValueConvertible {
    /// The number.
    @inlinable public var tagValue: TagValue { .int(Int64(self)) }
}

extension UInt: TagValueConvertible {
    /// The number; as decimal text from 2^63 on.
    @inlinable public var tagValue: TagValue { TagValue(self) }
}

extension UInt64: TagValueConvertible {
    /// The number; as decimal text from 2^63 on.
    @inlinable public var tagValue: TagValue { TagValue(self) }
}

extension Array: TagValueConvertible where Element == UInt8 {
    /// The bytes.
    @inlinable public var tagValue: TagValue { .binary(self) }
}

/// Arrays as JSON texts, as OpenTelemetry's exporters write them for backends without arrays.
extension TagValue {
    /// Returns the JSON text of an array.
    static func json(_ values: [TagValue]) -> String {
        var writer = JSONWriter()
        write(values, to: &writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private static func write(_ values: [TagValue], to writer: inout JSONWriter) {
        writer.array(of: values) { writer, value in
            switch value {
            case .string(let string): writer.string(string)
            // RFC 8259 §6: numbers that are not finite are not permitted.
            case .double(let number): number.isFinite ? writer.number(number) : writer.null()
            case .bool(let value): writer.bool(value)
            case .int(let value): writer.integer(value)
            case .binary: writer.string(value.text)
            case .array(let inner): write(inner, to: &writer)
            }
        }
    }
}

/// Conversion between tags and the attributes of swift-distributed-tracing.
extension TagValue {
    init(_ attribute: SpanAttribute) {
        switch attribute {
        case .string(let value): self = .string(value)
        case .int64(let value): self = .int(value)
        case .int32(let value): self = .int(Int64(value))
        case .double(let value): self = .double(value)
        case .bool(let value): self = .bool(value)
        case .stringConvertible(let value): self = Self.described(value)
        case .int32Array(let values): self = .array(values.map { .int(Int64($0)) })
        case .int64Array(let values): self = .array(values.map { .int($0) })
        case .boolArray(let values): self = .array(values.map { .bool($0) })
        case .doubleArray(let values): self = .array(values.map { .double($0) })
        case .stringArray(let values): self = .array(values.map { .string($0) })
        // Arrays of `Int` have this case, too.
        case .stringConvertibleArray(let values): self = .array(values.map(Self.described))
        // The enumeration is not meant to be matched exhaustively: it may grow.
        default: self = .string(String(describing: attribute))
        }
    }

    /// The value as an attribute; nil for binary values, for arrays that contain them and for nested arrays, which
    /// attributes cannot represent.
    package var attribute: SpanAttribute? {
        switch self {
        case .string(let value): return .string(value)
        case .int(let value): return .int64(value)
        case .double(let value): return .double(value)
        case .bool(let value): return .bool(value)
        case .binary: return nil
        case .array(let values):
            var elements: [any CustomStringConvertible & Sendable] = []
            elements.reserveCapacity(values.count)
            for value in values {
                switch value {
                case .string(let value): elements.append(value)
                case .int(let value): elements.append(value)
                case .double(let value): elements.append(value)
                case .bool(let value): elements.append(value)
                case .binary, .array: return nil
                }
            }
            return Self.attribute(of: elements)
        }
    }

    private static func attribute(
        of elements: [any CustomStringConvertible & Sendable]
    ) -> SpanAttribute {
        if let texts = elements as? [String] { return .stringArray(texts) }
        if let numbers = elements as? [Int64] { return .int64Array(numbers) }
        if let numbers = elements as? [Double] { return .doubleArray(numbers) }
        if let truths = elements as? [Bool] { return .boolArray(truths) }
        return .stringConvertibleArray(elements)
    }

    /// Converts a value of which only a description is given: unsigned and narrow numbers are passed like that.
    private static func described(_ value: any CustomStringConvertible & Sendable) -> TagValue {
        switch value {
        case let number as any BinaryInteger: TagValue(number)
        case let number as Double: .double(number)
        case let number as Float: .double(Double(number))
        case let truth as Bool: .bool(truth)
        default: .string(String(describing: value))
        }
    }
}

extension SpanAttributes {
    /// The attributes as tags, sorted by key, because a dictionary has no order.
    var tags: [SpanTag] {
        var tags: [SpanTag] = []
        tags.reserveCapacity(count)
        forEach { key, attribute in tags.append(SpanTag(key, TagValue(attribute))) }
        tags.sort { $0.key < $1.key }
        return tags
    }
}
