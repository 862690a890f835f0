import JaegerTracing
import SpoorText

/// The wire format of protobuf, written directly into reserved bytes.
///
/// A message is preceded by its length, so sizes are computed first (``ProtobufSize``) and bytes are written once, from
/// start to end. As in proto3, a field with its default value may be omitted: the functions with `optional` do that.
extension OutputSpan<UInt8> {
    /// Appends a number with seven bits per byte.
    @inline(__always)
    mutating func append(varint value: UInt64) {
        var rest = value
        while rest > 0x7f {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(truncatingIfNeeded: rest))
    }

    /// Appends the key of a field; its value must follow.
    @inline(__always)
    mutating func append(field number: UInt64, _ type: WireType) {
        append(varint: number << 3 | UInt64(type.rawValue))
    }

    @inline(__always)
    mutating func append(field number: UInt64, varint value: UInt64) {
        append(field: number, .varint)
        append(varint: value)
    }

    @inline(__always)
    mutating func append(field number: UInt64, optionalVarint value: UInt64) {
        if value != 0 { append(field: number, varint: value) }
    }

    @inline(__always)
    mutating func append(field number: UInt64, fixed64 value: UInt64) {
        append(field: number, .fixed64)
        append(littleEndian: value)
    }

    @inline(__always)
    mutating func append(field number: UInt64, optionalFixed64 value: UInt64) {
        if value != 0 { append(field: number, fixed64: value) }
    }

    @inline(__always)
    mutating func append(field number: UInt64, optionalFixed32 value: UInt32) {
        guard value != 0 else { return }
        append(field: number, .fixed32)
        append(littleEndian: value)
    }

    @inline(__always)
    mutating func append(field number: UInt64, string value: String) {
        append(field: number, bytes: value.utf8Span.span)
    }

    @inline(__always)
    mutating func append(field number: UInt64, optionalString value: String) {
        if !value.isEmpty { append(field: number, string: value) }
    }

    /// Appends the head of a message of `byteCount` bytes, which must follow.
    @inline(__always)
    mutating func append(field number: UInt64, messageOf byteCount: Int) {
        append(field: number, .lengthDelimited)
        append(varint: UInt64(truncatingIfNeeded: byteCount))
    }

    @inline(__always)
    mutating func append(field number: UInt64, bytes: Span<UInt8>) {
        append(field: number, messageOf: bytes.count)
        append(copying: bytes)
    }
}

/// The encoded sizes of protobuf values, in bytes, including their keys.
///
/// Field numbers up to 15, which are all of OTLP's except one, have keys of one byte.
enum ProtobufSize {
    static let key = 1
    static let bool = key + 1
    static let fixed64 = key + 8

    /// Returns the size of a number without its key, with seven bits per byte.
    @inline(__always)
    static func varint(_ value: UInt64) -> Int {
        let bitCount = 64 &- (value | 1).leadingZeroBitCount
        return (bitCount &+ 6) / 7
    }

    /// Returns the size of a length-prefixed text, bytes or message, with its key.
    @inline(__always)
    static func lengthDelimited(_ byteCount: Int) -> Int {
        key + varint(UInt64(truncatingIfNeeded: byteCount)) + byteCount
    }

    /// Returns the size of a number that is omitted if zero.
    @inline(__always)
    static func optional(varint value: UInt64) -> Int {
        value == 0 ? 0 : key + varint(value)
    }

    /// Returns the size of eight bytes that are omitted if zero.
    @inline(__always)
    static func optional(fixed64 value: UInt64) -> Int {
        value == 0 ? 0 : fixed64
    }

    /// Returns the size of a text that is omitted if empty.
    @inline(__always)
    static func optional(string value: String) -> Int {
        let byteCount = value.utf8.count
        return byteCount == 0 ? 0 : lengthDelimited(byteCount)
    }
}

/// The wire type of a value; the two deprecated group types are rejected.
enum WireType: UInt8, Sendable {
    /// Seven bits per byte, the lowest first, with the highest bit set in all bytes but the last.
    case varint = 0
    /// Eight bytes, the lowest first.
    case fixed64 = 1
    /// A length as varint, and that number of bytes: texts, bytes and messages.
    case lengthDelimited = 2
    /// Four bytes, the lowest first.
    case fixed32 = 5
}
