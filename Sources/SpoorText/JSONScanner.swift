/// Checks a JSON text (RFC 8259) without building values, with limits on depth and members.
///
/// It keeps its own stack, so that no nesting overflows that of the thread, and it checks every value, also those that a
/// decoder would skip. A fault has a JSON pointer (RFC 6901) to the value that is affected.
package struct JSONScanner: ~Copyable {
    /// The limits of a JSON text.
    package struct Limits: Hashable, Sendable {
        /// The maximum nesting depth of arrays and objects.
        package var maxDepth: Int
        /// The maximum number of members of objects, in the whole text.
        package var maxMembers: Int

        package init(maxDepth: Int, maxMembers: Int) {
            self.maxDepth = maxDepth
            self.maxMembers = maxMembers
        }
    }

    /// The reason why a text is rejected.
    package enum Reason: Hashable, Sendable {
        /// The byte at the offset does not match the grammar; contains what is expected.
        case expected(StaticText)
        /// The text ends before the value is complete.
        case incomplete
        /// Bytes follow the value.
        case trailingBytes
        /// A string is not valid UTF-8.
        case invalidUTF8
        /// Arrays and objects are nested deeper than ``Limits/maxDepth``.
        case tooDeep
        /// Objects have more members than ``Limits/maxMembers``.
        case tooManyMembers
    }

    /// A fault of a text: its reason, where it is, and which value it concerns.
    package struct Fault: Error, Hashable, Sendable {
        package let reason: Reason
        /// The offset in bytes.
        package let offset: Int
        /// The JSON pointer of the value that is incomplete or invalid; empty for the whole text.
        package let pointer: String
    }

    /// A text that is known at compile time, as a hashable value.
    package struct StaticText: Hashable, Sendable, ExpressibleByStringLiteral,
        CustomStringConvertible
    {
        package let description: String
        package init(stringLiteral value: String) { description = value }
    }

    /// An open array or object.
    private enum Level {
        /// An array and the index of its next element.
        case array(Int)
        /// An object and the position of the name of its last member, without quotes.
        case object(Range<Int>)
    }

    private let limits: Limits
    private var offset = 0
    private var levels: [Level] = []
    private var memberCount = 0

    private init(_ limits: Limits) {
        self.limits = limits
    }

    /// Checks a complete JSON text; blanks around the value are part of it.
    package static func check(_ bytes: Span<UInt8>, limits: Limits) throws(Fault) {
        var scanner = JSONScanner(limits)
        do throws(Failure) {
            try scanner.text(bytes)
        } catch {
            throw Fault(
                reason: error.reason, offset: scanner.offset, pointer: scanner.pointer(bytes))
        }
    }

    private struct Failure: Error {
        let reason: Reason
        init(_ reason: Reason) { self.reason = reason }
    }

    // MARK: Structure

    private mutating func text(_ bytes: Span<UInt8>) throws(Failure) {
        skipBlanks(bytes)
        try value(bytes)
        while let level = levels.last {
            skipBlanks(bytes)
            try next(bytes, in: level)
        }
        skipBlanks(bytes)
        if offset < bytes.count { throw Failure(.trailingBytes) }
    }

    /// Checks the next element or member of the innermost array or object, or its end.
    private mutating func next(_ bytes: Span<UInt8>, in level: Level) throws(Failure) {
        let byte = try peek(bytes)
        switch level {
        case .array(let index):
            if byte == UInt8(ascii: "]"), index >= 0 { return pop() }
            guard index < 0 || byte == .comma else { throw Failure(.expected("a comma or ]")) }
            if index >= 0 { offset += 1 }
            skipBlanks(bytes)
            levels[levels.count - 1] = .array(max(index, -1) + 1)
            try value(bytes)
        case .object(let name):
            if byte == UInt8(ascii: "}"), !name.isEmpty || name.lowerBound > 0 { return pop() }
            if name.lowerBound > 0 {
                guard byte == .comma else { throw Failure(.expected("a comma or }")) }
                offset += 1
                skipBlanks(bytes)
            }
            try member(bytes)
        }
    }

    private mutating func member(_ bytes: Span<UInt8>) throws(Failure) {
        guard try peek(bytes) == .quote else { throw Failure(.expected("a member name in quotes")) }
        memberCount += 1
        guard memberCount <= limits.maxMembers else { throw Failure(.tooManyMembers) }
        let start = offset + 1
        try string(bytes)
        levels[levels.count - 1] = .object(start..<offset - 1)
        skipBlanks(bytes)
        guard try peek(bytes) == .colon else { throw Failure(.expected("a colon")) }
        offset += 1
        skipBlanks(bytes)
        try value(bytes)
    }

    private mutating func value(_ bytes: Span<UInt8>) throws(Failure) {
        switch try peek(bytes) {
        case .quote: try string(bytes)
        case UInt8(ascii: "{"): try open(bytes, .object(0..<0), closing: UInt8(ascii: "}"))
        case UInt8(ascii: "["): try open(bytes, .array(-1), closing: UInt8(ascii: "]"))
        case UInt8(ascii: "t"): try literal("true", bytes)
        case UInt8(ascii: "f"): try literal("false", bytes)
        case UInt8(ascii: "n"): try literal("null", bytes)
        case let byte where byte == .hyphen || byte.isDigit: try number(bytes)
        default: throw Failure(.expected("a value"))
        }
    }

    /// Opens an array or object, and closes it again if it is empty.
    private mutating func open(
        _ bytes: Span<UInt8>, _ level: Level, closing: UInt8
    ) throws(Failure) {
        guard levels.count < limits.maxDepth else { throw Failure(.tooDeep) }
        offset += 1
        skipBlanks(bytes)
        if offset < bytes.count, bytes[offset] == closing {
            offset += 1
        } else {
            levels.append(level)
        }
    }

    private mutating func pop() {
        offset += 1
        levels.removeLast()
    }

    // MARK: Scalars

    private mutating func literal(_ text: StaticString, _ bytes: Span<UInt8>) throws(Failure) {
        for byte in text.description.utf8 {
            guard try peek(bytes) == byte else { throw Failure(.expected("a value")) }
            offset += 1
        }
    }

    /// RFC 8259 §6: the only sign is minus, no leading zeros, digits on both sides of the decimal point.
    private mutating func number(_ bytes: Span<UInt8>) throws(Failure) {
        if bytes[offset] == .hyphen { offset += 1 }
        if try peek(bytes) == .digitZero { offset += 1 } else { try digits(bytes) }
        if isNext(.dot, bytes) {
            offset += 1
            try digits(bytes)
        }
        if isNext(UInt8(ascii: "e"), bytes) || isNext(UInt8(ascii: "E"), bytes) {
            offset += 1
            if isNext(.hyphen, bytes) || isNext(.plus, bytes) { offset += 1 }
            try digits(bytes)
        }
    }

    private mutating func digits(_ bytes: Span<UInt8>) throws(Failure) {
        guard try peek(bytes).isDigit else { throw Failure(.expected("a digit")) }
        while offset < bytes.count, bytes[offset].isDigit { offset += 1 }
    }

    private mutating func string(_ bytes: Span<UInt8>) throws(Failure) {
        let start = offset
        offset += 1
        var isASCII = true
        while offset < bytes.count {
            let byte = bytes[offset]
            if byte == .quote {
                offset += 1
                if !isASCII { try checkUTF8(bytes, start + 1..<offset - 1) }
                return
            }
            if byte == .backslash {
                try escape(bytes)
            } else if byte < .space {
                throw Failure(.expected("an escaped control character"))
            } else {
                if byte >= 0x80 { isASCII = false }
                offset += 1
            }
        }
        throw Failure(.incomplete)
    }

    /// RFC 8259 §7; a lone surrogate has no meaning as text.
    private mutating func escape(_ bytes: Span<UInt8>) throws(Failure) {
        offset += 1
        switch try peek(bytes) {
        case .quote, .backslash, .slash, UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
            UInt8(ascii: "r"), UInt8(ascii: "t"):
            offset += 1
        case UInt8(ascii: "u"):
            offset += 1
            let unit = try codeUnit(bytes)
            if 0xDC00...0xDFFF ~= unit { throw Failure(.expected("a high surrogate first")) }
            guard 0xD800...0xDBFF ~= unit else { return }
            guard isNext(.backslash, bytes) else { throw Failure(.expected("a low surrogate")) }
            offset += 1
            guard isNext(UInt8(ascii: "u"), bytes) else {
                throw Failure(.expected("a low surrogate"))
            }
            offset += 1
            guard 0xDC00...0xDFFF ~= (try codeUnit(bytes)) else {
                throw Failure(.expected("a low surrogate"))
            }
        default: throw Failure(.expected("an escape of RFC 8259"))
        }
    }

    private mutating func codeUnit(_ bytes: Span<UInt8>) throws(Failure) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = try peek(bytes).hexDigitValue else {
                throw Failure(.expected("four hexadecimal digits"))
            }
            unit = unit << 4 | UInt32(digit)
            offset += 1
        }
        return unit
    }

    private mutating func checkUTF8(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(Failure) {
        guard (try? UTF8Span(validating: bytes.extracting(range))) != nil else {
            offset = range.lowerBound
            throw Failure(.invalidUTF8)
        }
    }

    // MARK: Bytes

    private func peek(_ bytes: Span<UInt8>) throws(Failure) -> UInt8 {
        guard offset < bytes.count else { throw Failure(.incomplete) }
        return bytes[offset]
    }

    private func isNext(_ byte: UInt8, _ bytes: Span<UInt8>) -> Bool {
        offset < bytes.count && bytes[offset] == byte
    }

    private mutating func skipBlanks(_ bytes: Span<UInt8>) {
        while offset < bytes.count {
            let byte = bytes[offset]
            guard byte.isBlank || byte == .lineFeed || byte == .carriageReturn else { return }
            offset += 1
        }
    }

    // MARK: Pointer

    /// The pointer to the value that was being checked; names are shown as they are in the text, with the escapes of
    /// RFC 6901 §3.
    private func pointer(_ bytes: Span<UInt8>) -> String {
        var pointer = ""
        for level in levels {
            switch level {
            case .array(let index): pointer += "/\(max(0, index))"
            case .object(let name):
                guard name.lowerBound > 0 else { continue }
                let text = String(decoding: name.map { bytes[$0] }, as: UTF8.self)
                pointer += "/" + JSONPointer.escape(text)
            }
        }
        return pointer
    }
}

/// JSON pointers (RFC 6901).
package enum JSONPointer {
    /// Returns a name as a reference token: `~` becomes `~0`, `/` becomes `~1`.
    package static func escape(_ name: String) -> String {
        guard name.utf8.contains(where: { $0 == .slash || $0 == .tilde }) else { return name }
        return name.unicodeScalars.reduce(into: "") { token, scalar in
            switch scalar {
            case "~": token += "~0"
            case "/": token += "~1"
            default: token.unicodeScalars.append(scalar)
            }
        }
    }
}
