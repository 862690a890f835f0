import JaegerTracing

/// Reads one protobuf message from untrusted bytes; nested messages have separate readers.
///
/// A reader cannot leave its message. Each length is checked against the remaining bytes, nesting and the number of
/// messages are limited, and any input results in a value or a ``MalformedBytes``. Unknown fields are skipped by their
/// type.
struct ProtobufReader {
    /// The key of a field.
    struct Field {
        let number: UInt32
        let type: WireType
    }

    /// The maximum nesting depth of messages; OTLP itself needs seven levels, and two for a nested array.
    static let depthLimit = 64

    /// The maximum number of messages in one input: an attribute is two, an element of an array one.
    ///
    /// A message of two bytes may take dozens in memory; 20 MiB of typical spans have about a million.
    static let maxMessageCount = 1 << 21

    /// The number of messages that may still be read, shared by all readers of the same bytes.
    private final class Budget {
        var messageCount = ProtobufReader.maxMessageCount
    }

    private let bytes: [UInt8]
    private let budget: Budget
    /// The offset of the next byte from the start of all bytes.
    private(set) var offset: Int
    private let end: Int
    private let depth: Int

    /// Creates a reader of a message that consists of all bytes.
    init(_ bytes: [UInt8]) {
        self.init(bytes, 0..<bytes.count, depth: 0, budget: Budget())
    }

    private init(_ bytes: [UInt8], _ range: Range<Int>, depth: Int, budget: Budget) {
        self.bytes = bytes
        self.budget = budget
        offset = range.lowerBound
        end = range.upperBound
        self.depth = depth
    }

    /// Consumes bytes and returns their offset.
    @inline(__always)
    private mutating func take(_ byteCount: Int) throws(MalformedBytes) -> Int {
        guard byteCount <= end - offset else { throw MalformedBytes(.endOfInput, at: end) }
        let start = offset
        offset += byteCount
        return start
    }

    // MARK: Structure

    /// Reads the key of the next field; nil at the end of the message.
    @inline(__always)
    mutating func field() throws(MalformedBytes) -> Field? {
        guard offset < end else { return nil }
        let start = offset
        let key = try varint()
        let typeBits = UInt8(truncatingIfNeeded: key & 7)
        guard let type = WireType(rawValue: typeBits) else {
            throw MalformedBytes(.unknownType(typeBits), at: start)
        }
        let number = key >> 3
        guard number >= 1, number < 1 << 29 else {
            throw MalformedBytes(.invalidFieldNumber(number), at: start)
        }
        return Field(number: UInt32(truncatingIfNeeded: number), type: type)
    }

    /// Skips the value after a key.
    mutating func skip(_ type: WireType) throws(MalformedBytes) {
        switch type {
        case .varint: _ = try varint()
        case .fixed64: _ = try take(8)
        case .fixed32: _ = try take(4)
        case .lengthDelimited: _ = try lengthDelimited()
        }
    }

    /// Reads a message as value.
    mutating func message() throws(MalformedBytes) -> ProtobufReader {
        guard depth < Self.depthLimit else { throw MalformedBytes(.tooDeep, at: offset) }
        guard budget.messageCount > 0 else { throw MalformedBytes(.tooManyValues, at: offset) }
        budget.messageCount -= 1
        return ProtobufReader(bytes, try lengthDelimited(), depth: depth + 1, budget: budget)
    }

    // MARK: Values

    /// Reads a number with seven bits per byte, the lowest first.
    @inline(__always)
    mutating func varint() throws(MalformedBytes) -> UInt64 {
        let start = offset
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte = bytes[try take(1)]
            // The tenth byte contains the last of 64 bits.
            guard shift < 63 || byte <= 1 else { throw MalformedBytes(.oversizedNumber, at: start) }
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
    }

    mutating func fixed64() throws(MalformedBytes) -> UInt64 {
        let start = try take(8)
        var value: UInt64 = 0
        for index in 0..<8 {
            value |= UInt64(bytes[start + index]) << (8 * UInt64(index))
        }
        return value
    }

    mutating func fixed32() throws(MalformedBytes) -> UInt32 {
        let start = try take(4)
        var value: UInt32 = 0
        for index in 0..<4 {
            value |= UInt32(bytes[start + index]) << (8 * UInt32(index))
        }
        return value
    }

    /// Reads a text; bytes that are not valid UTF-8 are replaced by U+FFFD.
    mutating func string() throws(MalformedBytes) -> String {
        String(decoding: bytes[try lengthDelimited()], as: UTF8.self)
    }

    mutating func binary() throws(MalformedBytes) -> [UInt8] {
        Array(bytes[try lengthDelimited()])
    }

    /// Reads a big-endian number of 8 bytes, or of 16 bytes in two halves.
    ///
    /// - Returns: Nil if the length differs.
    mutating func id(halfCount: Int) throws(MalformedBytes) -> (high: UInt64, low: UInt64)? {
        let range = try lengthDelimited()
        guard range.count == 8 * halfCount else { return nil }
        var high: UInt64 = 0
        var low: UInt64 = 0
        for index in range {
            high = high << 8 | low >> 56
            low = low << 8 | UInt64(bytes[index])
        }
        return (high, low)
    }

    private mutating func lengthDelimited() throws(MalformedBytes) -> Range<Int> {
        let start = offset
        let length = try varint()
        guard let byteCount = Int(exactly: length), byteCount <= end - offset else {
            throw MalformedBytes(.lengthBeyondInput(length), at: start)
        }
        let first = try take(byteCount)
        return first..<first + byteCount
    }
}
