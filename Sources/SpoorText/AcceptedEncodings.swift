/// The value of an `Accept-Encoding` header: the content codings that a client accepts, with their preference (RFC
/// 9110 §12.5.3).
///
/// ```swift
/// AcceptedEncodings("gzip, br;q=0.8").preferred(among: ["br", "gzip"])  // gzip
/// AcceptedEncodings("identity;q=0").preferred(among: ["gzip"])          // nil: 406, or send identity anyway
/// ```
public struct AcceptedEncodings: Hashable, Sendable {
    /// One element of the list: a coding and its quality.
    public struct Element: Hashable, Sendable {
        /// The coding in lower case: `identity` for no coding, `*` for any that is not listed.
        public let coding: String
        /// The quality in thousandths, 0 to 1000; 0 means that the coding is not acceptable.
        public let quality: Int
    }

    /// The elements in the order of the header; elements that are not codings are ignored.
    public let elements: [Element]
    /// Whether the request has the header.
    public let isPresent: Bool

    /// Parses a header value.
    ///
    /// - Parameter value: The value; nil accepts every coding, and an empty one only `identity`.
    public init(_ value: String?) {
        isPresent = value != nil
        var elements: [Element] = []
        var reader = HeaderValueReader((value ?? "").utf8)
        while !reader.rest.isEmpty {
            if let (coding, quality) = reader.weightedToken() {
                elements.append(Element(coding: Self.canonical(coding), quality: quality))
            }
        }
        self.elements = elements
    }

    /// Returns the quality of a coding in thousandths; 0 if it is not acceptable.
    ///
    /// `identity` is acceptable unless it is excluded, by its name or by `*;q=0`. The names `x-gzip` and `x-compress`
    /// mean `gzip` and `compress` (RFC 9110 §8.4.1).
    public func quality(of coding: String) -> Int {
        guard isPresent else { return 1000 }
        let coding = Self.canonical(coding)
        if let named = elements.first(where: { $0.coding == coding }) { return named.quality }
        if let any = elements.first(where: { $0.coding == "*" }) { return any.quality }
        return coding == "identity" ? 1 : 0
    }

    /// Returns the coding with the highest quality, the first of several with the same one; `identity` if the client
    /// accepts no other, prefers it, or has sent no header; nil if it is not acceptable either.
    ///
    /// - Parameter codings: The codings that the server can apply, without `identity`.
    public func preferred(among codings: [String]) -> String? {
        guard isPresent else { return "identity" }
        var best: (coding: String, quality: Int)?
        for coding in codings + ["identity"] {
            let quality = quality(of: coding)
            if quality > best?.quality ?? 0 { best = (coding, quality) }
        }
        return best?.coding
    }

    private static func canonical(_ coding: String) -> String {
        let coding = coding.lowercased()
        return coding == "x-gzip" || coding == "x-compress" ? String(coding.dropFirst(2)) : coding
    }
}

extension HeaderValueReader {
    /// Parses `token [ weight ]` and the comma after it; returns nil for another element.
    mutating func weightedToken() -> (token: String, quality: Int)? {
        defer { skipElement() }
        skipBlanks()
        guard let token = token(), let quality = weight() else { return nil }
        return (token, quality)
    }
}
