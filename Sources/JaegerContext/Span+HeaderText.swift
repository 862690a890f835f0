import SpoorText

/// Parsing of header names and values as bytes, without copying them.
extension Swift.Span<UInt8> {
    /// Returns whether the bytes begin with a name in lower case; their own case is ignored.
    func begins(with name: Swift.Span<UInt8>) -> Bool {
        guard count >= name.count else { return false }
        for index in name.indices {
            let byte = self[index]
            guard byte.lowercased == name[index] else { return false }
        }
        return true
    }

    /// The range of the text without blanks and tabs around it (OWS of RFC 9110 §5.6.3).
    var rangeWithoutBlanks: Range<Int> {
        var start = 0
        var end = count
        while start < end, self[start].isBlank { start += 1 }
        while end > start, self[end - 1].isBlank { end -= 1 }
        return start..<end
    }

    /// The text without blanks and tabs around it; bytes that are not valid UTF-8 are replaced.
    package var trimmedText: String {
        let content = extracting(rangeWithoutBlanks)
        if let text = try? UTF8Span(validating: content) { return String(copying: text) }
        return String(decoding: content.copied, as: UTF8.self)
    }

    /// The bytes as an array.
    var copied: [UInt8] {
        var copy: [UInt8] = []
        copy.reserveCapacity(count)
        for index in indices { copy.append(self[index]) }
        return copy
    }

    /// Returns the percent-decoded text without blanks around it; bytes that are not valid UTF-8 are replaced.
    func decodedText(plus: PercentEncoding.Plus) -> String {
        for index in indices
        where self[index] == .percent || self[index] == .plus && plus == .isSpace {
            return String(decoding: PercentEncoding.decode(self, plus: plus), as: UTF8.self)
        }
        return trimmedText
    }

    /// Whether all bytes are unreserved and need no encoding anywhere (RFC 3986 §2.3).
    var isUnreserved: Bool {
        for index in indices where !self[index].isUnreserved { return false }
        return true
    }

    /// The text with the bytes percent-encoded that are not allowed in a header value: controls and non-ASCII bytes.
    var encodedForHeader: String {
        var encoded: [UInt8] = []
        encoded.reserveCapacity(count)
        for index in indices {
            let byte = self[index]
            if byte >= .space && byte < .delete || byte == .tab {
                encoded.append(byte)
            } else {
                PercentEncoding.append(encoded: byte, to: &encoded)
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }
}

extension String {
    /// Truncates the text to at most `maxByteCount` bytes of UTF-8, never within a Unicode scalar.
    ///
    /// - Returns: Whether it was longer.
    @discardableResult
    package mutating func trim(toBytes maxByteCount: Int) -> Bool {
        let bytes = utf8
        guard bytes.count > maxByteCount else { return false }
        var end = bytes.index(bytes.startIndex, offsetBy: maxByteCount)
        while end > bytes.startIndex, bytes[end] & 0xc0 == 0x80 { end = bytes.index(before: end) }
        self = String(self[..<end])
        return true
    }
}
