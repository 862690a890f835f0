import SpoorHTTP

/// The parameters of a URL's query, decoded as HTML forms encode them: `+` is a space.
struct QueryItems: Sendable {
    private let items: [(name: String, value: String)]

    /// Reads `a=b&c=d`; an item without `=` has an empty value.
    init(_ query: String) {
        items = query.utf8.split(separator: UInt8(ascii: "&")).map { item in
            let parts = item.split(
                separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            return (Self.decoded(parts[0]), parts.count > 1 ? Self.decoded(parts[1]) : "")
        }
    }

    /// The value of the first item of that name, unless it is empty, as Jaeger sees it.
    subscript(name: String) -> String? {
        guard let value = items.first(where: { $0.name == name })?.value, !value.isEmpty
        else { return nil }
        return value
    }

    /// The values of all items of that name, in order.
    func values(of name: String) -> [String] {
        items.compactMap { $0.name == name ? $0.value : nil }
    }

    private static func decoded(_ text: Substring.UTF8View) -> String {
        let bytes = text.map { $0 == UInt8(ascii: "+") ? UInt8(ascii: " ") : $0 }
        return percentDecoded(bytes[...])
    }
}
