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
