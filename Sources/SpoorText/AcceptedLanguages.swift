/// The value of an `Accept-Language` header: the languages that a user prefers (RFC 9110 §12.5.4).
///
/// ```swift
/// AcceptedLanguages("de-CH, en;q=0.8").preferred(among: ["en", "de", "fr"])  // de
/// ```
public struct AcceptedLanguages: Hashable, Sendable {
    /// One element of the list: a language range (RFC 4647 §2.1) and its quality.
    public struct Element: Hashable, Sendable {
        /// The range in lower case, such as `de-ch`; `*` for any language.
        public let range: String
        /// The quality in thousandths, 0 to 1000; 0 means that the language is not acceptable.
        public let quality: Int
    }

    /// The elements in the order of the header; elements that are not language ranges are ignored.
    public let elements: [Element]

    /// Parses a header value; nil and one without a valid element accept every language.
    public init(_ value: String?) {
        var elements: [Element] = []
        var reader = HeaderValueReader((value ?? "").utf8)
        while !reader.rest.isEmpty {
            if let (range, quality) = reader.weightedToken(), Self.isRange(range) {
                elements.append(Element(range: range.lowercased(), quality: quality))
            }
        }
        self.elements = elements
    }

    /// Returns the language that suits the user best; nil if none does, so that the caller's default applies.
    ///
    /// The ranges are tried in the order of their quality. A range selects the candidate that is equal to it, else one
    /// that begins with it (`en` selects `en-GB`), else one that a shortened range selects in the same way (`de-CH`
    /// selects `de`; RFC 4647 §3.4). Without a header the first candidate is returned.
    ///
    /// - Parameter candidates: The available language tags (RFC 5646), compared case-insensitively.
    public func preferred(among candidates: [String]) -> String? {
        guard !elements.isEmpty else { return candidates.first }
        let ranked = elements.enumerated().filter { $0.element.quality > 0 }.sorted {
            ($1.element.quality, $0.offset) < ($0.element.quality, $1.offset)
        }
        let available = candidates.filter { !isExcluded($0.lowercased()) }
        for (_, element) in ranked {
            if element.range == "*" {
                if let first = available.first { return first }
            } else if let match = Self.match(element.range, among: available) {
                return match
            }
        }
        return nil
    }

    /// Returns whether the most specific range that includes a tag has the quality 0.
    private func isExcluded(_ tag: String) -> Bool {
        let including = elements.filter { Self.includes($0.range, tag) }
        let best = including.max { Self.length($0.range) < Self.length($1.range) }
        return best?.quality == 0
    }

    private static func length(_ range: String) -> Int { range == "*" ? 0 : range.utf8.count }

    private static func includes(_ range: String, _ tag: String) -> Bool {
        range == "*" || tag == range || tag.hasPrefix(range + "-")
    }

    private static func match(_ range: String, among candidates: [String]) -> String? {
        var range = range
        while true {
            if let equal = candidates.first(where: { $0.lowercased() == range }) { return equal }
            if let longer = candidates.first(where: { $0.lowercased().hasPrefix(range + "-") }) {
                return longer
            }
            guard let hyphen = range.utf8.lastIndex(of: .hyphen) else { return nil }
            range = String(range[..<hyphen])
            // RFC 4647 §3.4: a single letter or digit introduces an extension, and is removed with it.
            if range.utf8.dropLast().last == .hyphen { range = String(range.dropLast(2)) }
        }
    }

    /// Returns whether a token is `language-range`: `*`, or parts of at most eight letters and digits.
    private static func isRange(_ text: String) -> Bool {
        if text == "*" { return true }
        return text.utf8.split(separator: .hyphen, omittingEmptySubsequences: false).allSatisfy {
            (1...8).contains($0.count) && $0.allSatisfy { $0.isLetter || $0.isDigit }
        }
    }
}
