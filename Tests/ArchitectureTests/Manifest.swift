/// The targets of Package.swift with their dependencies, read from its text.
///
/// It parses the form that this package uses: names and arrays as literals, products of other packages as constants. (The package
/// manager cannot be called from a test that it runs.)
struct Manifest: Sendable {
    struct Target: Sendable {
        let name: String
        let kind: String
        /// The folder it is built from.
        let path: String
        /// Targets and products by name.
        let dependencies: Set<String>
        /// The line of its declaration.
        let line: Int

        var isTest: Bool { kind == "testTarget" }
    }

    let targets: [Target]
    /// Dependencies that could not be resolved to a name, with their lines.
    let puzzles: [(line: Int, text: String)]

    private static let kinds = ["target", "executableTarget", "testTarget", "systemLibrary"]

    init(_ source: String) {
        let code = CodeMask.masking(source, keepingStrings: true)
        let text = ManifestText(String(decoding: code, as: UTF8.self))
        let constants = Self.constants(in: text)
        var targets: [Target] = []
        var puzzles: [(Int, String)] = []
        for kind in Self.kinds {
            for start in text.indices(of: ".\(kind)(") {
                let body = text.bracketed(from: start)
                guard let name = body.argument("name")?.literals.first,
                    let line = Self.line(of: start, in: text)
                else { continue }
                // `.target(name:)` in a list of dependencies is not a declaration.
                if kind == "target", text.isInsideDependencies(start) { continue }
                var dependencies: Set<String> = []
                for item in body.argument("dependencies")?.items ?? [] {
                    if let constant = constants[item.trimmed] {
                        dependencies.insert(constant)
                    } else if let literal = item.literals.first {
                        dependencies.insert(literal)
                    } else {
                        puzzles.append((line, item.trimmed))
                    }
                }
                let folder = kind == "testTarget" ? "Tests" : "Sources"
                let path = body.argument("path")?.literals.first ?? "\(folder)/\(name)"
                targets.append(
                    Target(
                        name: name, kind: kind, path: path, dependencies: dependencies, line: line))
            }
        }
        self.targets = targets
        self.puzzles = puzzles
    }

    /// The target that a file belongs to.
    func target(of path: String) -> Target? {
        targets.filter { path.hasPrefix($0.path + "/") }.max { $0.path.count < $1.path.count }
    }

    func line(of target: String) -> Int {
        targets.first { $0.name == target }?.line ?? 1
    }

    /// `let name = Target.Dependency.product(name: "Name", …)`, by constant.
    private static func constants(in text: ManifestText) -> [String: String] {
        var constants: [String: String] = [:]
        for start in text.indices(of: "Target.Dependency.product(") {
            let before = text.characters[..<start].split { $0 == "\n" }.last ?? []
            let words = String(before).split(whereSeparator: { " =:\t".contains($0) })
            guard let constant = words.last.map(String.init),
                let product = text.bracketed(from: start).argument("name")?.literals.first
            else { continue }
            constants[constant] = product
        }
        return constants
    }

    private static func line(of index: Int, in text: ManifestText) -> Int? {
        text.characters[..<index].count { $0 == "\n" } + 1
    }
}

/// A bracketed part of a manifest, with its arguments and items.
struct ManifestText {
    let characters: [Character]

    init(_ text: some Sequence<Character>) {
        characters = Array(text)
    }

    var trimmed: String {
        String(String(characters).split(separator: "\n").joined(separator: " "))
            .split(separator: " ").joined(separator: " ")
    }

    /// The string literals in it, in order.
    var literals: [String] {
        let parts = String(characters).split(separator: "\"", omittingEmptySubsequences: false)
        return parts.indices.filter { $0 % 2 == 1 }.map { String(parts[$0]) }
    }

    /// Its parts between commas outside of inner brackets.
    var items: [ManifestText] {
        var items: [[Character]] = [[]]
        var depth = 0
        for character in characters {
            if "([".contains(character) { depth += 1 }
            if ")]".contains(character) { depth -= 1 }
            if character == ",", depth == 0 {
                items.append([])
            } else {
                items[items.count - 1].append(character)
            }
        }
        return items.map(ManifestText.init).filter { !$0.trimmed.isEmpty }
    }

    /// The value of a labelled argument, without the brackets of an array.
    func argument(_ label: String) -> ManifestText? {
        for item in items where item.trimmed.hasPrefix("\(label):") {
            let value = item.characters.drop { $0 != ":" }.dropFirst()
            guard let bracket = value.firstIndex(of: "["), !value.contains("\"", before: bracket)
            else { return ManifestText(value) }
            return ManifestText(value).bracketed(from: 0)
        }
        return nil
    }

    func indices(of word: String) -> [Int] {
        let word = Array(word)
        guard characters.count >= word.count else { return [] }
        return (0...(characters.count - word.count)).filter {
            characters[$0] == word[0] && characters[$0...].starts(with: word)
        }
    }

    /// The text between the first bracket at or after `start` and the matching one.
    func bracketed(from start: Int) -> ManifestText {
        var depth = 0
        var first: Int?
        for index in start..<characters.count {
            if "([".contains(characters[index]) {
                depth += 1
                if first == nil { first = index + 1 }
            } else if ")]".contains(characters[index]) {
                depth -= 1
                if depth == 0, let first { return ManifestText(characters[first..<index]) }
            }
        }
        return ManifestText("")
    }

    /// Whether the innermost open array before `index` is one of dependencies.
    func isInsideDependencies(_ index: Int) -> Bool {
        var depth = 0
        for position in stride(from: index - 1, through: 0, by: -1) {
            if "])".contains(characters[position]) { depth += 1 }
            guard "[(".contains(characters[position]) else { continue }
            guard depth == 0 else {
                depth -= 1
                continue
            }
            let before = String(characters[max(0, position - 16)..<position])
            return before.split(whereSeparator: \.isWhitespace).last == "dependencies:"
        }
        return false
    }
}

extension ArraySlice<Character> {
    fileprivate func contains(_ character: Character, before index: Int) -> Bool {
        self[..<index].contains(character)
    }
}
