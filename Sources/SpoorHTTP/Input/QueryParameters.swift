public import SpoorText

/// The query of a request, by name and type.
///
/// ```swift
/// let query = exchange.query
/// let limit = try query.get("limit", default: 20)          // Int
/// let sort = try query.get("sort", as: Sort.self)          // an enum with raw values, or nil
/// let tags = try query.all("tag", as: String.self)         // ?tag=a&tag=b
/// ```
///
/// What is not valid is a ``Problem`` of status 400: see ``InputSource``. For a type that reads the whole query see
/// ``callAsFunction(_:)``.
public struct QueryParameters: Sendable {
    /// The decoded items.
    public let items: URLQuery

    /// Creates the parameters of a query.
    public init(_ items: URLQuery) {
        self.items = items
    }
}

extension QueryParameters: InputSource {
    /// Returns the values of a parameter, decoded.
    public func inputTexts(of name: String) -> [String] { items.values(of: name) }

    /// Returns the parameter as a location.
    public func inputLocation(of name: String) -> Problem.Violation.Location { .query(name) }
}

extension Exchange {
    /// The query of the request, by name and type; without parameters if there is no query.
    ///
    /// Parsed on each access, so keep the value if you need several parameters.
    public var query: QueryParameters { QueryParameters(request.queryItems) }
}

extension RouteParameters {
    /// Returns the value of the parameter `{name}`.
    ///
    /// - Throws: A ``Problem`` of status 400 that names the parameter and what is expected, or
    ///   ``UnknownParameterError`` if the route has no such parameter.
    public func require<Value: LosslessStringConvertible>(
        _ name: String, as type: Value.Type = Value.self
    ) throws -> Value {
        try required(name, .lossless)
    }

    /// Returns the value of the parameter `{name}`, by the raw value of its type.
    ///
    /// - Throws: A ``Problem`` of status 400 that names the parameter and what is expected, or
    ///   ``UnknownParameterError`` if the route has no such parameter.
    @_disfavoredOverload
    public func require<Value: RawRepresentable>(
        _ name: String, as type: Value.Type = Value.self
    ) throws -> Value where Value.RawValue: LosslessStringConvertible {
        try required(name, .raw)
    }

    /// Returns the value of the parameter `{name}`.
    ///
    /// - Throws: A ``Problem`` of status 400 that names the parameter and what is expected, or
    ///   ``UnknownParameterError`` if the route has no such parameter.
    public func require<Value: InputValue>(
        _ name: String, as type: Value.Type = Value.self
    ) throws -> Value {
        try required(name, .input)
    }

    private func required<Value>(_ name: String, _ parser: InputParser<Value>) throws -> Value {
        guard let text = self[name] else { throw unknown(name) }
        guard let value = parser.parse(text) else {
            throw Problem.Violation.invalid(
                .path(name), text, expecting: parser.expectation
            ).badRequest
        }
        return value
    }
}
