/// Reads a text of JSON (RFC 8259) strictly: nothing before, between or behind that the grammar does
/// not know, and no value nested deeper than ``depthMax``.
struct JSONReader {
    /// How deep arrays and objects may be nested: answers of sampling endpoints need four levels.
    static let depthMax = 16

    private let bytes: [UInt8]
    private var offset = 0

    /// Reads a whole text.
    static func read(_ bytes: [UInt8]) throws(JSONError) -> JSONValue {
        var reader = JSONReader(bytes: bytes)
        let value = try reader.value(depth: 0)
        reader.skipBlanks()
        guard reader.next == nil else { throw reader.error }
        return value
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    private var error: JSONError { JSONError(offset: offset) }

    /// The byte to read; nil at the end.
    private var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private mutating func skipBlanks() {
        while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D {
            offset += 1
        }
    }

    /// Skips a byte if it is the next one.
    private mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        offset += 1
        return true
    }

    private mutating func expect(_ character: Unicode.Scalar) throws(JSONError) {
        guard skip(character) else { throw error }
    }

    private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
        skipBlanks()
        switch next {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        default: return .number(try number())
        }
    }

    private mutating func literal(
        _ text: StaticString, _ value: JSONValue
    ) throws(JSONError) -> JSONValue {
        for byte in text.description.utf8 {
            guard next == byte else { throw error }
            offset += 1
        }
        return value
    }

    private mutating func array(depth: Int) throws(JSONError) -> JSONValue {
        guard depth < Self.depthMax else { throw error }
        try expect("[")
        skipBlanks()
        if skip("]") { return .array([]) }
        var values: [JSONValue] = []
        repeat {
            values.append(try value(depth: depth + 1))
            skipBlanks()
        } while skip(",")
        try expect("]")
        return .array(values)
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSONValue {
        guard depth < Self.depthMax else { throw error }
        try expect("{")
        skipBlanks()
        if skip("}") { return .object([:]) }
        var members: [String: JSONValue] = [:]
        repeat {
            skipBlanks()
            let name = try string()
            skipBlanks()
            try expect(":")
            members[name] = try value(depth: depth + 1)
            skipBlanks()
        } while skip(",")
        try expect("}")
        return .object(members)
    }

    // RFC 8259 §6: no sign but minus, no leading zero, digits on both sides of the point.
    private mutating func number() throws(JSONError) -> Double {
        let start = offset
        _ = skip("-")
        if !skip("0") { try digits() }
        if skip(".") { try digits() }
        if skip("e") || skip("E") {
            if !skip("-") { _ = skip("+") }
            try digits()
        }
        let text = String(decoding: bytes[start..<offset], as: UTF8.self)
        guard let number = Double(text), number.isFinite else { throw error }
        return number
    }

    private mutating func digits() throws(JSONError) {
        let start = offset
        while let byte = next, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { offset += 1 }
        guard offset > start else { throw error }
    }

    private mutating func string() throws(JSONError) -> String {
        try expect("\"")
        var text: [UInt8] = []
        while let byte = next, byte != UInt8(ascii: "\"") {
            // RFC 8259 §7: control characters must be escaped.
            guard byte >= 0x20 else { throw error }
            offset += 1
            if byte == UInt8(ascii: "\\") {
                text.append(contentsOf: try escaped().utf8)
            } else {
                text.append(byte)
            }
        }
        try expect("\"")
        guard let string = String(validating: text, as: UTF8.self) else { throw error }
        return string
    }

    private mutating func escaped() throws(JSONError) -> Character {
        guard let byte = next else { throw error }
        offset += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"):
            return Character(Unicode.Scalar(byte))
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return Character(try escapedScalar())
        default: throw error
        }
    }

    private mutating func escapedScalar() throws(JSONError) -> Unicode.Scalar {
        let unit = try hexadecimal()
        if let scalar = Unicode.Scalar(unit) { return scalar }
        // RFC 8259 §7: what is beyond the basic plane comes as a pair of surrogates.
        guard unit < 0xDC00, skip("\\"), skip("u") else { throw error }
        let low = try hexadecimal()
        guard (0xDC00...0xDFFF).contains(low),
            let scalar = Unicode.Scalar(0x1_0000 + (unit - 0xD800) << 10 + (low - 0xDC00))
        else { throw error }
        return scalar
    }

    private mutating func hexadecimal() throws(JSONError) -> UInt32 {
        var number: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue,
                byte < 0x80
            else { throw error }
            number = number << 4 | UInt32(digit)
            offset += 1
        }
        return number
    }
}

/// A value of JSON (RFC 8259), as far as answers of sampling endpoints need it.
///
/// Read by a reader of our own: `JSONDecoder` would make every program that traces larger by seven
/// megabytes of Foundation, for an answer of some hundred bytes a minute.
enum JSONValue: Equatable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSONValue])
    /// Of a name that comes twice the last value counts.
    case object([String: JSONValue])

    /// The member of an object; nil if this is no object, or has no such member, or it is null.
    subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self, let value = members[name], value != .null else {
            return nil
        }
        return value
    }

    var number: Double? {
        if case .number(let number) = self { number } else { nil }
    }

    var string: String? {
        if case .string(let string) = self { string } else { nil }
    }

    var array: [JSONValue]? {
        if case .array(let values) = self { values } else { nil }
    }
}

/// A text that is no JSON.
struct JSONError: Error, Equatable {
    /// Where the text ceases to be JSON, in bytes.
    let offset: Int
}
