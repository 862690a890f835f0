/// Looking at the bytes of names and values in place.
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
    var trimmedText: String {
        let content = extracting(rangeWithoutBlanks)
        if let text = try? UTF8Span(validating: content) { return String(copying: text) }
        return String(decoding: PercentCoding.copy(content), as: UTF8.self)
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    }
}
