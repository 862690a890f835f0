import SpoorText

/// W3C Baggage: one header `baggage: key=value;property,key=value`.
enum BaggageFormat {
    /// The maximum length of the header value that is written, in bytes (W3C Baggage §3.3.2); pairs that would exceed
    /// it are omitted.
    static let maxByteCount = 8192

    /// Calls the body with the header, if there are pairs.
    static func write(
        _ context: SpanContext, header: String, _ body: (_ name: String, _ value: String) -> Void
    ) {
        if let value = context.baggage.w3cText { body(header, value) }
    }
}

extension Baggage {
    /// The pairs as the value of a `baggage` header; nil if there are none.
    ///
    /// Pairs received in such a header and not changed are written as they were received; the values of others are
    /// percent-encoded.
    public var w3cText: String? {
        guard !isEmpty else { return nil }
        var text = ""
        text.reserveCapacity(byteCount + 2 * count + 16)
        for item in items {
            let separatorCount = text.isEmpty ? 0 : 1
            if let member = item.member {
                guard
                    text.utf8.count + member.utf8.count + separatorCount
                        <= BaggageFormat.maxByteCount
                else { continue }
                if !text.isEmpty { text += "," }
                text += member
            } else {
                let value = PercentEncoding.unreserved.encode(item.value)
                let byteCount = item.key.utf8.count + 1 + value.utf8.count + separatorCount
                guard text.utf8.count + byteCount <= BaggageFormat.maxByteCount else { continue }
                if !text.isEmpty { text += "," }
                text += item.key
                text += "="
                text += value
            }
        }
        // White space around a header value is not part of it (RFC 9110 §5.5).
        return text.isEmpty ? nil : text.utf8.span.trimmedText
    }
}

extension Baggage.Item {
    /// Parses a list member of a `baggage` header: `key OWS "=" OWS value *( OWS ";" OWS property )` (W3C Baggage
    /// §3.3.1).
    ///
    /// - Returns: nil if it contains no `=`.
    init?(member: Swift.Span<UInt8>) {
        var equals = 0
        while equals < member.count, member[equals] != UInt8(ascii: "=") { equals += 1 }
        guard equals < member.count else { return nil }
        var end = equals + 1
        while end < member.count, member[end] != UInt8(ascii: ";") { end += 1 }
        let value = member.extracting(equals + 1..<end)
        let content = value.extracting(value.rangeWithoutBlanks)
        let key = member.extracting(0..<equals)
        // The text is kept only if it differs from what would be written: most members are plain and need no third
        // string.
        let isPlain =
            end == member.count && content.count == value.count
            && key.rangeWithoutBlanks.count == key.count && content.isUnreserved
        self.init(
            key: key.trimmedText, value: content.decodedText(plus: .isPlus),
            member: isPlain ? nil : member.encodedForHeader)
    }
}

extension BaggageReader {
    /// Reads the value of a `baggage` header; several headers form one list (RFC 9110 §5.3).
    ///
    /// Empty members are skipped; members without a `=` are rejected.
    mutating func takeW3C(_ value: Swift.Span<UInt8>) {
        var start = 0
        while start < value.count, !isFull {
            var end = start
            while end < value.count, value[end] != UInt8(ascii: ",") { end += 1 }
            let member = value.extracting(start..<end)
            start = end + 1
            if let item = Baggage.Item(member: member) {
                takeW3C(item)
            } else if !member.rangeWithoutBlanks.isEmpty {
                reject()
            }
        }
    }
}
