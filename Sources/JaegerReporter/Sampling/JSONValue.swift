/// A value of JSON (RFC 8259), as far as answers of sampling endpoints need it.
///
/// Read by a reader of our own: `JSONDecoder` would make every program that traces larger by seven
/// megabytes of Foundation, for an answer of some hundred bytes a minute.
enum JSONValue: Equatable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSONValue])
    /// Of a name that comes twice the last value counts.
    case object([String: JSONValue])

    /// The member of an object; nil if this is no object, or has no such member, or it is null.
    subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self, let value = members[name], value != .null else {
            return nil
        }
        return value
    }

    var number: Double? {
        if case .number(let number) = self { number } else { nil }
    }

    var string: String? {
        if case .string(let string) = self { string } else { nil }
    }

    var array: [JSONValue]? {
        if case .array(let values) = self { values } else { nil }
    }
}

/// A text that is no JSON.
struct JSONError: Error, Equatable {
    /// Where the text ceases to be JSON, in bytes.
    let offset: Int
}
