import JaegerTracing
import SpoorHTTP
import SpoorText

/// The headers of a message that are recorded on its span; by default none.
///
/// An element is a name, a prefix followed by an asterisk (`x-shop-*`), or `*` for all; case-insensitive. A header
/// whose name indicates a secret (`authorization`, `cookie`, a name with `token`, `secret` and so on) is recorded as
/// `REDACTED`, unless its full name is listed. A header becomes a tag `http.request.header.NAME` or
/// `http.response.header.NAME`, the name in lower case, with all of its values in order.
public struct HeaderCapture: Hashable, Sendable, ExpressibleByArrayLiteral {
    /// The full names, in lower case.
    private let names: [String]
    /// The prefixes, in lower case; the empty prefix matches all names.
    private let prefixes: [String]

    /// The maximum number of recorded names, so that the span has room for other tags.
    static let maxNames = 64

    private static let secretWords = [
        "authorization", "cookie", "token", "secret", "password", "session", "credential",
        "signature", "api-key", "apikey", "private", "authenticat",
    ]

    /// Creates a capture of the headers that match these patterns.
    public init(_ patterns: [String]) {
        let patterns = patterns.map { $0.lowercased() }
        names = patterns.filter { !$0.hasSuffix("*") && !$0.isEmpty }
        prefixes = patterns.filter { $0.hasSuffix("*") }.map { String($0.dropLast()) }
    }

    /// Creates a capture of the headers that match these patterns.
    public init(arrayLiteral patterns: String...) {
        self.init(patterns)
    }

    /// Whether no header is recorded.
    var isEmpty: Bool { names.isEmpty && prefixes.isEmpty }

    /// Adds a tag for each header that matches.
    func append(_ headers: Headers, keyPrefix: String, to tags: inout [SpanTag]) {
        for (name, values) in captured(headers) {
            tags.append(SpanTag(keyPrefix + name, .array(values.map { .string($0) })))
        }
    }

    /// Returns the recorded headers, grouped by name, in the order of the message.
    func captured(_ headers: Headers) -> [(name: String, values: [String])] {
        guard !isEmpty else { return [] }
        var captured: [(name: String, values: [String])] = []
        for entry in headers.entries {
            let name = headers.text(entry.name).lowercased()
            let isNamed = names.contains(name)
            guard isNamed || prefixes.contains(where: name.hasPrefix) else { continue }
            let isShown = isNamed || !Self.isSecret(name)
            let value = isShown ? headers.text(entry.value) : URLParts.redacted
            if let index = captured.firstIndex(where: { $0.name == name }) {
                if isShown { captured[index].values.append(value) }
            } else if captured.count < Self.maxNames {
                captured.append((name, [value]))
            }
        }
        return captured
    }

    /// Returns whether a name in lower case indicates a secret value.
    static func isSecret(_ name: String) -> Bool {
        secretWords.contains { word in name.hasText(word) }
    }
}

extension String {
    /// Returns whether a short text occurs in this text, compared by bytes.
    fileprivate func hasText(_ text: String) -> Bool {
        var rest = utf8[...]
        while rest.count >= text.utf8.count {
            if rest.starts(with: text.utf8) { return true }
            rest = rest.dropFirst()
        }
        return false
    }
}
