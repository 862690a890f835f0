/// The type and subtype of a `Content-Type`, in lower case and without parameters (RFC 9110 §8.3.1).
struct MediaType {
    let essence: String

    /// Reads a field's value; nil when there is none, or an empty one.
    init?(_ contentType: String?) {
        guard let contentType, !contentType.isEmpty else { return nil }
        let end = contentType.firstIndex(of: ";") ?? contentType.endIndex
        essence = contentType[..<end].lowercased()
            .split(whereSeparator: { $0 == " " || $0 == "\t" }).joined(separator: " ")
    }
}
