/// A value of JSON (RFC 8259), for short texts that the toolkit itself reads, such as the answers of a sampling endpoint.
///
/// Not by `JSONDecoder`, which would link seven megabytes of Foundation into every program that traces.
package enum JSONValue: Equatable, Sendable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSONValue])
    /// Where a name occurs more than once, the last value counts.
    case object([String: JSONValue])

    /// The member of an object; nil if this is no object, or has no such member, or it is null.
    package subscript(name: String) -> JSONValue? {
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

/// A text is not JSON.
package struct JSONError: Error, Equatable {
    /// The offset in bytes of the first one that does not fit the grammar.
    package let offset: Int
}
