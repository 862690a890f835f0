/// The Thrift binary protocol, written straight into bytes that were reserved beforehand.
///
/// Every verb appends one field: type byte, id, value. The caller reserves the exact size
/// (``ThriftSize``), so that a whole span costs one capacity check and no intermediate object.
extension OutputSpan<UInt8> {
    /// Appends a big-endian 16-bit integer.
    @inline(__always)
    mutating func append(int16 value: Int16) {
        append(UInt8(truncatingIfNeeded: value >> 8))
        append(UInt8(truncatingIfNeeded: value))
    }

    /// Appends a big-endian 32-bit integer.
    @inline(__always)
    mutating func append(int32 value: Int32) {
        append(int16: Int16(truncatingIfNeeded: value >> 16))
        append(int16: Int16(truncatingIfNeeded: value))
    }

    /// Appends a big-endian 64-bit integer.
    @inline(__always)
    mutating func append(int64 value: Int64) {
        append(int32: Int32(truncatingIfNeeded: value >> 32))
        append(int32: Int32(truncatingIfNeeded: value))
    }

    /// Begins a field; its value must follow.
    @inline(__always)
    mutating func append(field id: Int16, _ type: ThriftType) {
        append(type.rawValue)
        append(int16: id)
    }

    /// Ends a struct.
    @inline(__always)
    mutating func appendStop() {
        append(0x00)
    }

    @inline(__always)
    mutating func append(field id: Int16, bool value: Bool) {
        append(field: id, .bool)
        append(value ? 1 : 0)
    }

    @inline(__always)
    mutating func append(field id: Int16, int32 value: Int32) {
        append(field: id, .int32)
        append(int32: value)
    }

    @inline(__always)
    mutating func append(field id: Int16, int64 value: Int64) {
        append(field: id, .int64)
        append(int64: value)
    }

    @inline(__always)
    mutating func append(field id: Int16, double value: Double) {
        append(field: id, .double)
        append(int64: Int64(bitPattern: value.bitPattern))
    }

    @inline(__always)
    mutating func append(field id: Int16, string value: String) {
        append(field: id, .string)
        append(lengthPrefixed: value.utf8Span.span)
    }

    @inline(__always)
    mutating func append(field id: Int16, binary value: [UInt8]) {
        append(field: id, .string)
        append(lengthPrefixed: value.span)
    }

    @inline(__always)
    private mutating func append(lengthPrefixed bytes: Span<UInt8>) {
        let count = ThriftSize.clampedCount(bytes.count)
        append(int32: Int32(truncatingIfNeeded: count))
        var index = 0
        // Texts are most of a span: four bytes a turn cost a fifth less than one.
        while index &+ 4 <= count {
            append(bytes[index])
            append(bytes[index &+ 1])
            append(bytes[index &+ 2])
            append(bytes[index &+ 3])
            index &+= 4
        }
        while index < count {
            append(bytes[index])
            index &+= 1
        }
    }

    /// Begins a list of structs; `count` structs must follow, each with its stop.
    @inline(__always)
    mutating func append(field id: Int16, structures count: Int) {
        append(field: id, .list)
        append(ThriftType.structure.rawValue)
        append(int32: Int32(truncatingIfNeeded: count))
    }
}
