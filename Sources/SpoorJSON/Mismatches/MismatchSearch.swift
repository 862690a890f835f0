import FoundationEssentials
import SpoorHTTP

/// A search for every value of a JSON text that does not match a type, which a decoder does not offer: it ends at the
/// first.
///
/// The type decodes itself from a ``MismatchDecoder``, which records a value that does not match and returns another of
/// its type, so that decoding continues. It takes time only for texts that are rejected.
final class MismatchSearch {
    /// The maximum number of violations of a response: 100, which is more than somebody reads.
    static let maxViolations = 100
    /// The maximum nesting depth of a searched text: each level takes several frames of the stack.
    static let maxDepth = 128

    /// The strategies of the decoder that has rejected the text.
    let keys: JSONDecoder.KeyDecodingStrategy
    let dates: JSONDecoder.DateDecodingStrategy
    let data: JSONDecoder.DataDecodingStrategy
    let floats: JSONDecoder.NonConformingFloatDecodingStrategy
    let userInfo: [CodingUserInfoKey: Any]
    private(set) var violations: [Problem.Violation] = []

    /// The error of a type that cannot be decoded because a value was recorded.
    struct Unavailable: Error {}

    init(_ decoder: JSONDecoder) {
        keys = decoder.keyDecodingStrategy
        dates = decoder.dateDecodingStrategy
        data = decoder.dataDecodingStrategy
        floats = decoder.nonConformingFloatDecodingStrategy
        userInfo = decoder.userInfo
    }

    /// Returns the violations of a value, in the order in which the type reads it.
    func violations<Value: Decodable>(of node: JSONNode, as type: Value.Type) -> [Problem.Violation]
    {
        _ = try? MismatchDecoder(node: node, path: .root, search: self).value(type)
        return violations
    }

    /// Whether no more violations are recorded.
    var isFull: Bool { violations.count >= Self.maxViolations }

    func record(_ path: JSONPath, _ detail: String) {
        record(Problem.Violation(at: path.codingPath, detail))
    }

    func record(_ violation: Problem.Violation) {
        if !isFull { violations.append(violation) }
    }

    // MARK: Keys

    /// Returns the members of an object by the names of the type's properties; the first of each name, as a
    /// `JSONDecoder` does.
    func members(
        _ members: [(name: String, value: JSONNode)], at path: JSONPath
    ) -> [String: MismatchMember] {
        var converted: [String: MismatchMember] = [:]
        for (name, value) in members {
            let key =
                switch keys {
                case .useDefaultKeys: name
                case .convertFromSnakeCase: Self.camelCase(name)
                case .custom(let convert): convert(path.codingPath + [JSONKey(name)]).stringValue
                @unknown default: name
                }
            guard converted[key] == nil else { continue }
            converted[key] = MismatchMember(name: name, node: value)
        }
        return converted
    }

    /// Returns the name of a member that is missing, as it is expected in the text.
    func memberName(of key: any CodingKey) -> String {
        guard case .convertFromSnakeCase = keys else { return key.stringValue }
        return key.stringValue.reduce(into: "") { name, character in
            if character.isUppercase, !name.isEmpty { name += "_" }
            name += character.lowercased()
        }
    }

    /// Returns a name in snake case in camel case; underscores at its beginning and end are kept.
    private static func camelCase(_ name: String) -> String {
        let start = name.prefix { $0 == "_" }
        let end = name.dropFirst(start.count).reversed().prefix { $0 == "_" }
        let parts = name.dropFirst(start.count).dropLast(end.count).split(separator: "_")
        guard let first = parts.first, parts.count > 1 else { return name }
        let rest = parts.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst().lowercased() }
        return start + first.lowercased() + rest.joined() + String(end)
    }
}

/// A member of an object: its name in the text, and its value.
struct MismatchMember {
    let name: String
    let node: JSONNode
}
