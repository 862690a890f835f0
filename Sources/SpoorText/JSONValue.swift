/// A JSON value (RFC 8259) without a model: for extension members of problem details, and for short texts that the
/// library itself reads, such as responses of a sampling endpoint.
///
/// `JSONDecoder` is not used here, because it would link seven megabytes of Foundation into every program.
public enum JSONValue: Hashable, Sendable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A number; one that is not finite is written as `null`, because JSON has none.
    case number(Double)
    /// A string.
    case string(String)
    /// An array.
    case array([JSONValue])
    /// An object; if a name occurs more than once in a text, the last value is used. Members are written in the order
    /// of their names.
    case object([String: JSONValue])

    /// The member of an object; nil if the value is not an object, has no such member, or the member is null.
    public subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self, let value = members[name], value != .null else {
            return nil
        }
        return value
    }

    package var number: Double? {
        if case .number(let number) = self { number } else { nil }
    }

    package var string: String? {
        if case .string(let string) = self { string } else { nil }
    }

    package var array: [JSONValue]? {
        if case .array(let values) = self { values } else { nil }
    }
}

extension JSONValue {
    /// Creates a number; integers of more than 53 bits lose their last digits, as in most JSON readers.
    public init(_ number: some BinaryInteger) { self = .number(Double(number)) }
    /// Creates a number.
    public init(_ number: Double) { self = .number(number) }
    /// Creates a string.
    public init(_ string: String) { self = .string(string) }
}

extension JSONValue: JSONTree {
    /// Returns a number; nil if it is not in the range of `Double`.
    package static func number(text: String) -> JSONValue? {
        guard let number = Double(text), number.isFinite else { return nil }
        return .number(number)
    }

    /// Returns an object with the last value of each name.
    package static func object(members: [(name: String, value: JSONValue)]) -> JSONValue {
        .object(Dictionary(members.lazy.map { ($0.name, $0.value) }) { _, last in last })
    }
}

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringInterpolation,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// Creates `null`.
    public init(nilLiteral: ()) { self = .null }
    /// Creates a truth value.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// Creates a number.
    public init(integerLiteral value: Int) { self = .number(Double(value)) }
    /// Creates a number.
    public init(floatLiteral value: Double) { self = .number(value) }
    /// Creates a string.
    public init(stringLiteral value: String) { self = .string(value) }
    /// Creates an array.
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    /// Creates an object; if a name occurs more than once, the last value is used.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(Dictionary(elements) { _, last in last })
    }
}

extension JSONWriter {
    /// Writes a value with everything in it; members of objects in the order of their names.
    package mutating func value(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .bool(let truth): bool(truth)
        case .number(let number):
            guard number.isFinite else { return null() }
            if let whole = Int64(exactly: number) { integer(whole) } else { self.number(number) }
        case .string(let text): string(text)
        case .array(let values): array(of: values) { $0.value($1) }
        case .object(let members):
            object { writer in
                for (name, member) in members.sorted(by: { $0.key < $1.key }) {
                    writer.key(name)
                    writer.value(member)
                }
            }
        }
    }
}
