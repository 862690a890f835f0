import Testing

/// Checks the rules of style that a program can check.
@Suite struct StyleTests {
    @Test func `files are short`() {
        expectNone(
            Repository.swiftFiles.filter { $0.lines.count > 400 }.map {
                Violation(
                    path: $0.path, line: 401, fault: "\($0.lines.count) lines, the limit is 400",
                    cure: "move its second topic to another file")
            })
    }

    @Test func `functions are short`() {
        expectNone(
            Repository.swiftFiles.flatMap { source in
                FunctionBody.all(in: source).filter { $0.lineCount > 60 }.map {
                    Violation(
                        path: source.path, line: $0.firstLine,
                        fault: "a function of \($0.lineCount) lines, the limit is 60",
                        cure: "split it into functions")
                }
            })
    }

    @Test func `comments contain no open work`() {
        // Concatenated, so that this file does not break the rule.
        let words: Set<Substring> = ["FIX" + "ME", "TO" + "DO", "X" + "XX"]
        for source in Repository.swiftFiles + Repository.otherFiles {
            expectNone(
                source.violations(in: \.lines, cure: "do it now, or open an issue") { line in
                    line.split { !$0.isLetter }.first(where: words.contains).map { "“\($0)”" }
                })
        }
    }

    @Test(arguments: [
        ("try!", "handle the error, or make it impossible by type"),
        ("fatalError(", "throw, or state a `precondition` that the caller can meet"),
    ])
    func `library and examples do not stop the program`(word: String, cure: String) {
        for source in Repository.sources + Repository.examples
        where Rules.filesThatStop[source.path] == nil {
            expectNone(
                source.violations(in: \.code, cure: cure) { code in
                    code.contains(word) ? "`\(word)`" : nil
                })
        }
    }

    @Test func `libraries do not print`() {
        for source in Repository.sources
        where Repository.manifest.target(of: source.path)?.kind != "executableTarget" {
            expectNone(
                source.violations(in: \.code, cure: "take a `Logger`") { code in
                    words(of: code, until: "(").contains("print") ? "`print(`" : nil
                })
        }
    }

    @Test(arguments: ["@unchecked Sendable", "nonisolated(unsafe)"])
    func `what the compiler does not check has its reason next to it`(word: String) {
        for source in Repository.sources + Repository.examples {
            expectNone(
                source.code.indices.filter {
                    source.code[$0].contains(word) && !hasReason(source, at: $0)
                }.map {
                    Violation(
                        path: source.path, line: $0 + 1, fault: "`\(word)` without a reason",
                        cure: "give the reason in a comment directly above or after it")
                })
        }
    }

    @Test func `a file is named after its main type`() {
        let catchAlls = ["Util", "Helper", "Common", "Manager", "Misc", "Extensions"]
        for source in Repository.swiftFiles {
            let name = source.stem
            if let catchAll = catchAlls.first(where: {
                name.split(separator: "+").joined().contains($0)
            }) {
                expectNone([
                    Violation(
                        path: source.path, line: 1, fault: "“\(catchAll)” in the name of a file",
                        cure: "name it after its main type, `Type+Aspect` for a second aspect")
                ])
            }
        }
    }

    @Test func `a source file is named after its main type`() {
        let free: Set<String> = ["main", "Main", "Exports"]
        for source in Repository.sources where !free.contains(source.stem) {
            let type = source.stem.split(separator: "+").first.map(String.init) ?? source.stem
            guard !source.code.contains(where: { declares(type, in: $0) }) else { continue }
            expectNone([
                Violation(
                    path: source.path, line: 1, fault: "the file has no type \(type)",
                    cure: "name the file after its main type, `Type+Aspect` for a second aspect")
            ])
        }
    }

    @Test func `a source file opens with its contract`() {
        for source in Repository.sources {
            let first = source.lines.enumerated().first { index, line in
                !line.allSatisfy(\.isWhitespace) && !source.isImport(at: index)
            }
            guard let first, !first.element.hasPrefix("//"), source.stem != "main" else { continue }
            expectNone([
                Violation(
                    path: source.path, line: first.offset + 1,
                    fault: "no documentation of the main type",
                    cure: "document the contract of the main type in two sentences")
            ])
        }
    }

    @Test func `no path of one machine is written down`() {
        // Concatenated, so that this file does not break the rule.
        let folders = ["home", "Users", "root", "tmp"].map { "/\($0)/" }
        for source in Repository.swiftFiles + Repository.otherFiles {
            expectNone(
                source.violations(
                    in: \.lines, cure: "use a relative path, or create a temporary directory"
                ) { line in
                    folders.first { line.contains($0) }.map { "“\($0)”" }
                })
        }
    }
}

// MARK: - Helpers

private func words(of code: String, until end: Character) -> [Substring] {
    code.split(separator: end, omittingEmptySubsequences: false).dropLast().compactMap { part in
        part.split(whereSeparator: { !$0.isLetter && !$0.isNumber && $0 != "_" && $0 != "." }).last
            .flatMap { part.hasSuffix($0) ? $0 : nil }
    }
}

private func declares(_ type: String, in code: String) -> Bool {
    let keywords: Set<Substring> = [
        "struct", "class", "enum", "actor", "protocol", "extension", "typealias",
    ]
    let words = code.split(whereSeparator: { !$0.isLetter && !$0.isNumber && !"_.".contains($0) })
    return zip(words, words.dropFirst()).contains { keyword, name in
        keywords.contains(keyword) && name.split(separator: ".").last?.elementsEqual(type) == true
    }
}

/// Whether there is a comment on the line, or directly above the declaration that the line belongs to.
private func hasReason(_ source: SourceText, at index: Int) -> Bool {
    if source.isCommented(at: index) { return true }
    var above = index - 1
    // Attributes and the first lines of the same declaration may be in between.
    while above >= 0, index - above <= 3, !source.lines[above].contains("//") {
        let code = source.code[above].drop(while: \.isWhitespace)
        guard !code.isEmpty, !code.hasSuffix("{"), !code.hasPrefix("}") else { return false }
        above -= 1
    }
    return above >= 0 && source.isCommented(at: above)
}

extension SourceText {
    fileprivate func isCommented(at index: Int) -> Bool {
        lines[index].contains("//") && !code[index].contains("//")
    }

    fileprivate func isImport(at index: Int) -> Bool {
        let words = code[index].split(whereSeparator: \.isWhitespace)
        return words.contains("import") || words.first?.hasPrefix("#") == true
    }
}
