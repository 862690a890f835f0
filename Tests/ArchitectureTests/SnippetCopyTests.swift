import Testing

/// The snippets of some pages are run by tests: they are in files of a test target, apart from line breaks and comments.
@Suite struct SnippetCopyTests {
    @Test(arguments: ["Handlers", "Middleware", "Routing", "Testing"])
    func `every snippet of the page is in a file that tests run`(page: String) {
        let folder = "Tests/EndToEndTests/Snippets"
        let copies = Repository.names(in: folder).map {
            comparable(Repository.text("\(folder)/\($0)"))
        }
        let snippets = snippets(in: "Documentation/\(page).md")
        #expect(!snippets.isEmpty)
        expectNone(
            snippets.filter { _, text in !copies.contains { $0.contains(comparable(text)) } }.map {
                line, _ in
                Violation(
                    path: "Documentation/\(page).md", line: line,
                    fault: "this part of a snippet is run by no test",
                    cure: "copy it to \(folder) and test it in SnippetTests")
            })
    }

    /// The parts of a page's blocks of Swift between empty lines, without imports, each with the number of its first line.
    private func snippets(in path: String) -> [(line: Int, text: String)] {
        var found: [(line: Int, text: String)] = []
        var isSnippet = false
        var startsPart = false
        for (index, line) in SourceText(path: path, text: Repository.text(path)).lines.enumerated()
        {
            if line.hasPrefix("```") {
                isSnippet = line == "```swift"
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
