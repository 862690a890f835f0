import JaegerTracing
import SpoorHTTP
import SpoorText

/// Which fields of a message are noted on its span; none unless listed.
///
/// An element is a name, the beginning of one with an asterisk behind (`x-shop-*`), or `*` for all; case does not
/// matter. A field whose name says that it is a secret (`authorization`, `cookie`, a name with `token`, `secret` and so
/// on) is noted as `REDACTED`, unless it is listed by its own whole name. A field becomes a tag
/// `http.request.header.NAME` or `http.response.header.NAME`, the name in lower case, with all of its values in order.
public struct HeaderCapture: Hashable, Sendable, ExpressibleByArrayLiteral {
    /// Names in lower case.
    private let names: [String]
    /// What names begin with, in lower case; empty for all.
    private let prefixes: [String]

    /// More names than that are left out, so that the span has room for the rest.
    static let maxNames = 64

    private static let secretWords = [
        "authorization", "cookie", "token", "secret", "password", "session", "credential",
        "signature", "api-key", "apikey", "private", "authenticat",
    ]

    /// Notes the fields of these names.
    public init(_ patterns: [String]) {
        let patterns = patterns.map { $0.lowercased() }
        names = patterns.filter { !$0.hasSuffix("*") && !$0.isEmpty }
        prefixes = patterns.filter { $0.hasSuffix("*") }.map { String($0.dropLast()) }
    }

    /// Notes the fields of these names.
    public init(arrayLiteral patterns: String...) {
        self.init(patterns)
    }

    /// Whether nothing is noted.
    var isEmpty: Bool { names.isEmpty && prefixes.isEmpty }

    /// Adds a tag for every name that is listed and there.
    func append(_ headers: Headers, keyPrefix: String, to tags: inout [SpanTag]) {
        for (name, values) in captured(headers) {
            tags.append(SpanTag(keyPrefix + name, .array(values.map { .string($0) })))
        }
    }

    /// What is noted of these fields: a name at a time, in the order of the message.
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

    /// Whether a name in lower case says that the value is a secret.
    static func isSecret(_ name: String) -> Bool {
        secretWords.contains { word in name.hasText(word) }
    }
}

extension String {
    /// Whether a short text occurs anywhere, bytewise.
    fileprivate func hasText(_ text: String) -> Bool {
        var rest = utf8[...]
        while rest.count >= text.utf8.count {
            if rest.starts(with: text.utf8) { return true }
            rest = rest.dropFirst()
        }
        return false
    }
}
