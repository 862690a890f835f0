import JaegerTracing
import SpoorClient
import SpoorText

/// Reads variables as values of their types; of several names the first that is set counts.
///
/// A variable that is empty, or all blanks, is as good as not set, as OpenTelemetry's specification
/// has it.
struct EnvironmentReader {
    typealias Variable = EnvironmentVariable

    private let lookUp: (_ name: String) -> String?

    init(_ lookUp: @escaping (_ name: String) -> String?) {
        self.lookUp = lookUp
    }

    /// The text of a variable as it is; nil if it is not set, or empty.
    func raw(_ name: String) -> String? {
        guard let text = lookUp(name), !text.isEmpty else { return nil }
        return text
    }

    /// The text of a variable without blanks around it; nil if it is not set.
    func text(_ variable: Variable) -> String? {
        guard let text = raw(variable.rawValue)?.withoutBlanks, !text.isEmpty else {
            return nil
        }
        return text
    }

    /// The first of the variables that is set, and its text.
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

    /// A truth value in the notation of Go's `ParseBool`.
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

    /// A duration: milliseconds without a unit, or in the notation of Go, such as `1m30s`.
    func duration(_ variables: Variable...) throws(ConfigurationError) -> Duration? {
        guard let (variable, text) = first(variables) else { return nil }
        guard let duration = Duration(milliseconds: text), duration > .zero else {
            throw error(variable, "milliseconds or a duration such as 1.5s, more than 0")
        }
        return duration
    }

    static let urlForm =
        "a URL that begins with http:// or https:// and names a host, without a user or password"

    /// A URL of `http` or `https` with a host.
    func url(_ variables: Variable...) throws(ConfigurationError) -> String? {
        guard let (variable, text) = first(variables) else { return nil }
        guard Self.isURL(text) else {
            throw error(variable, Self.urlForm)
        }
        return text
    }

    /// Pairs `k=v,k2=v2`, without blanks around keys and values; a value may contain `=`.
    func pairs(_ variables: Variable...) throws(ConfigurationError) -> [(
        key: String, value: String
    )] {
        guard let (variable, text) = first(variables) else { return [] }
        var pairs: [(key: String, value: String)] = []
        for item in text.split(separator: ",") where !item.withoutBlanks.isEmpty {
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].withoutBlanks.isEmpty else {
                throw error(variable, "pairs of the form key=value, with commas between them")
            }
            pairs.append((parts[0].withoutBlanks, parts[1].withoutBlanks))
        }
        return pairs
    }

    /// The items of a list with commas, in lower case; at least one.
    func list(_ variable: Variable) throws(ConfigurationError) -> [String]? {
        guard let text = text(variable) else { return nil }
        let items = text.split(separator: ",").map { $0.withoutBlanks.lowercased() }
            .filter { !$0.isEmpty }
        guard !items.isEmpty else { throw error(variable, "a list with a name in it") }
        return items
    }

    /// Whether the client that will be given the URL can follow it.
    static func isURL(_ text: String) -> Bool { HTTPClient.validationError(ofURL: text) == nil }
}

extension Duration {
    /// Reads milliseconds without a unit, or a duration in the notation of Go; nil for any other text.
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
