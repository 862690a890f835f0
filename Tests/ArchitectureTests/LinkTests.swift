import Testing

/// Checks the links between documents: each refers to an existing file and heading, and README.md links to every page.
@Suite struct LinkTests {
    private static let pages = Repository.names(in: "Documentation").filter { $0.hasSuffix(".md") }
        .map { "Documentation/\($0)" }
    private static let documents =
        pages + [
            "README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "Benchmarks/README.md",
            "Examples/README.md", "Fuzzing/README.md", "Documentation/Snippets/README.md",
        ]

    @Test func `README links to every page of Documentation`() {
        let readme = Repository.text("README.md")
        expectNone(
            Self.pages.filter { !readme.contains("](\($0))") }.map {
                Violation(
                    path: $0, line: 1, fault: "README.md does not link to this page",
                    cure: "add its row to the table under Documentation")
            })
    }

    @Test(arguments: documents)
    func `every link leads to a file and a heading that exist`(path: String) {
        expectNone(
            links(in: path).compactMap { line, link in
                fault(of: link, in: path).map {
                    Violation(path: path, line: line, fault: $0, cure: "correct the link")
                }
            })
    }

    @Test func `anchors are derived from headings as on GitHub`() {
        #expect(Anchor.of("Sample 1% of traces") == "sample-1-of-traces")
        #expect(Anchor.of("`GET` and [links](Page.md)") == "get-and-links")
        #expect(Anchor.of("Trace ids, in log_lines") == "trace-ids-in-log_lines")
    }

    /// The links of a document to files of the repository, with their line numbers; links in blocks of code are ignored.
    private func links(in path: String) -> [(Int, String)] {
        var isCode = false
        return SourceText(path: path, text: Repository.text(path)).lines.enumerated().flatMap {
            index, line -> [(Int, String)] in
            if line.drop(while: { $0 == " " }).hasPrefix("```") { isCode.toggle() }
            if isCode { return [] }
            return line.matches(of: /\]\(([^)\s]+)\)/).map { (index + 1, String($0.1)) }
                .filter { !$0.1.contains("://") }
        }
    }

    private func fault(of link: String, in path: String) -> String? {
        let parts = link.split(
            separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        let target = parts[0].isEmpty ? path : resolve(String(parts[0]), from: path)
        guard Repository.exists(target) else { return "there is no \(target)" }
        guard parts.count == 2, target.hasSuffix(".md") else { return nil }
        let headings = Repository.text(target).split(separator: "\n").filter { $0.hasPrefix("#") }
        let anchors = headings.map { Anchor.of($0.drop { $0 == "#" || $0 == " " }) }
        return anchors.contains(String(parts[1])) ? nil : "\(target) has no heading #\(parts[1])"
    }

    private func resolve(_ link: String, from path: String) -> String {
        var folders = path.split(separator: "/").dropLast().map(String.init)
        for part in link.split(separator: "/") {
            switch part {
            case ".": break
            case "..": folders.removeLast(folders.isEmpty ? 0 : 1)
            default: folders.append(String(part))
            }
        }
        return folders.joined(separator: "/")
    }
}

/// The names by which links refer to headings.
private enum Anchor {
    /// The anchor that GitHub gives to a heading: in lower case, without punctuation, and with hyphens for spaces.
    static func of(_ heading: some StringProtocol) -> String {
        let text = String(heading).replacing(/\[([^\]]*)\]\([^)]*\)/) { String($0.output.1) }
        return String(
            text.lowercased().compactMap { character in
                if character == " " { return "-" }
                let isKept = character.isLetter || character.isNumber || "-_".contains(character)
                return isKept ? character : nil
            })
    }
}
