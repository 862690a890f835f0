/// Baggage in the form of W3C Baggage: one field `baggage: key=value,key=value`.
extension Baggage {
    /// The longest value of the field that is written, in bytes (W3C Baggage §3.3.2); pairs that
    /// would make it longer are left out.
    static let w3cBytesMax = 8192

    /// The pairs as the value of the field, percent-encoded; nil if there are none.
    ///
    /// Keys are in lower case, though the standard tells cases apart: HTTP does not, and baggage
    /// also travels in names of fields.
    public var w3cText: String? {
        guard !isEmpty else { return nil }
        var text = ""
        text.reserveCapacity(byteCount + 2 * count + 16)
        for item in items {
            let value = PercentCoding.encode(item.value)
            let separatorCount = text.isEmpty ? 1 : 2
            let byteCount = item.key.utf8.count + value.utf8.count + separatorCount
            guard text.utf8.count + byteCount <= Self.w3cBytesMax else { continue }
            if !text.isEmpty { text += "," }
            text += item.key
            text += "="
            text += value
        }
        return text.isEmpty ? nil : text
    }
}
