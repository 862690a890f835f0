/// A variable of the environment that cannot be followed: which, what it says, and what it should say.
public struct ConfigurationError: Error, Hashable, CustomStringConvertible {
    /// The name of the variable.
    public let variable: String
    /// What it says, with secrets replaced by `***`, also a user, a password and a query within URLs; nil if it is not set.
    public let value: String?
    /// What it should say, as the end of a sentence that begins with “expected”.
    public let expected: String

    package init(_ variable: EnvironmentVariable, value: String?, expected: String) {
        self.variable = variable.rawValue
        self.value = value.map {
            variable.isSecret ? "***" : Self.withoutQuery(Self.withoutCredentials($0))
        }
        self.expected = expected
    }

    /// The variable, its value and what is expected, in one sentence.
    public var description: String {
        guard let value else { return "\(variable) is not set: expected \(expected)" }
        return "\(variable)=\(value): expected \(expected)"
    }

    /// A text with the user information of a URL (RFC 3986 §3.2.1) replaced, and whatever else could
    /// be meant as such: a password may have a slash in it, and the scheme may have been forgotten.
    private static func withoutCredentials(_ text: String) -> String {
        guard let at = text.lastIndex(of: "@") else { return text }
        let scheme = text[..<at].firstRange(of: "://").map { text[..<$0.upperBound] } ?? ""
        return "\(scheme)***\(text[at...])"
    }

    /// A text with the query of a URL and what is behind it replaced: a token may stand there.
    private static func withoutQuery(_ text: String) -> String {
        guard let mark = text.firstIndex(where: { $0 == "?" || $0 == "#" }) else { return text }
        return "\(text[...mark])***"
    }
}
