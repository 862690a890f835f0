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
/// An invalid value, a missing one that is required, and a repeated one where one is expected are a ``Problem`` of
/// status 400 that names the parameter and what is expected. Numbers have one spelling: no plus sign, no leading
/// zeros. For a type that reads the whole query see ``callAsFunction(_:)``.
public struct QueryParameters: Sendable {
    /// The decoded items.
    public let items: URLQuery

    /// Creates the parameters of a query.
    public init(_ items: URLQuery) {
        self.items = items
    }

    // MARK: One value

    /// Returns the value of a required parameter.
    ///
    /// - Throws: A ``Problem`` of status 400.
    public func require<Value: LosslessStringConvertible>(
        _ name: String, as type: Value.Type = Value.self
    ) throws -> Value {
        try required(name, .lossless)
    }

    /// Returns the value of a required parameter, by the raw value of its type.
    ///
    /// - Throws: A ``Problem`` of status 400.
    @_disfavoredOverload
    public func require<Value: RawRepresentable>(
        _ name: String, as type: Value.Type = Value.self
    ) throws -> Value where Value.RawValue: LosslessStringConvertible {
        try required(name, .raw)
    }

    /// Returns the value of a required parameter.
    ///
    /// - Throws: A ``Problem`` of status 400.
    public func require<Value: InputValue>(
        _ name: String, as type: Value.Type = Value.self
    ) throws -> Value {
        try required(name, .input)
    }

    /// Returns the value of an optional parameter; nil if there is none.
    ///
    /// - Throws: A ``Problem`` of status 400 for an invalid or repeated value.
    public func get<Value: LosslessStringConvertible>(
        _ name: String, as type: Value.Type = Value.self
    ) throws -> Value? {
        try optional(name, .lossless)
    }

    /// Returns the value of an optional parameter, by the raw value of its type; nil if there is none.
    ///
    /// - Throws: A ``Problem`` of status 400 for an invalid or repeated value.
    @_disfavoredOverload
    public func get<Value: RawRepresentable>(
        _ name: String, as type: Value.Type = Value.self
    ) throws -> Value? where Value.RawValue: LosslessStringConvertible {
        try optional(name, .raw)
    }

    /// Returns the value of an optional parameter; nil if there is none.
    ///
    /// - Throws: A ``Problem`` of status 400 for an invalid or repeated value.
    public func get<Value: InputValue>(
        _ name: String, as type: Value.Type = Value.self
    ) throws -> Value? {
        try optional(name, .input)
    }

    /// Returns the value of an optional parameter; the default if there is none.
    ///
    /// - Throws: A ``Problem`` of status 400 for an invalid or repeated value.
    public func get<Value: LosslessStringConvertible>(
        _ name: String, default value: @autoclosure () -> Value
    ) throws -> Value {
        try optional(name, .lossless) ?? value()
    }

    /// Returns the value of an optional parameter, by the raw value of its type; the default if there is none.
    ///
    /// - Throws: A ``Problem`` of status 400 for an invalid or repeated value.
    @_disfavoredOverload
    public func get<Value: RawRepresentable>(
        _ name: String, default value: @autoclosure () -> Value
    ) throws -> Value where Value.RawValue: LosslessStringConvertible {
        try optional(name, .raw) ?? value()
    }

    /// Returns the value of an optional parameter; the default if there is none.
    ///
    /// - Throws: A ``Problem`` of status 400 for an invalid or repeated value.
    public func get<Value: InputValue>(
        _ name: String, default value: @autoclosure () -> Value
    ) throws -> Value {
        try optional(name, .input) ?? value()
    }

    // MARK: Every value

    /// Returns the values of a parameter that may be repeated, in order; empty if there is none.
    ///
    /// - Throws: A ``Problem`` of status 400 with every invalid value.
    public func all<Value: LosslessStringConvertible>(
        _ name: String, as type: Value.Type = Value.self
    ) throws -> [Value] {
        try values(name, .lossless)
    }

    /// Returns the values of a parameter that may be repeated, by the raw value of their type; empty if there is none.
    ///
    /// - Throws: A ``Problem`` of status 400 with every invalid value.
    @_disfavoredOverload
    public func all<Value: RawRepresentable>(
        _ name: String, as type: Value.Type = Value.self
    ) throws -> [Value] where Value.RawValue: LosslessStringConvertible {
        try values(name, .raw)
    }

    /// Returns the values of a parameter that may be repeated, in order; empty if there is none.
    ///
    /// - Throws: A ``Problem`` of status 400 with every invalid value.
    public func all<Value: InputValue>(
        _ name: String, as type: Value.Type = Value.self
    ) throws -> [Value] {
        try values(name, .input)
    }

    // MARK: Any type

    private func required<Value>(_ name: String, _ parser: InputParser<Value>) throws -> Value {
        guard let value = try optional(name, parser) else {
            throw Problem.Violation.missing(.query(name), expecting: parser.expectation).badRequest
        }
        return value
    }

    private func optional<Value>(_ name: String, _ parser: InputParser<Value>) throws -> Value? {
        let texts = items.values(of: name)
        guard let text = texts.first else { return nil }
        guard texts.count == 1 else {
            throw Problem.Violation.repeated(.query(name), count: texts.count).badRequest
        }
        return try parsed(text, of: name, parser)
    }

    private func values<Value>(_ name: String, _ parser: InputParser<Value>) throws -> [Value] {
        let texts = items.values(of: name)
        let values = texts.compactMap(parser.parse)
        guard values.count == texts.count else {
            throw Problem.badRequest(
                texts.filter { parser.parse($0) == nil }.map {
                    .invalid(.query(name), $0, expecting: parser.expectation)
                })
        }
        return values
    }

    private func parsed<Value>(
        _ text: String, of name: String, _ parser: InputParser<Value>
    ) throws -> Value {
        guard let value = parser.parse(text) else {
            throw Problem.Violation.invalid(
                .query(name), text, expecting: parser.expectation
            ).badRequest
        }
        return value
    }
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
