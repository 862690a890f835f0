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
