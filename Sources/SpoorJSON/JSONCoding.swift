public import FoundationEssentials
public import SpoorHTTP
import SpoorText

/// Converts between JSON and values; implement it to use another library than Foundation.
///
/// The limits of ``JSONConfiguration`` are checked before ``decode(_:from:)`` is called, so that every text passed to it
/// is complete, valid JSON and not nested too deeply.
public protocol JSONCoding: Sendable {
    /// Returns the value of a JSON text.
    ///
    /// - Throws: `DecodingError` for a text that does not match the type, which becomes a 422 with a JSON pointer; any
    ///   other error is a 500.
    func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value

    /// Returns the JSON text of a value, in UTF-8.
    func encode(_ value: some Encodable) throws -> [UInt8]

    /// Returns every value of a JSON text that does not match a type, with JSON pointers and messages for the client.
    ///
    /// Called after ``decode(_:from:)`` has thrown a `DecodingError`. If the result is empty, the default, that error is
    /// reported alone.
    func mismatches<Value: Decodable>(
        of type: Value.Type, in bytes: [UInt8]
    ) -> [Problem.Violation]
}

extension JSONCoding {
    /// Returns an empty array.
    public func mismatches<Value: Decodable>(
        of type: Value.Type, in bytes: [UInt8]
    ) -> [Problem.Violation] {
        []
    }
}

/// The coders of FoundationEssentials: dates as ISO 8601 (`2026-03-01T12:00:00Z`), keys and data as they are, unless
/// configured otherwise.
public struct FoundationJSONCoding: JSONCoding {
    private let configureDecoder: @Sendable (JSONDecoder) -> Void
    private let configureEncoder: @Sendable (JSONEncoder) -> Void

    /// Creates a coding.
    ///
    /// - Parameters:
    ///   - configureDecoder: Changes a decoder before each use, such as its `keyDecodingStrategy`.
    ///   - configureEncoder: Changes an encoder before each use, such as its `outputFormatting`.
    public init(
        configureDecoder: @escaping @Sendable (JSONDecoder) -> Void = { _ in },
        configureEncoder: @escaping @Sendable (JSONEncoder) -> Void = { _ in }
    ) {
        self.configureDecoder = configureDecoder
        self.configureEncoder = configureEncoder
    }

    /// Returns the value of a JSON text.
    public func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
        try decoder().decode(type, from: Data(bytes))
    }

    /// Returns every value that does not match the type, at most 100, as far as the type allows to continue after one.
    ///
    /// Texts that are nested deeper than 128 levels are not searched.
    public func mismatches<Value: Decodable>(
        of type: Value.Type, in bytes: [UInt8]
    ) -> [Problem.Violation] {
        let node = try? JSONReader<JSONNode>.read(bytes, maxDepth: MismatchSearch.maxDepth)
        guard let node else { return [] }
        return MismatchSearch(decoder()).violations(of: node, as: type)
    }

    private func decoder() -> JSONDecoder {
        let decoder = JSONDecoder()
        // Not `.iso8601`, whose errors do not name the value.
        decoder.dateDecodingStrategy = .custom { decoder in
            let container = try decoder.singleValueContainer()
            let text = try container.decode(String.self)
            guard let date = Date.inputValue(of: text) else {
                throw DecodingError.dataCorruptedError(
                    in: container, debugDescription: "must be \(Date.inputExpectation)")
            }
            return date
        }
        configureDecoder(decoder)
        return decoder
    }

    /// Returns the JSON text of a value; slashes are not escaped, and members are sorted by their names, so that equal
    /// values have equal bytes, as strong entity tags require.
    public func encode(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        configureEncoder(encoder)
        return Array(try encoder.encode(value))
    }
}
