/// Parses the parts of a header value one after the other: tokens, quoted strings, parameters and weights (RFC 9110
/// §5.6, §12.4.2).
///
/// Each method consumes what it returns, and a time proportional to it.
struct HeaderValueReader {
    /// The bytes that are not parsed yet.
    var rest: ArraySlice<UInt8>

    init(_ bytes: some Sequence<UInt8>) {
        rest = Array(bytes)[...]
    }

    /// Skips a byte if it is next, and returns whether it was.
    mutating func skip(_ byte: UInt8) -> Bool {
        guard rest.first == byte else { return false }
        rest.removeFirst()
        return true
    }

    /// Skips optional white space (RFC 9110 §5.6.3).
    mutating func skipBlanks() { rest = rest.drop(while: \.isBlank) }

    /// Parses one or more token bytes (RFC 9110 §5.6.2); returns nil if there is none.
    mutating func token() -> String? {
        let token = rest.prefix(while: \.isTokenByte)
        rest = rest.dropFirst(token.count)
        return token.isEmpty ? nil : String(decoding: token, as: UTF8.self)
    }

    /// Parses a quoted string, which must be next (RFC 9110 §5.6.4); returns nil if the closing quote is missing.
    mutating func quotedString() -> String? {
        var value: [UInt8] = []
        guard skip(.quote) else { return nil }
        while let byte = rest.popFirst() {
            switch byte {
            case .quote: return String(decoding: value, as: UTF8.self)
            case .backslash:
                guard let escaped = rest.popFirst() else { return nil }
                value.append(escaped)
            default: value.append(byte)
            }
        }
        return nil
    }

    /// Parses a token or a quoted string; returns nil if neither is next.
    mutating func tokenOrQuotedString() -> String? {
        rest.first == .quote ? quotedString() : token()
    }

    /// Parses `parameters = *( OWS ";" OWS [ parameter ] )` to the end; returns nil on anything else.
    mutating func parameters() -> [MediaType.Parameter]? {
        var parameters: [MediaType.Parameter] = []
        while true {
            skipBlanks()
            if rest.isEmpty { return parameters }
            guard skip(.semicolon) else { return nil }
            skipBlanks()
            guard let name = token() else { continue }
            guard skip(.equalsSign), let value = tokenOrQuotedString() else { return nil }
            parameters.append(MediaType.Parameter(name: name.lowercased(), value: value))
        }
    }

    /// Skips to the end of a list element: after the next comma outside a quoted string, or to the end.
    mutating func skipElement() {
        while let byte = rest.first {
            if byte == .quote {
                if quotedString() == nil { rest = [] }
                continue
            }
            rest.removeFirst()
            if byte == .comma { return }
        }
    }

    /// Whether the list element ends here.
    var isAtElementEnd: Bool { rest.isEmpty || rest.first == .comma }

    /// Parses `[ weight ]` and extensions to the end of a list element; returns the quality in thousandths, 1000 if
    /// there is none, and nil for anything else.
    mutating func weight() -> Int? {
        var quality: Int?
        while true {
            skipBlanks()
            if isAtElementEnd { return quality ?? 1000 }
            guard skip(.semicolon) else { return nil }
            skipBlanks()
            guard let name = token() else { continue }
            guard skip(.equalsSign) else {
                // An extension after the weight may have no value.
                guard quality != nil else { return nil }
                continue
            }
            guard let value = tokenOrQuotedString() else { return nil }
            guard quality == nil, name.lowercased() == "q" else { continue }
            guard let thousandths = Self.thousandths(value) else { return nil }
            quality = thousandths
        }
    }

    /// Parses `qvalue` (RFC 9110 §12.4.2): 0 to 1 with decimal digits.
    ///
    /// Digits after the third, which the RFC does not allow but clients that compute a quality send, are ignored,
    /// except that a quality above 0 stays above 0.
    static func thousandths(_ text: String) -> Int? {
        let bytes = Array(text.utf8)
        guard let first = bytes.first, first == .digitZero || first == .digitOne else { return nil }
        var value = Int(first - .digitZero) * 1000
        guard bytes.count > 1 else { return value }
        let digits = bytes[2...]
        guard bytes[1] == .dot, digits.allSatisfy(\.isDigit) else { return nil }
        guard digits.contains(where: { $0 != .digitZero }) else { return value }
        guard value == 0 else { return nil }
        var weight = 100
        for digit in digits.prefix(3) {
            value += Int(digit - .digitZero) * weight
            weight /= 10
        }
        return max(value, 1)
    }
}
