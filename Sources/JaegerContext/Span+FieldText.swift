/// Names and values of fields as bytes, without copying them.
extension Swift.Span<UInt8> {
    /// Whether the bytes begin with a name in lower case; their own case does not matter.
    func begins(with name: Swift.Span<UInt8>) -> Bool {
        guard count >= name.count else { return false }
        for index in name.indices {
            let byte = self[index]
            let isUpper = byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z")
            guard (isUpper ? byte | 0x20 : byte) == name[index] else { return false }
        }
        return true
    }

    /// Where the text is, without blanks and tabs around it (OWS of RFC 9110 §5.6.3).
    var rangeWithoutBlanks: Range<Int> {
        var start = 0
        var end = count
        while start < end, Self.isBlank(self[start]) { start += 1 }
        while end > start, Self.isBlank(self[end - 1]) { end -= 1 }
        return start..<end
    }

    /// The text without blanks and tabs around it; what is no UTF-8 is replaced.
    package var trimmedText: String {
        let content = extracting(rangeWithoutBlanks)
        if let text = try? UTF8Span(validating: content) { return String(copying: text) }
        return String(decoding: PercentCoding.copy(content), as: UTF8.self)
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    }
}

extension String {
    /// Cuts the text to at most so many bytes of UTF-8, never within a Unicode scalar.
    ///
    /// - Returns: Whether it was longer.
    @discardableResult
    package mutating func trim(toBytes byteCountMax: Int) -> Bool {
        let bytes = utf8
        guard bytes.count > byteCountMax else { return false }
        var end = bytes.index(bytes.startIndex, offsetBy: byteCountMax)
        while end > bytes.startIndex, bytes[end] & 0xc0 == 0x80 { end = bytes.index(before: end) }
        self = String(self[..<end])
        return true
    }
}
