import FoundationEssentials
import SpoorHTTP

/// Decodes one value of a text whose mismatches are searched.
///
/// Without a node it decodes a placeholder: zero, an empty text, no element, which a client could also send. Nothing is
/// recorded then.
struct MismatchDecoder: Decoder {
    /// The value; nil for a placeholder.
    let node: JSONNode?
    let path: JSONPath
    let search: MismatchSearch
    /// The number of types around this placeholder that are placeholders: a recursive type has no other end.
    private(set) var placeholderDepth = 0
    /// What is expected of the value, if its type is more specific than the type that it decodes.
    private var expectation: String?

    /// The maximum of ``placeholderDepth``.
    private static let maxPlaceholderDepth = 8

    var codingPath: [any CodingKey] { path.codingPath }
    var userInfo: [CodingUserInfoKey: Any] { search.userInfo }

    /// Returns the decoder of a placeholder for this value.
    func placeholderDecoder() throws -> MismatchDecoder {
        guard placeholderDepth < Self.maxPlaceholderDepth else {
            throw MismatchSearch.Unavailable()
        }
        return MismatchDecoder(
            node: nil, path: path, search: search, placeholderDepth: placeholderDepth + 1)
    }

    /// Returns the decoder of a value in this one.
    func decoder(of node: JSONNode?, _ path: JSONPath) throws -> MismatchDecoder {
        guard let node else { return try placeholderDecoder() }
        return MismatchDecoder(node: node, path: path, search: search)
    }

    init(node: JSONNode?, path: JSONPath, search: MismatchSearch, placeholderDepth: Int = 0) {
        self.node = node
        self.path = path
        self.search = search
        self.placeholderDepth = placeholderDepth
    }

    /// Records that the value does not match.
    func record(expecting general: String) {
        let expectation = expectation ?? general
        switch node {
        case nil: break
        case .null: search.record(path, "must not be null, must be \(expectation)")
        default: search.record(path, "must be \(expectation)")
        }
    }

    // MARK: Values

    /// Returns the value as a type; after recording why not, another value of the type.
    ///
    /// - Throws: `MismatchSearch.Unavailable` if the type has no other value that is known.
    func value<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let count = search.violations.count
        do {
            return try matching(type)
        } catch {
            if node != nil, search.violations.count == count { record(error, type) }
            return try placeholder(type)
        }
    }

    /// Returns a placeholder of a type.
    private func placeholder<Value: Decodable>(_ type: Value.Type) throws -> Value {
        if let value = try? placeholderDecoder().matching(type) { return value }
        if let type = type as? any CaseIterable.Type, let value = first(of: type) as? Value {
            return value
        }
        throw MismatchSearch.Unavailable()
    }

    private func first<Cases: CaseIterable>(of type: Cases.Type) -> Any? { type.allCases.first }

    /// Records the error of a type's own decoding.
    private func record(_ error: any Error, _ type: Any.Type) {
        guard let error = error as? DecodingError else { return }
        if let expectation = Problem.Violation.expectation(of: type) {
            record(expecting: expectation)
        } else {
            search.record(Problem.Violation(error))
        }
    }

    private func matching<Value: Decodable>(_ type: Value.Type) throws -> Value {
        if let value = try known(type) {
            guard let value = value as? Value else { throw MismatchSearch.Unavailable() }
            return value
        }
        var decoder = self
        decoder.expectation = Problem.Violation.expectation(of: type) ?? expectation
        return try Value(from: decoder)
    }

    /// Returns the value as a type that JSON has itself, or that `JSONDecoder` treats specially; nil for any other type.
    private func known<Value: Decodable>(_ type: Value.Type) throws -> Any? {
        switch type {
        case is String.Type: string() ?? ""
        case is Bool.Type: bool() ?? false
        case let type as any FixedWidthInteger.Type: integer(type)
        case is Double.Type: float(Double.self) ?? 0
        case is Float.Type: float(Float.self) ?? 0
        case let type as any MismatchCollection.Type: try type.decode(from: self)
        case is Date.Type: try date()
        case is Data.Type: try data()
        case is UUID.Type: text(UUID.inputExpectation, UUID.inputValue) ?? UUID()
        case is Decimal.Type: Decimal(float(Double.self) ?? 0)
        default: nil
        }
    }

    private func string() -> String? {
        if case .string(let text) = node { return text }
        record(expecting: "a string")
        return nil
    }

    private func text<Value>(_ expectation: String, _ parse: (String) -> Value?) -> Value? {
        if case .string(let text) = node, let value = parse(text) { return value }
        record(expecting: expectation)
        return nil
    }

    private func bool() -> Bool? {
        if case .bool(let value) = node { return value }
        record(expecting: "true or false")
        return nil
    }

    private func integer<Value: FixedWidthInteger>(_ type: Value.Type) -> Value {
        if case .number(let text) = node {
            // A `JSONDecoder` accepts 1.0 and 1e2 as well.
            if let value = Value(text) ?? Double(text).flatMap(Value.init(exactly:)) {
                return value
            }
            if let number = Double(text), number == number.rounded() {
                record(expecting: "an integer from \(Value.min) to \(Value.max)")
                return 0
            }
        }
        record(expecting: Value.isSigned ? "an integer" : "an integer that is not negative")
        return 0
    }

    private func float<Value: BinaryFloatingPoint & LosslessStringConvertible>(
        _ type: Value.Type
    ) -> Value? {
        switch (node, search.floats) {
        case (.number(let text), _):
            if let value = Value(text), value.isFinite { return value }
            record(
                expecting: "a number from -\(Value.greatestFiniteMagnitude) to "
                    + "\(Value.greatestFiniteMagnitude)")
        case (.string(let text), .convertFromString(let positive, let negative, let nan)):
            if text == positive { return .infinity }
            if text == negative { return -.infinity }
            if text == nan { return .nan }
            record(expecting: "a number")
        default: record(expecting: "a number")
        }
        return nil
    }

    private func date() throws -> Date {
        guard node != nil else { return Date(timeIntervalSince1970: 0) }
        switch search.dates {
        case .deferredToDate: return try Date(from: self)
        case .secondsSince1970: return Date(timeIntervalSince1970: float(Double.self) ?? 0)
        case .millisecondsSince1970:
            return Date(timeIntervalSince1970: (float(Double.self) ?? 0) / 1000)
        case .iso8601:
            return text(Date.inputExpectation, Date.inputValue)
                ?? Date(timeIntervalSince1970: 0)
        case .custom(let decode): return try decode(self)
        @unknown default: throw MismatchSearch.Unavailable()
        }
    }

    private func data() throws -> Data {
        guard node != nil else { return Data() }
        switch search.data {
        case .deferredToData: return try Data(from: self)
        case .base64: return text("a string in Base64") { Data(base64Encoded: $0) } ?? Data()
        case .custom(let decode): return try decode(self)
        @unknown default: throw MismatchSearch.Unavailable()
        }
    }
}

// MARK: Containers

extension MismatchDecoder: SingleValueDecodingContainer {
    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
        var members: [String: MismatchMember] = [:]
        var decoder = self
        if case .object(let list) = node {
            members = search.members(list, at: path)
        } else {
            record(expecting: "an object")
            decoder = MismatchDecoder(
                node: nil, path: path, search: search, placeholderDepth: placeholderDepth)
        }
        return KeyedDecodingContainer(MismatchObject<Key>(decoder: decoder, members: members))
    }

    func unkeyedContainer() -> any UnkeyedDecodingContainer {
        if case .array(let elements) = node {
            return MismatchArray(decoder: self, elements: elements)
        }
        record(expecting: "an array")
        return MismatchArray(
            decoder: MismatchDecoder(
                node: nil, path: path, search: search, placeholderDepth: placeholderDepth),
            elements: [])
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { self }

    func decodeNil() -> Bool {
        switch node {
        case nil, .null: true
        default: false
        }
    }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try value(type) }
}

/// The members of an object, by the properties of a type.
private struct MismatchObject<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let decoder: MismatchDecoder
    let members: [String: MismatchMember]

    var codingPath: [any CodingKey] { decoder.codingPath }
    var allKeys: [Key] { members.keys.compactMap(Key.init(stringValue:)) }

    func contains(_ key: Key) -> Bool { members[key.stringValue] != nil }

    func decodeNil(forKey key: Key) -> Bool {
        guard let member = members[key.stringValue] else { return true }
        if case .null = member.node { return true }
        return false
    }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        try decoder(of: key).value(type)
    }

    func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) -> Value? {
        decodeNil(forKey: key) ? nil : try? decoder(of: key).value(type)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        try decoder(of: key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try decoder(of: key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder { try decoder(of: JSONKey("super")) }

    func superDecoder(forKey key: Key) throws -> any Decoder { try decoder(of: key) }

    /// Returns the decoder of a member; records a missing one.
    private func decoder(of key: any CodingKey) throws -> MismatchDecoder {
        let search = decoder.search
        guard let member = members[key.stringValue] else {
            let path = JSONPath.member(search.memberName(of: key), of: decoder.path)
            if decoder.node != nil { search.record(path, "is missing") }
            return try decoder.decoder(of: nil, path)
        }
        return try decoder.decoder(of: member.node, .member(member.name, of: decoder.path))
    }
}

/// The elements of an array.
private struct MismatchArray: UnkeyedDecodingContainer {
    let decoder: MismatchDecoder
    let elements: [JSONNode]
    private(set) var currentIndex = 0

    init(decoder: MismatchDecoder, elements: [JSONNode]) {
        self.decoder = decoder
        self.elements = elements
    }

    var codingPath: [any CodingKey] { decoder.codingPath }
    var count: Int? { elements.count }
    var isAtEnd: Bool { currentIndex >= elements.count }

    mutating func decodeNil() -> Bool {
        guard !isAtEnd, case .null = elements[currentIndex] else { return false }
        currentIndex += 1
        return true
    }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        try next().value(type)
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> {
        try next().container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try next().unkeyedContainer()
    }

    mutating func superDecoder() throws -> any Decoder { try next() }

    /// Returns the decoder of the next element; records a missing one.
    private mutating func next() throws -> MismatchDecoder {
        let path = JSONPath.element(currentIndex, of: decoder.path)
        defer { currentIndex += 1 }
        guard !isAtEnd else {
            if decoder.node != nil { decoder.search.record(path, "is missing") }
            return try decoder.decoder(of: nil, path)
        }
        return try decoder.decoder(of: elements[currentIndex], path)
    }
}

// MARK: Collections

/// A type of the standard library whose elements are searched separately, so that one that does not match does not hide
/// the following ones.
private protocol MismatchCollection {
    static func decode(from decoder: MismatchDecoder) throws -> Self
}

extension Array: MismatchCollection where Element: Decodable {
    fileprivate static func decode(from decoder: MismatchDecoder) throws -> Self {
        guard case .array(let nodes) = decoder.node else {
            decoder.record(expecting: "an array")
            return []
        }
        var elements: Self = []
        for (index, node) in nodes.enumerated() where !decoder.search.isFull {
            let element = try decoder.decoder(of: node, .element(index, of: decoder.path))
            if let value = try? element.value(Element.self) { elements.append(value) }
        }
        return elements
    }
}

extension Dictionary: MismatchCollection where Key == String, Value: Decodable {
    fileprivate static func decode(from decoder: MismatchDecoder) throws -> Self {
        guard case .object(let members) = decoder.node else {
            decoder.record(expecting: "an object")
            return [:]
        }
        var values: Self = [:]
        for (name, node) in members where !decoder.search.isFull {
            let member = try decoder.decoder(of: node, .member(name, of: decoder.path))
            if let value = try? member.value(Value.self) { values[name] = value }
        }
        return values
    }
}

extension Optional: MismatchCollection where Wrapped: Decodable {
    fileprivate static func decode(from decoder: MismatchDecoder) throws -> Self {
        decoder.decodeNil() ? nil : try? decoder.value(Wrapped.self)
    }
}
