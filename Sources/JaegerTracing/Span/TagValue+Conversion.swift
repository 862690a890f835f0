/// A type whose values can be the value of a tag.
public protocol TagValueConvertible {
    /// The value as one of the types that jaeger.thrift knows.
    var tagValue: TagValue { get }
}

extension TagValue: TagValueConvertible {
    /// The value itself.
    @inlinable public var tagValue: TagValue { self }

    /// Makes a whole number, or its decimal text if it is outside of 64 bits with sign.
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
                digits.append(HexText.digit(byte >> 4))
                digits.append(HexText.digit(byte & 0xf))
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
