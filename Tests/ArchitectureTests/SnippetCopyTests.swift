import Testing

/// Checks that the snippets of README.md and of all pages are run by tests: that files of a test target contain copies, apart from
/// line breaks and comments at the ends of lines.
@Suite struct SnippetCopyTests {
    private static let pages =
        ["README.md"]
        + Repository.names(in: "Documentation").filter { $0.hasSuffix(".md") }
        .map { "Documentation/\($0)" }
        .filter { Repository.text($0).contains("```swift\n") }

    @Test(arguments: pages)
    func `every snippet of the page is in a file that tests run`(page: String) {
        let folder = "Tests/EndToEndTests/Snippets"
        // The quick start is an example, which listens on a fixed port.
        let files =
            Repository.names(in: folder).map { "\(folder)/\($0)" }
            + ["Examples/Greeter/Greeter.swift"]
        let copies = files.map { comparable(Repository.text($0)) }
        let snippets = snippets(in: page)
        #expect(!snippets.isEmpty)
        expectNone(
            snippets.filter { _, text in !copies.contains { $0.contains(comparable(text)) } }.map {
                line, _ in
                Violation(
                    path: page, line: line,
                    fault: "this part of a snippet is run by no test",
                    cure: "copy it to \(folder) and run it in SnippetTests or PageSnippetTests")
            })
    }

    /// The parts of a page's Swift blocks between empty lines, without imports, each with its line number.
    ///
    /// A block of a manifest is not run.
    private func snippets(in path: String) -> [(line: Int, text: String)] {
        var found: [(line: Int, text: String)] = []
        var isSnippet = false
        var startsPart = false
        let lines = SourceText(path: path, text: Repository.text(path)).lines
        for (index, line) in lines.enumerated() {
            if line.hasPrefix("```") {
                isSnippet =
                    line == "```swift" && lines[max(0, index - 1)] != "<!-- swift: manifest -->"
                startsPart = true
            } else if isSnippet, line.isEmpty {
                startsPart = true
            } else if isSnippet, !line.hasPrefix("import ") {
                if startsPart { found.append((index + 1, "")) }
                startsPart = false
                found[found.count - 1].text += line + "\n"
            }
        }
        return found
    }

    /// A text without white space and without comments at the ends of lines.
    private func comparable(_ text: String) -> String {
        text.split(separator: "\n").map { line in
            let code = line.firstRange(of: "  // ").map { line[..<$0.lowerBound] } ?? line
            return code.filter { !$0.isWhitespace }
        }.joined()
    }
}
