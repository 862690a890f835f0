import JaegerTracing
import SpoorText

/// The wire format of protobuf, written straight into bytes that were reserved beforehand.
///
/// A message carries its length before its content, so that sizes are computed first
/// (``ProtobufSize``) and bytes are written once, front to back. As in proto3, a field that has
/// its default value may be left out: those verbs say `optional`.
extension OutputSpan<UInt8> {
    /// Appends a number in seven bits a byte.
    @inline(__always)
    mutating func append(varint value: UInt64) {
        var rest = value
        while rest > 0x7f {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(truncatingIfNeeded: rest))
    }

    /// Begins a field; its value must follow.
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

    /// Begins a message of so many bytes, which must follow.
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

/// How many bytes protobuf values take on the wire, their keys included.
///
/// Field numbers up to 15, which are all of OTLP's but one, make keys of one byte.
enum ProtobufSize {
    static let key = 1
    static let bool = key + 1
    static let fixed64 = key + 8

    /// A number without its key: seven bits a byte.
    @inline(__always)
    static func varint(_ value: UInt64) -> Int {
        let bitCount = 64 &- (value | 1).leadingZeroBitCount
        return (bitCount &+ 6) / 7
    }

    /// What has its length before it: a text, bytes or a message, with its key.
    @inline(__always)
    static func lengthDelimited(_ byteCount: Int) -> Int {
        key + varint(UInt64(truncatingIfNeeded: byteCount)) + byteCount
    }

    /// A number that is left out when zero.
    @inline(__always)
    static func optional(varint value: UInt64) -> Int {
        value == 0 ? 0 : key + varint(value)
    }

    /// Eight bytes that are left out when zero.
    @inline(__always)
    static func optional(fixed64 value: UInt64) -> Int {
        value == 0 ? 0 : fixed64
    }

    /// A text that is left out when empty.
    @inline(__always)
    static func optional(string value: String) -> Int {
        let byteCount = value.utf8.count
        return byteCount == 0 ? 0 : lengthDelimited(byteCount)
    }
}

/// How the value behind a protobuf key is framed; the two types that framed groups are refused.
enum WireType: UInt8, Sendable {
    /// Seven bits a byte, the lowest first, the upper bit set in all but the last.
    case varint = 0
    /// Eight bytes, the lowest first.
    case fixed64 = 1
    /// A length as varint, and so many bytes: texts, bytes and messages.
    case lengthDelimited = 2
    /// Four bytes, the lowest first.
    case fixed32 = 5
}
