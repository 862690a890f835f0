import JaegerTracing
import SpoorClient
import SpoorText

/// Reads environment variables as typed values; of several variables the first that is set is used.
///
/// A variable that is empty or blank counts as not set, according to OpenTelemetry's specification.
struct EnvironmentReader {
    typealias Variable = EnvironmentVariable

    private let lookUp: (_ name: String) -> String?

    init(_ lookUp: @escaping (_ name: String) -> String?) {
        self.lookUp = lookUp
    }

    /// Returns the text of a variable unchanged; nil if it is not set or empty.
    func raw(_ name: String) -> String? {
        guard let text = lookUp(name), !text.isEmpty else { return nil }
        return text
    }

    /// Returns the text of a variable without blanks around it; nil if it is not set.
    func text(_ variable: Variable) -> String? {
        guard let text = raw(variable.rawValue)?.withoutBlanks, !text.isEmpty else {
            return nil
        }
        return text
    }

    /// Returns the first variable that is set, and its text.
    func first(_ variables: [Variable]) -> (variable: Variable, text: String)? {
        for variable in variables {
            if let text = text(variable) { return (variable, text) }
        }
        return nil
    }

    func isSet(_ variables: Variable...) -> Bool { first(variables) != nil }

    func error(_ variable: Variable, _ expected: String) -> ConfigurationError {
        ConfigurationError(variable, value: text(variable), expected: expected)
    }

    /// Reads a Boolean in the notation of Go's `ParseBool`.
    func flag(_ variables: Variable...) throws(ConfigurationError) -> Bool? {
        guard let (variable, text) = first(variables) else { return nil }
        switch text.lowercased() {
        case "true", "t", "1": return true
        case "false", "f", "0": return false
        default: throw error(variable, "true or false")
        }
    }

    func integer(
        _ variables: Variable..., in range: ClosedRange<Int>
    ) throws(ConfigurationError) -> Int? {
        guard let (variable, text) = first(variables) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            let upper = range.upperBound == .max ? "or more" : "to \(range.upperBound)"
            throw error(variable, "a whole number, \(range.lowerBound) \(upper)")
        }
        return number
    }

    func number(
        _ variable: Variable, in range: ClosedRange<Double>
    ) throws(ConfigurationError) -> Double? {
        guard let text = text(variable) else { return nil }
        guard let number = Double(text), range.contains(number) else {
            let upper = range.upperBound.isFinite ? "to \(range.upperBound)" : "or more"
            throw error(variable, "a number, \(range.lowerBound) \(upper)")
        }
        return number
    }

    /// Reads a duration: milliseconds without a unit, or in the notation of Go, such as `1m30s`.
    func duration(_ variables: Variable...) throws(ConfigurationError) -> Duration? {
        guard let (variable, text) = first(variables) else { return nil }
        guard let duration = Duration(milliseconds: text), duration > .zero else {
            throw error(variable, "milliseconds or a duration such as 1.5s, greater than 0")
        }
        return duration
    }

    static let urlForm =
        "a URL that begins with http:// or https:// and names a host, with a port of at most 65535 if any, and "
        + "without a user or password"

    /// Reads an `http` or `https` URL with a host.
    func url(_ variables: Variable...) throws(ConfigurationError) -> String? {
        guard let (variable, text) = first(variables) else { return nil }
        guard Self.isURL(text) else {
            throw error(variable, Self.urlForm)
        }
        return text
    }

    /// Reads pairs `k=v,k2=v2`, without blanks around keys and values; a value may contain `=`.
    func pairs(_ variables: Variable...) throws(ConfigurationError) -> [(
        key: String, value: String
    )] {
        guard let (variable, text) = first(variables) else { return [] }
        var pairs: [(key: String, value: String)] = []
        for item in text.split(separator: ",") where !item.withoutBlanks.isEmpty {
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].withoutBlanks.isEmpty else {
                throw error(variable, "a list of pairs key=value, separated by commas")
            }
            pairs.append((parts[0].withoutBlanks, parts[1].withoutBlanks))
        }
        return pairs
    }

    /// Reads the items of a comma-separated list, in lower case; at least one.
    func list(_ variable: Variable) throws(ConfigurationError) -> [String]? {
        guard let text = text(variable) else { return nil }
        let items = text.split(separator: ",").map { $0.withoutBlanks.lowercased() }
            .filter { !$0.isEmpty }
        guard !items.isEmpty else { throw error(variable, "a list with at least one name") }
        return items
    }

    /// Returns whether the client can send requests to the URL.
    static func isURL(_ text: String) -> Bool { HTTPClient.validationError(ofURL: text) == nil }
}

extension Duration {
    /// Parses milliseconds without a unit, or a duration in the notation of Go; nil for any other text.
    init?(milliseconds text: String) {
        if let number = UInt32(text) {
            self = .milliseconds(number)
        } else if let nanoseconds = GoDuration.nanoseconds(text), nanoseconds <= UInt64(Int64.max) {
            self = .nanoseconds(Int64(nanoseconds))
        } else {
            return nil
        }
    }
}

extension StringProtocol where UTF8View: BidirectionalCollection {
    /// The text without blanks, tabs and line ends around it.
    var withoutBlanks: String {
        func isSpace(_ byte: UInt8) -> Bool {
            byte.isBlank || (.lineFeed ... .carriageReturn).contains(byte)
        }
        let start = utf8.firstIndex { !isSpace($0) } ?? utf8.endIndex
        let end = utf8.lastIndex { !isSpace($0) }.map { utf8.index(after: $0) } ?? start
        return String(self[start..<end])
    }
}

/// The error of an invalid environment variable: its name, its value, and what was expected.
public struct ConfigurationError: Error, Hashable, CustomStringConvertible {
    /// The name of the variable.
    public let variable: String
    /// The value, with secrets replaced by `***`, also user, password and query of URLs; nil if the variable is not
    /// set.
    public let value: String?
    /// What was expected, as the continuation of “expected”.
    public let expected: String

    package init(_ variable: EnvironmentVariable, value: String?, expected: String) {
        self.variable = variable.rawValue
        self.value = value.map {
            variable.isSecret ? "***" : Self.withoutQuery(Self.withoutCredentials($0))
        }
        self.expected = expected
    }

    /// The variable, its value and what was expected, in one sentence.
    public var description: String {
        guard let value else { return "\(variable) is not set: expected \(expected)" }
        return "\(variable)=\(value): expected \(expected)"
    }

    /// Returns a text with the user information of a URL (RFC 3986 §3.2.1) replaced, and anything else that could be
    /// user information: a password may contain a slash, and the scheme may be missing.
    private static func withoutCredentials(_ text: String) -> String {
        guard let at = text.lastIndex(of: "@") else { return text }
        let scheme = text[..<at].firstRange(of: "://").map { text[..<$0.upperBound] } ?? ""
        return "\(scheme)***\(text[at...])"
    }

    /// Returns a text with the query of a URL and everything after it replaced, which may contain a token.
    private static func withoutQuery(_ text: String) -> String {
        guard let mark = text.firstIndex(where: { $0 == "?" || $0 == "#" }) else { return text }
        return "\(text[...mark])***"
    }
}
