import JaegerTracing

/// Reads one protobuf message from bytes that nobody vouches for; messages within have readers of their own.
///
/// A reader cannot leave its message. Every length is held against what is left, nesting is
/// bounded, as is the number of messages, and any bytes whatsoever end in a value or a ``MalformedBytes``. What is not asked for
/// is stepped over by its type, unread.
struct ProtobufReader {
    /// The key of one field.
    struct Field {
        let number: UInt32
        let type: WireType
    }

    /// How deep messages may nest: OTLP itself needs seven levels, and two for an array in an array.
    static let depthLimit = 64

    /// How many messages may be read from all bytes: an attribute is two, an element of an array one.
    ///
    /// A message of two bytes may take dozens in memory; 20 MiB of honest spans have about a million.
    static let maxMessageCount = 1 << 21

    /// How many more messages may be read, by all readers of the same bytes together.
    private final class Budget {
        var messageCount = ProtobufReader.maxMessageCount
    }

    private let bytes: [UInt8]
    private let budget: Budget
    /// How many bytes from the start of all bytes the next one is.
    private(set) var offset: Int
    private let end: Int
    private let depth: Int

    /// A reader of a message that takes all bytes.
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

    /// Claims the next bytes and answers where they start.
    @inline(__always)
    private mutating func take(_ byteCount: Int) throws(MalformedBytes) -> Int {
        guard byteCount <= end - offset else { throw MalformedBytes(.endOfInput, at: end) }
        let start = offset
        offset += byteCount
        return start
    }

    // MARK: Structure

    /// The key of the next field; nil at the end of the message.
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

    /// Steps over the value behind a key.
    mutating func skip(_ type: WireType) throws(MalformedBytes) {
        switch type {
        case .varint: _ = try varint()
        case .fixed64: _ = try take(8)
        case .fixed32: _ = try take(4)
        case .lengthDelimited: _ = try lengthDelimited()
        }
    }

    /// A message as value.
    mutating func message() throws(MalformedBytes) -> ProtobufReader {
        guard depth < Self.depthLimit else { throw MalformedBytes(.tooDeep, at: offset) }
        guard budget.messageCount > 0 else { throw MalformedBytes(.tooManyValues, at: offset) }
        budget.messageCount -= 1
        return ProtobufReader(bytes, try lengthDelimited(), depth: depth + 1, budget: budget)
    }

    // MARK: Values

    /// A number in seven bits a byte, the lowest first.
    @inline(__always)
    mutating func varint() throws(MalformedBytes) -> UInt64 {
        let start = offset
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte = bytes[try take(1)]
            // The tenth byte holds the last of 64 bits.
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

    /// A text; what is not UTF-8 in it is replaced by U+FFFD.
    mutating func string() throws(MalformedBytes) -> String {
        String(decoding: bytes[try lengthDelimited()], as: UTF8.self)
    }

    mutating func binary() throws(MalformedBytes) -> [UInt8] {
        Array(bytes[try lengthDelimited()])
    }

    /// The number whose bytes, the highest first, are the value: 8 of them, or 16 in two halves.
    ///
    /// - Returns: Nil if there are more bytes or fewer.
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
