import HTTPTypes
import JaegerTracing
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

    /// The value as a duration in Go's notation, in nanoseconds; nil if there is none.
    func duration(_ name: String) throws(QueryError) -> UInt64? {
        guard let text = self[name] else { return nil }
        guard let nanoseconds = GoDuration.nanoseconds(text) else {
            throw QueryError("unable to parse param '\(name)': invalid duration \"\(text)\"")
        }
        return nanoseconds
    }

    /// The value as a truth value in Go's notation; false if there is none.
    func bool(_ name: String) throws(QueryError) -> Bool {
        switch self[name] {
        case nil, "0", "f", "F", "false", "FALSE", "False": return false
        case "1", "t", "T", "true", "TRUE", "True": return true
        case let text?: throw QueryError("unable to parse param '\(name)': \(text)")
        }
    }

    private static func decoded(_ text: Substring.UTF8View) -> String {
        let bytes = text.map { $0 == UInt8(ascii: "+") ? UInt8(ascii: " ") : $0 }
        return percentDecoded(bytes[...])
    }
}

/// Parameters that cannot be understood, or a query that cannot be answered: becomes an answer in Jaeger's form.
struct QueryError: Error, Equatable {
    let message: String
    let status: HTTPResponse.Status
    let fields: Fields

    init(
        _ message: String, status: HTTPResponse.Status = .badRequest, fields: Fields = Fields()
    ) {
        self.message = message
        self.status = status
        self.fields = fields
    }

    static func == (one: Self, other: Self) -> Bool {
        one.message == other.message && one.status == other.status
    }
}
