import HTTPTypes
import SpoorText

/// Headers by name and type, as for the parameters of a query.
///
/// ```swift
/// let headers = exchange.request.headers
/// let quantity = try headers.require("X-Quantity", as: Int.self)
/// let since = try headers.get(.ifModifiedSince, as: HTTPDate.self)
/// ```
///
/// An invalid value, a missing one that is required, and a repeated one are a ``Problem`` of status 400 that names the
/// header and what is expected. Numbers have one spelling, as those of ``QueryParameters``. The properties for common
/// headers, such as ``Headers/contentType``, do not throw.
extension Headers {
    // MARK: Required

    /// Returns the value of a required header.
    ///
    /// - Throws: A ``Problem`` of status 400.
    public func require<Value: LosslessStringConvertible>(
        _ name: HeaderName, as type: Value.Type = Value.self
    ) throws -> Value {
        try required(name, .lossless)
    }

    /// Returns the value of a required header, by the raw value of its type.
    ///
    /// - Throws: A ``Problem`` of status 400.
    @_disfavoredOverload
    public func require<Value: RawRepresentable>(
        _ name: HeaderName, as type: Value.Type = Value.self
    ) throws -> Value where Value.RawValue: LosslessStringConvertible {
        try required(name, .raw)
    }

    /// Returns the value of a required header.
    ///
    /// - Throws: A ``Problem`` of status 400.
    public func require<Value: InputValue>(
        _ name: HeaderName, as type: Value.Type = Value.self
    ) throws -> Value {
        try required(name, .input)
    }

    // MARK: Optional

    /// Returns the value of an optional header; nil if there is none.
    ///
    /// - Throws: A ``Problem`` of status 400 for an invalid or repeated value.
    public func get<Value: LosslessStringConvertible>(
        _ name: HeaderName, as type: Value.Type = Value.self
    ) throws -> Value? {
        try optional(name, .lossless)
    }

    /// Returns the value of an optional header, by the raw value of its type; nil if there is none.
    ///
    /// - Throws: A ``Problem`` of status 400 for an invalid or repeated value.
    @_disfavoredOverload
    public func get<Value: RawRepresentable>(
        _ name: HeaderName, as type: Value.Type = Value.self
    ) throws -> Value? where Value.RawValue: LosslessStringConvertible {
        try optional(name, .raw)
    }

    /// Returns the value of an optional header; nil if there is none.
    ///
    /// - Throws: A ``Problem`` of status 400 for an invalid or repeated value.
    public func get<Value: InputValue>(
        _ name: HeaderName, as type: Value.Type = Value.self
    ) throws -> Value? {
        try optional(name, .input)
    }

    // MARK: Defaulted

    /// Returns the value of an optional header; the default if there is none.
    ///
    /// - Throws: A ``Problem`` of status 400 for an invalid or repeated value.
    public func get<Value: LosslessStringConvertible>(
        _ name: HeaderName, default value: @autoclosure () -> Value
    ) throws -> Value {
        try optional(name, .lossless) ?? value()
    }

    /// Returns the value of an optional header, by the raw value of its type; the default if there is none.
    ///
    /// - Throws: A ``Problem`` of status 400 for an invalid or repeated value.
    @_disfavoredOverload
    public func get<Value: RawRepresentable>(
        _ name: HeaderName, default value: @autoclosure () -> Value
    ) throws -> Value where Value.RawValue: LosslessStringConvertible {
        try optional(name, .raw) ?? value()
    }

    /// Returns the value of an optional header; the default if there is none.
    ///
    /// - Throws: A ``Problem`` of status 400 for an invalid or repeated value.
    public func get<Value: InputValue>(
        _ name: HeaderName, default value: @autoclosure () -> Value
    ) throws -> Value {
        try optional(name, .input) ?? value()
    }

    // MARK: Any type

    private func required<Value>(_ name: HeaderName, _ parser: InputParser<Value>) throws -> Value {
        guard let value = try optional(name, parser) else {
            throw Problem.Violation.missing(
                .header("\(name)"), expecting: parser.expectation
            ).badHeader
        }
        return value
    }

    private func optional<Value>(_ name: HeaderName, _ parser: InputParser<Value>) throws -> Value?
    {
        let values = values(of: name)
        guard let text = values.first else { return nil }
        let location = Problem.Violation.Location.header("\(name)")
        guard values.count == 1 else {
            throw Problem.Violation.repeated(location, count: values.count).badHeader
        }
        guard let value = parser.parse(text) else {
            throw Problem.Violation.invalid(
                location, text, expecting: parser.expectation
            ).badHeader
        }
        return value
    }
}

extension Problem.Violation {
    /// A problem of status 400 with this violation of a header alone.
    fileprivate var badHeader: Problem {
        Problem(.badRequest, "the request has an invalid header", violations: [self])
    }
}
