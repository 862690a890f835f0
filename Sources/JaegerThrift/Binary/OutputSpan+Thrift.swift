import JaegerTracing
import SpoorText

/// The Thrift binary protocol, written directly into reserved bytes.
///
/// Each function appends one field: type byte, id, value. The caller reserves the exact size (``ThriftSize``), so that
/// a whole span costs one capacity check and no intermediate object.
extension OutputSpan<UInt8> {
    /// Appends the head of a field; its value must follow.
    @inline(__always)
    mutating func append(field id: Int16, _ type: ThriftType) {
        append(type.rawValue)
        append(bigEndian: id)
    }

    /// Appends the end of a struct.
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
        append(bigEndian: value)
    }

    @inline(__always)
    mutating func append(field id: Int16, int64 value: Int64) {
        append(field: id, .int64)
        append(bigEndian: value)
    }

    @inline(__always)
    mutating func append(field id: Int16, double value: Double) {
        append(field: id, .double)
        append(bigEndian: value.bitPattern)
    }

    @inline(__always)
    mutating func append(field id: Int16, string value: String) {
        append(field: id, .string)
        append(bigEndian: Int32(truncatingIfNeeded: value.utf8.count))
        append(utf8Of: value)
    }

    @inline(__always)
    mutating func append(field id: Int16, binary value: [UInt8]) {
        append(field: id, .string)
        append(bigEndian: Int32(truncatingIfNeeded: value.count))
        append(copying: value.span)
    }

    /// Appends the head of a list of structs; `count` structs must follow, each with its stop byte.
    @inline(__always)
    mutating func append(field id: Int16, structures count: Int) {
        append(field: id, .list)
        append(ThriftType.structure.rawValue)
        append(bigEndian: Int32(truncatingIfNeeded: count))
    }
}

/// The encoded sizes of fields, in bytes, by which the output is reserved.
///
/// Sizes are exact, so they are also used to limit queues and batches before anything is encoded.
enum ThriftSize {
    /// The byte that ends a struct.
    static let stop = 1
    static let bool = 3 + 1
    static let int32 = 3 + 4
    static let int64 = 3 + 8
    static let double = 3 + 8
    /// The header of a list field: type and id, element type, count.
    static let listHeader = 3 + 1 + 4

    /// The size of a text; none comes near the protocol's limit of signed 32 bits, because batches are bounded.
    @inline(__always)
    static func string(_ value: String) -> Int { 3 + 4 + value.utf8.count }

    @inline(__always)
    static func binary(_ value: [UInt8]) -> Int { 3 + 4 + value.count }
}
