/// A type that represents a JSON text: ``JSONReader`` creates its values from the innermost to the outermost.
package protocol JSONTree {
    static var null: Self { get }
    static func bool(_ value: Bool) -> Self
    static func string(_ value: String) -> Self
    static func array(_ elements: [Self]) -> Self
    /// Returns the value for a number; nil if it cannot be represented, which is an error of the text.
    static func number(text: String) -> Self?
    /// Returns the value for an object, whose members are in the order of the text.
    static func object(members: [(name: String, value: Self)]) -> Self
}

/// A strict JSON parser (RFC 8259): it accepts only what the grammar allows, and limits the nesting depth.
package struct JSONReader<Value: JSONTree> {

    private let bytes: [UInt8]
    private let maxDepth: Int
    private var offset = 0

    /// Parses a complete JSON text.
    ///
    /// - Parameter maxDepth: The maximum nesting depth of arrays and objects, as each level takes stack space;
    ///   responses of sampling endpoints need four levels.
    /// - Throws: ``JSONError`` at the first byte that does not fit the grammar.
    package static func read(_ bytes: [UInt8], maxDepth: Int = 16) throws(JSONError) -> Value {
        var reader = JSONReader(bytes: bytes, maxDepth: maxDepth)
        let value = try reader.value(depth: 0)
        reader.skipBlanks()
        guard reader.next == nil else { throw reader.error }
        return value
    }

    private init(bytes: [UInt8], maxDepth: Int) {
        self.bytes = bytes
        self.maxDepth = maxDepth
    }

    private var error: JSONError { JSONError(offset: offset) }

    /// The next byte; nil at the end.
    private var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private mutating func skipBlanks() {
        while let byte = next, byte.isBlank || byte == .lineFeed || byte == .carriageReturn {
            offset += 1
        }
    }

    /// Skips a byte if it is the next one, and returns whether it was.
    private mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        offset += 1
        return true
    }

    private mutating func expect(_ character: Unicode.Scalar) throws(JSONError) {
        guard skip(character) else { throw error }
    }

    private mutating func value(depth: Int) throws(JSONError) -> Value {
        skipBlanks()
        switch next {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        default: return try number()
        }
    }

    private mutating func literal(
        _ text: StaticString, _ value: Value
    ) throws(JSONError) -> Value {
        for byte in text.description.utf8 {
            guard next == byte else { throw error }
            offset += 1
        }
        return value
    }

    private mutating func array(depth: Int) throws(JSONError) -> Value {
        guard depth < maxDepth else { throw error }
        try expect("[")
        skipBlanks()
        if skip("]") { return .array([]) }
        var values: [Value] = []
        repeat {
            values.append(try value(depth: depth + 1))
            skipBlanks()
        } while skip(",")
        try expect("]")
        return .array(values)
    }

    private mutating func object(depth: Int) throws(JSONError) -> Value {
        guard depth < maxDepth else { throw error }
        try expect("{")
        skipBlanks()
        if skip("}") { return .object(members: []) }
        var members: [(name: String, value: Value)] = []
        repeat {
            skipBlanks()
            let name = try string()
            skipBlanks()
            try expect(":")
            members.append((name, try value(depth: depth + 1)))
            skipBlanks()
        } while skip(",")
        try expect("}")
        return .object(members: members)
    }

    // RFC 8259 §6: the only sign is minus, no leading zeros, digits on both sides of the decimal point.
    private mutating func number() throws(JSONError) -> Value {
        let start = offset
        _ = skip("-")
        if !skip("0") { try digits() }
        if skip(".") { try digits() }
        if skip("e") || skip("E") {
            if !skip("-") { _ = skip("+") }
            try digits()
        }
        let text = String(decoding: bytes[start..<offset], as: UTF8.self)
        guard let number = Value.number(text: text) else { throw error }
        return number
    }

    private mutating func digits() throws(JSONError) {
        let start = offset
        while let byte = next, byte.isDigit { offset += 1 }
        guard offset > start else { throw error }
    }

    private mutating func string() throws(JSONError) -> String {
        try expect("\"")
        var text: [UInt8] = []
        while let byte = next, byte != UInt8(ascii: "\"") {
            // RFC 8259 §7: control characters must be escaped.
            guard byte >= .space else { throw error }
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
        // RFC 8259 §7: characters outside the basic plane are escaped as a surrogate pair.
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
            guard let digit = next?.hexDigitValue else { throw error }
            number = number << 4 | UInt32(digit)
            offset += 1
        }
        return number
    }
}

/// The error for a text that is not valid JSON.
package struct JSONError: Error, Equatable {
    /// The offset in bytes of the first byte that does not fit the grammar.
    package let offset: Int
}
