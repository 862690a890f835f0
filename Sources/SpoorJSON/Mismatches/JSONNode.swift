import SpoorText

/// A JSON value with numbers as they are in the text, so that no integer loses its last digits.
enum JSONNode: JSONTree {
    case null
    case bool(Bool)
    case number(String)
    case string(String)
    case array([JSONNode])
    /// The members in the order of the text.
    case object([(name: String, value: JSONNode)])

    static func number(text: String) -> JSONNode? { .number(text) }

    static func object(members: [(name: String, value: JSONNode)]) -> JSONNode { .object(members) }

    /// Whether a number is an integer without a fraction and an exponent.
    var isPlainInteger: Bool {
        guard case .number(let text) = self else { return false }
        return text.utf8.allSatisfy { $0.isDigit || $0 == .hyphen }
    }
}

/// The place of a value in a JSON text.
indirect enum JSONPath {
    case root
    case member(String, of: JSONPath)
    case element(Int, of: JSONPath)

    /// The path as the keys of `Decodable`.
    var codingPath: [any CodingKey] {
        switch self {
        case .root: []
        case .member(let name, let parent): parent.codingPath + [JSONKey(name)]
        case .element(let index, let parent): parent.codingPath + [JSONKey(index)]
        }
    }
}

/// The name of a member, or the index of an element.
struct JSONKey: CodingKey {
    let stringValue: String
    let intValue: Int?

    init(_ name: String) {
        stringValue = name
        intValue = nil
    }

    init(_ index: Int) {
        stringValue = "Index \(index)"
        intValue = index
    }

    init?(stringValue: String) { self.init(stringValue) }
    init?(intValue: Int) { self.init(intValue) }
}
