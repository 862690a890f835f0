/// The texts of a part of a request by name, which are read as values of a type: its query, or its headers.
///
/// An invalid value, a missing one that is required, and a repeated one where one is expected are a ``Problem`` of
/// status 400 that names the input and what is expected. Numbers have one spelling: no plus sign, no leading zeros. A
/// type is one that is `LosslessStringConvertible`, an enum with raw values, or an ``InputValue``.
public protocol InputSource {
    /// The type of the names.
    associatedtype InputName

    /// Returns the texts with a name, in order; empty if there is none.
    func inputTexts(of name: InputName) -> [String]

    /// Returns where an input is, for problems.
    func inputLocation(of name: InputName) -> Problem.Violation.Location
}

extension InputSource {
    // MARK: One value

    /// Returns the value of a required input.
    ///
    /// - Throws: A ``Problem`` of status 400.
    public func require<Value: LosslessStringConvertible>(
        _ name: InputName, as type: Value.Type = Value.self
    ) throws -> Value {
        try required(name, .lossless)
    }

    /// Returns the value of a required input, by the raw value of its type.
    ///
    /// - Throws: A ``Problem`` of status 400.
    @_disfavoredOverload
    public func require<Value: RawRepresentable>(
        _ name: InputName, as type: Value.Type = Value.self
    ) throws -> Value where Value.RawValue: LosslessStringConvertible {
        try required(name, .raw)
    }

    /// Returns the value of a required input.
    ///
    /// - Throws: A ``Problem`` of status 400.
    public func require<Value: InputValue>(
        _ name: InputName, as type: Value.Type = Value.self
    ) throws -> Value {
        try required(name, .input)
    }

    /// Returns the value of an optional input; nil if there is none.
    ///
    /// - Throws: A ``Problem`` of status 400 for an invalid or repeated value.
    public func get<Value: LosslessStringConvertible>(
        _ name: InputName, as type: Value.Type = Value.self
    ) throws -> Value? {
        try optional(name, .lossless)
    }

    /// Returns the value of an optional input, by the raw value of its type; nil if there is none.
    ///
    /// - Throws: A ``Problem`` of status 400 for an invalid or repeated value.
    @_disfavoredOverload
    public func get<Value: RawRepresentable>(
        _ name: InputName, as type: Value.Type = Value.self
    ) throws -> Value? where Value.RawValue: LosslessStringConvertible {
        try optional(name, .raw)
    }

    /// Returns the value of an optional input; nil if there is none.
    ///
    /// - Throws: A ``Problem`` of status 400 for an invalid or repeated value.
    public func get<Value: InputValue>(
        _ name: InputName, as type: Value.Type = Value.self
    ) throws -> Value? {
        try optional(name, .input)
    }

    /// Returns the value of an optional input; the default if there is none.
    ///
    /// - Throws: A ``Problem`` of status 400 for an invalid or repeated value.
    public func get<Value: LosslessStringConvertible>(
        _ name: InputName, default value: @autoclosure () -> Value
    ) throws -> Value {
        try optional(name, .lossless) ?? value()
    }

    /// Returns the value of an optional input, by the raw value of its type; the default if there is none.
    ///
    /// - Throws: A ``Problem`` of status 400 for an invalid or repeated value.
    @_disfavoredOverload
    public func get<Value: RawRepresentable>(
        _ name: InputName, default value: @autoclosure () -> Value
    ) throws -> Value where Value.RawValue: LosslessStringConvertible {
        try optional(name, .raw) ?? value()
    }

    /// Returns the value of an optional input; the default if there is none.
    ///
    /// - Throws: A ``Problem`` of status 400 for an invalid or repeated value.
    public func get<Value: InputValue>(
        _ name: InputName, default value: @autoclosure () -> Value
    ) throws -> Value {
        try optional(name, .input) ?? value()
    }

    // MARK: Every value

    /// Returns the values of an input that may be repeated, in order; empty if there is none.
    ///
    /// - Throws: A ``Problem`` of status 400 with every invalid value.
    public func all<Value: LosslessStringConvertible>(
        _ name: InputName, as type: Value.Type = Value.self
    ) throws -> [Value] {
        try values(name, .lossless)
    }

    /// Returns the values of an input that may be repeated, by the raw value of their type; empty if there is none.
    ///
    /// - Throws: A ``Problem`` of status 400 with every invalid value.
    @_disfavoredOverload
    public func all<Value: RawRepresentable>(
        _ name: InputName, as type: Value.Type = Value.self
    ) throws -> [Value] where Value.RawValue: LosslessStringConvertible {
        try values(name, .raw)
    }

    /// Returns the values of an input that may be repeated, in order; empty if there is none.
    ///
    /// - Throws: A ``Problem`` of status 400 with every invalid value.
    public func all<Value: InputValue>(
        _ name: InputName, as type: Value.Type = Value.self
    ) throws -> [Value] {
        try values(name, .input)
    }

    // MARK: Any type

    private func required<Value>(_ name: InputName, _ parser: InputParser<Value>) throws -> Value {
        guard let value = try optional(name, parser) else {
            throw Problem.Violation.missing(
                inputLocation(of: name), expecting: parser.expectation
            ).badRequest
        }
        return value
    }

    private func optional<Value>(_ name: InputName, _ parser: InputParser<Value>) throws -> Value? {
        let texts = inputTexts(of: name)
        guard let text = texts.first else { return nil }
        guard texts.count == 1 else {
            throw Problem.Violation.repeated(
                inputLocation(of: name), count: texts.count
            ).badRequest
        }
        guard let value = parser.parse(text) else {
            throw Problem.Violation.invalid(
                inputLocation(of: name), text, expecting: parser.expectation
            ).badRequest
        }
        return value
    }

    private func values<Value>(_ name: InputName, _ parser: InputParser<Value>) throws -> [Value] {
        let texts = inputTexts(of: name)
        let values = texts.compactMap(parser.parse)
        guard values.count == texts.count else {
            throw Problem.badRequest(
                texts.filter { parser.parse($0) == nil }.map {
                    .invalid(inputLocation(of: name), $0, expecting: parser.expectation)
                })
        }
        return values
    }
}
