import HTTPTypes
import JaegerTracing
import SpoorHTTP
import SpoorText

/// The parameters of a URL's query, as Jaeger's query API reads them: an empty value counts as absent.
struct QueryItems: Sendable {
    private let query: URLQuery

    /// Parses `a=b&c=d`, in the encoding of HTML forms.
    init(_ query: String) {
        self.query = URLQuery(encoded: query)
    }

    /// The value of the first item with that name, unless it is empty.
    subscript(name: String) -> String? {
        query[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Returns the values of all items with that name, in order.
    func values(of name: String) -> [String] {
        query.values(of: name)
    }

    /// Returns the value as a duration in Go's notation, in nanoseconds; nil if there is none.
    func duration(_ name: String) throws(QueryError) -> UInt64? {
        guard let text = self[name] else { return nil }
        guard let nanoseconds = GoDuration.nanoseconds(text) else {
            throw QueryError("unable to parse param '\(name)': invalid duration \"\(text)\"")
        }
        return nanoseconds
    }

    /// Returns the value as a Boolean in Go's notation; false if there is none.
    func bool(_ name: String) throws(QueryError) -> Bool {
        switch self[name] {
        case nil, "0", "f", "F", "false", "FALSE", "False": return false
        case "1", "t", "T", "true", "TRUE", "True": return true
        case let text?: throw QueryError("unable to parse param '\(name)': \(text)")
        }
    }
}

/// The error of invalid parameters, or of a query that cannot be served, with a response in Jaeger's form.
struct QueryError: Error, Equatable {
    let message: String
    let status: HTTPResponse.Status
    let headers: Headers

    init(
        _ message: String, status: HTTPResponse.Status = .badRequest, headers: Headers = Headers()
    ) {
        self.message = message
        self.status = status
        self.headers = headers
    }

    static func == (one: Self, other: Self) -> Bool {
        one.message == other.message && one.status == other.status
    }
}
