/// An import of a module, anywhere in a file, with its attributes.
struct Import: Sendable {
    let module: String
    /// Attributes and access as written, such as `@_exported` and `public`.
    let modifiers: [String]
    let path: String
    let line: Int

    private static let access: Set<String> = [
        "public", "package", "internal", "fileprivate", "private",
    ]
    private static let kinds: Set<String> = [
        "struct", "class", "enum", "protocol", "actor", "typealias", "func", "var", "let",
    ]

    /// The imports of a file.
    static func all(in source: SourceText) -> [Import] {
        source.code.enumerated().flatMap { index, code in
            code.split(separator: ";").compactMap { statement in
                Import(statement, path: source.path, line: index + 1)
            }
        }
    }

    private init?(_ statement: Substring, path: String, line: Int) {
        let words = statement.split(whereSeparator: \.isWhitespace).map(String.init)
        guard let keyword = words.firstIndex(of: "import") else { return nil }
        modifiers = Array(words[..<keyword])
        guard modifiers.allSatisfy({ $0.hasPrefix("@") || Self.access.contains($0) }) else {
            return nil
        }
        let names = words[(keyword + 1)...].drop { Self.kinds.contains($0) }
        guard let module = names.first?.split(separator: ".").first else { return nil }
        self.module = String(module)
        self.path = path
        self.line = line
    }
}
