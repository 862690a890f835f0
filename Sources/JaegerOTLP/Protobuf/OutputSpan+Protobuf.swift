import JaegerTracing

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
