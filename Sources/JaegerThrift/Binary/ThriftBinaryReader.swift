package import JaegerTracing

/// Reads the Thrift binary protocol from untrusted bytes.
///
/// Each length is checked against the remaining bytes, nesting is limited, and any input results in a value or a
/// ``MalformedBytes``. Unknown fields are skipped by their type.
package struct ThriftBinaryReader: Sendable {
    /// The head of a field.
    package struct Field: Sendable {
        package let type: ThriftType
        package let id: Int16
    }

    /// The maximum nesting depth of skipped values; jaeger.thrift itself needs four levels.
    package static let depthLimit = 32

    private let bytes: [UInt8]
    /// The number of bytes that have been read; may be set to the start of a validated value.
    var offset = 0

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Never negative: the offset stays within the bytes.
    private var remaining: Int { bytes.count &- offset }

    /// Consumes bytes and returns their offset.
    @inline(__always)
    private mutating func take(_ byteCount: Int) throws(MalformedBytes) -> Int {
        guard byteCount <= remaining else { throw MalformedBytes(.endOfInput, at: bytes.count) }
        let start = offset
        offset = start &+ byteCount
        return start
    }

    // MARK: Values of fixed size

    @inline(__always)
    package mutating func byte() throws(MalformedBytes) -> UInt8 {
        bytes[try take(1)]
    }

    /// Reads one byte as a Boolean; zero is false.
    package mutating func bool() throws(MalformedBytes) -> Bool {
        try byte() != 0
    }

    @inline(__always)
    package mutating func int16() throws(MalformedBytes) -> Int16 {
        Int16(bitPattern: try bigEndian(UInt16.self))
    }

    @inline(__always)
    package mutating func int32() throws(MalformedBytes) -> Int32 {
        Int32(bitPattern: try bigEndian(UInt32.self))
    }

    @inline(__always)
    package mutating func int64() throws(MalformedBytes) -> Int64 {
        Int64(bitPattern: try bigEndian(UInt64.self))
    }

    @inline(__always)
    private mutating func bigEndian<Value: FixedWidthInteger>(
        _: Value.Type
    ) throws(MalformedBytes) -> Value {
        let byteCount = Value.bitWidth / 8
        let start = try take(byteCount)
        // With a known size it is loaded as a whole, with one bounds check.
        let span = bytes.span.extracting(start..<start &+ byteCount)
        var value: Value = 0
        for index in 0..<byteCount {
            value = value << 8 | Value(truncatingIfNeeded: span[index])
        }
        return value
    }

    package mutating func double() throws(MalformedBytes) -> Double {
        Double(bitPattern: UInt64(bitPattern: try int64()))
    }

    // MARK: Values with a length prefix

    /// Reads a text; bytes that are not valid UTF-8 are replaced by U+FFFD.
    package mutating func string() throws(MalformedBytes) -> String {
        string(in: try lengthPrefixed())
    }

    /// Consumes a text or bytes, and returns their range.
    @inline(__always)
    mutating func lengthPrefixed() throws(MalformedBytes) -> Range<Int> {
        let byteCount = try count(ofAtLeast: 1)
        let start = try take(byteCount)
        return start..<start &+ byteCount
    }

    /// Returns the text in a consumed range; bytes that are not valid UTF-8 are replaced by U+FFFD.
    func string(in range: Range<Int>) -> String {
        String(decoding: bytes[range], as: UTF8.self)
    }

    /// Returns the bytes in a consumed range.
    func binary(in range: Range<Int>) -> [UInt8] { Array(bytes[range]) }

    /// Returns whether a consumed range contains the given bytes.
    func bytes(in range: Range<Int>, are other: [UInt8]) -> Bool {
        range.count == other.count && bytes[range] == other[...]
    }

    /// Reads a length or count; throws if its elements cannot fit in the remaining bytes.
    @inline(__always)
    private mutating func count(ofAtLeast elementByteCount: Int) throws(MalformedBytes) -> Int {
        let start = offset
        let count = try int32()
        guard count >= 0 else { throw MalformedBytes(.negativeLength(count), at: start) }
        guard Int(count) <= remaining / elementByteCount else {
            throw MalformedBytes(.lengthBeyondInput(UInt64(count)), at: start)
        }
        return Int(count)
    }

    // MARK: Structure

    /// Throws if there is the message envelope that precedes a struct in remote calls and over UDP.
    package func rejectMessageEnvelope() throws(MalformedBytes) {
        // A strict envelope starts with 80 01; no field type has the highest bit set.
        if bytes.count - offset >= 2, bytes[offset] == 0x80, bytes[offset + 1] == 0x01 {
            throw MalformedBytes(.messageEnvelope, at: offset)
        }
    }

    /// Reads the head of the next field of a struct; nil at its end.
    @inline(__always)
    package mutating func field() throws(MalformedBytes) -> Field? {
        let start = offset
        let typeByte = try byte()
        guard typeByte != 0 else { return nil }
        guard let type = ThriftType(rawValue: typeByte) else {
            throw MalformedBytes(.unknownType(typeByte), at: start)
        }
        return Field(type: type, id: try int16())
    }

    /// Reads the header of a list of structs, each of at least `minimumByteCount`, and returns the number of elements.
    package mutating func structureCount(
        minimumByteCount: Int
    ) throws(MalformedBytes) -> Int {
        let start = offset
        let typeByte = try byte()
        let count = try count(ofAtLeast: minimumByteCount)
        // The element type of an empty list is meaningless: some writers set it to 0.
        guard count > 0, typeByte != ThriftType.structure.rawValue else { return count }
        throw MalformedBytes(.unexpectedElementType(typeByte), at: start)
    }

    // MARK: Skipping

    /// Skips one value.
    package mutating func skip(_ type: ThriftType) throws(MalformedBytes) {
        try skip(type, depth: 0)
    }

    private mutating func skip(_ type: ThriftType, depth: Int) throws(MalformedBytes) {
        guard depth < Self.depthLimit else { throw MalformedBytes(.tooDeep, at: offset) }
        switch type {
        case .bool, .byte: _ = try take(1)
        case .int16: _ = try take(2)
        case .int32: _ = try take(4)
        case .int64, .double: _ = try take(8)
        case .uuid: _ = try take(16)
        case .string: _ = try lengthPrefixed()
        case .structure:
            while let field = try field() {
                try skip(field.type, depth: depth + 1)
            }
        case .set, .list:
            let element = try byte()
            for _ in 0..<(try count(ofAtLeast: 1)) {
                try skip(typeByte: element, depth: depth + 1)
            }
        case .map:
            let key = try byte()
            let value = try byte()
            for _ in 0..<(try count(ofAtLeast: 2)) {
                try skip(typeByte: key, depth: depth + 1)
                try skip(typeByte: value, depth: depth + 1)
            }
        }
    }

    /// An unknown type byte is an error only if there is an element of it.
    private mutating func skip(typeByte: UInt8, depth: Int) throws(MalformedBytes) {
        guard let type = ThriftType(rawValue: typeByte) else {
            throw MalformedBytes(.unknownType(typeByte), at: offset)
        }
        try skip(type, depth: depth)
    }
}

/// The type bytes of the Thrift binary protocol, as in field, list and map headers.
///
/// A reader that knows them can skip any value without knowing its meaning.
package enum ThriftType: UInt8, Sendable {
    case bool = 0x02
    case byte = 0x03
    case double = 0x04
    case int16 = 0x06
    case int32 = 0x08
    case int64 = 0x0a
    /// `string` and `binary` of the IDL have the same encoding.
    case string = 0x0b
    case structure = 0x0c
    case map = 0x0d
    case set = 0x0e
    case list = 0x0f
    case uuid = 0x10
}
