import HTTPTypes
import SpoorText

/// The parameters that are decoded, and the violations so far.
///
/// An invalid parameter is recorded and replaced by a placeholder, so that decoding continues and finds the others; the
/// resulting value is never returned.
final class QueryDecoding {
    let items: URLQuery
    private(set) var violations: [Problem.Violation] = []

    init(_ items: URLQuery) {
        self.items = items
    }

    func record(_ violation: Problem.Violation) { violations.append(violation) }
}

extension QueryParameters {
    /// Returns a value of a type that reads the whole query: `let page = try exchange.query(OrderPage.self)`.
    ///
    /// A property of a plain type (text, number, `Bool`, an enum with raw values, ``InputValue``) is read from the
    /// parameter of its name, an array from each of its occurrences, an optional one may be missing. Parameters
    /// without a property are ignored.
    ///
    /// - Throws: A ``Problem`` of status 400 with every invalid parameter, as far as the type allows to continue;
    ///   ``InputModelError`` if the type is not flat.
    public func callAsFunction<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let decoding = QueryDecoding(items)
        do {
            let value = try Value(from: RootDecoder(decoding: decoding))
            if decoding.violations.isEmpty { return value }
        } catch let error as DecodingError {
            if decoding.violations.isEmpty {
                throw Problem(.badRequest, "invalid query: \(error.reason)")
            }
        }
        throw Problem.badRequest(decoding.violations)
    }
}

extension DecodingError {
    /// The description of the error by the type's own decoding.
    fileprivate var reason: String {
        switch self {
        case .typeMismatch(_, let context), .valueNotFound(_, let context),
            .keyNotFound(_, let context), .dataCorrupted(let context):
            context.debugDescription
        @unknown default: "it does not match the type"
        }
    }
}

/// The error for a `Decodable` type that cannot be decoded from query parameters, which are a flat list: a programming
/// error, for which the response is a 500.
public struct InputModelError: Error, Hashable, CustomStringConvertible {
    /// The property that is not flat; empty for the type itself.
    public let property: String

    /// A message that names the property and what is supported.
    public var description: String {
        "\(property.isEmpty ? "the type" : "the property \(property)") cannot be decoded from query parameters: use plain types, enums with raw values, arrays of these, and optionals"
    }
}

private struct RootDecoder: Decoder {
    let decoding: QueryDecoding
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(ParameterContainer<Key>(decoding: decoding))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        throw InputModelError(property: "")
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer {
        throw InputModelError(property: "")
    }
}

/// The parameters by the names of a type's properties.
private struct ParameterContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let decoding: QueryDecoding
    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { decoding.items.names.compactMap(Key.init(stringValue:)) }

    func contains(_ key: Key) -> Bool { decoding.items[bytes: key.stringValue] != nil }

    func decodeNil(forKey key: Key) -> Bool { !contains(key) }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        try parameter(key, rawCases(of: type)).decode(type)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        throw InputModelError(property: key.stringValue)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedDecodingContainer {
        OccurrenceContainer(parameter: parameter(key, nil))
    }

    func superDecoder() throws -> any Decoder { throw InputModelError(property: "super") }

    func superDecoder(forKey key: Key) throws -> any Decoder {
        throw InputModelError(property: key.stringValue)
    }

    private func parameter(_ key: Key, _ expectation: String?) -> ParameterDecoder {
        ParameterDecoder(
            name: key.stringValue, texts: decoding.items.values(of: key.stringValue),
            expectation: expectation, decoding: decoding)
    }
}

/// One parameter: a single value, or an array of all its occurrences.
private struct ParameterDecoder: Decoder, SingleValueDecodingContainer {
    let name: String
    let texts: [String]
    /// The expected form of the text, if the type of the property is more specific than the decoded type.
    let expectation: String?
    let decoding: QueryDecoding

    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        throw InputModelError(property: name)
    }

    func unkeyedContainer() -> any UnkeyedDecodingContainer { OccurrenceContainer(parameter: self) }

    func singleValueContainer() -> any SingleValueDecodingContainer { self }

    func decodeNil() -> Bool { texts.isEmpty }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        switch type {
        case let type as any InputValue.Type:
            guard let value = input(type) as? Value else { throw stop() }
            return value
        case is Bool.Type, is String.Type, is Double.Type, is Float.Type, is Int.Type, is Int8.Type,
            is Int16.Type, is Int32.Type, is Int64.Type, is UInt.Type, is UInt8.Type,
            is UInt16.Type, is UInt32.Type, is UInt64.Type:
            guard let type = type as? any LosslessStringConvertible.Type,
                let value = plain(type) as? Value
            else { throw stop() }
            return value
        default: return try custom(type)
        }
    }

    private func input<Value: InputValue>(_ type: Value.Type) -> Value? {
        parse(.input) ?? Self.placeholders.lazy.compactMap(Value.inputValue).first
    }

    /// Returns a placeholder for an invalid value, so that decoding continues.
    private func plain<Value: LosslessStringConvertible>(_ type: Value.Type) -> Value? {
        parse(.lossless) ?? Value("0") ?? Value("false")
    }

    /// Decodes a type by its own decoding; records its error unless it was recorded already, and continues with a
    /// placeholder.
    private func custom<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let count = decoding.violations.count
        do {
            return try Value(from: self)
        } catch let error as DecodingError {
            if decoding.violations.count == count { decoding.record(violation(error)) }
        }
        if let type = type as? any CaseIterable.Type, let value = first(of: type) as? Value {
            return value
        }
        for text in Self.placeholders {
            let attempt = QueryDecoding(URLQuery())
            let decoder = ParameterDecoder(
                name: name, texts: [text], expectation: nil, decoding: attempt)
            if let value = try? Value(from: decoder), attempt.violations.isEmpty { return value }
        }
        throw stop()
    }

    private func first<Cases: CaseIterable>(of type: Cases.Type) -> Any? { type.allCases.first }

    /// Texts of which one is valid for most types.
    private static let placeholders = [
        "0", "1", "", "a", "false", "1970-01-01T00:00:00Z", "00000000-0000-0000-0000-000000000000",
        "a@example.com", "https://example.com",
    ]

    /// Returns the violation that an error of a type's own decoding describes.
    private func violation(_ error: DecodingError) -> Problem.Violation {
        // The message of the standard library for an enum contains the name of the type.
        if expectation == nil, case .dataCorrupted(let context) = error,
            !context.debugDescription.hasPrefix("Cannot initialize")
        {
            return Problem.Violation(.query(name), context.debugDescription)
        }
        return .invalid(.query(name), texts.first ?? "", expecting: expectation ?? "a valid value")
    }

    private func parse<Value>(_ parser: InputParser<Value>) -> Value? {
        let expectation = expectation ?? parser.expectation
        guard let text = texts.first, texts.count == 1 else {
            decoding.record(
                texts.isEmpty
                    ? .missing(.query(name), expecting: expectation)
                    : .repeated(.query(name), count: texts.count))
            return nil
        }
        let value = parser.parse(text)
        if value == nil {
            decoding.record(.invalid(.query(name), text, expecting: expectation))
        }
        return value
    }

    /// Returns the error that ends the decoding, after its reason was recorded.
    private func stop() -> DecodingError {
        .dataCorrupted(.init(codingPath: [], debugDescription: "invalid parameter \(name)"))
    }
}

/// The occurrences of a parameter, as the elements of an array.
private struct OccurrenceContainer: UnkeyedDecodingContainer {
    let parameter: ParameterDecoder
    private(set) var currentIndex = 0

    init(parameter: ParameterDecoder) {
        self.parameter = parameter
    }

    var codingPath: [any CodingKey] { [] }
    var count: Int? { parameter.texts.count }
    var isAtEnd: Bool { currentIndex >= parameter.texts.count }

    mutating func decodeNil() -> Bool { false }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        guard !isAtEnd else { throw InputModelError(property: parameter.name) }
        defer { currentIndex += 1 }
        return try ParameterDecoder(
            name: parameter.name, texts: [parameter.texts[currentIndex]],
            expectation: rawCases(of: type), decoding: parameter.decoding
        ).decode(type)
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> {
        throw InputModelError(property: parameter.name)
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        throw InputModelError(property: parameter.name)
    }

    mutating func superDecoder() throws -> any Decoder {
        throw InputModelError(property: parameter.name)
    }
}
