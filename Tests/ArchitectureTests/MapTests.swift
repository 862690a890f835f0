import Testing

/// Checks that the documents list all targets and examples, and refer only to files that exist.
@Suite struct MapTests {
    @Test func `ARCHITECTURE names every target`() {
        let map = Repository.text("ARCHITECTURE.md")
        expectNone(
            Repository.manifest.targets.filter { $0.path.hasPrefix("Sources/") }.filter {
                !map.contains("`\($0.name)`")
            }.map {
                Violation(
                    path: "ARCHITECTURE.md", line: 1, fault: "`\($0.name)` is missing",
                    cure: "add a row to the table of targets")
            })
    }

    @Test func `every path that ARCHITECTURE names is there`() {
        let folders = ["Sources/", "", "Tests/"]
        let known = (Repository.sources + Repository.tests).map(\.path)
        expectNone(
            SourceText(path: "ARCHITECTURE.md", text: Repository.text("ARCHITECTURE.md"))
                .namedInCode(where: { $0.hasSuffix(".swift") || $0.hasSuffix("/") }).filter {
                    _, name in
                    !folders.contains { Repository.exists($0 + name) }
                        && !known.contains { ("/" + $0).contains("/" + name) }
                }.map { line, name in
                    Violation(
                        path: "ARCHITECTURE.md", line: line, fault: "\(name) does not exist",
                        cure: "write the current name of the file")
                })
    }

    @Test func `every behaviour is in the file that ARCHITECTURE lists`() throws {
        let text = Repository.text("ARCHITECTURE.md")
        let section = try #require(text.firstRange(of: "## Where a behaviour is\n"))
        let table = text[section.upperBound...]
        let rows = table[..<(try #require(table.firstRange(of: "\n## ")).lowerBound)]
            .split(separator: "\n").filter { $0.hasPrefix("| ") }.dropFirst()
        for row in rows {
            let cells = row.split(separator: "|").map {
                $0.filter { $0 != "`" }.trimmingPrefix(" ").split(separator: " ")
            }
            try #require(cells.count == 3, "\(row)")
            let (path, symbol) = (String(cells[1][0]), String(cells[2][0]))
            let code = Repository.sources.first { $0.path == "Sources/\(path)" }?.code
            #expect(code != nil, "there is no \(path)")
            #expect(
                code?.contains { $0.contains(symbol) } == true, "no \(symbol) in \(path)")
        }
        let words = [
            "body over its limit", "percent-decoding", "lingering close", "100 Continue", "FIN",
            "Retry-After", "B3 in a single header", "name of a server's span", "port hand-over",
            "SNI",
        ]
        for word in words { #expect(rows.contains { $0.contains(word) }, "no row of \(word)") }
    }

    @Test func `every example is listed`() {
        let lists = Repository.text("README.md") + Repository.text("Examples/README.md")
        let examples = Repository.names(in: "Examples").filter {
            Repository.isFolder("Examples/\($0)")
        }
        expectNone(
            examples.filter { !lists.contains($0) }.map {
                Violation(
                    path: "Examples/README.md", line: 1, fault: "\($0) is missing",
                    cure: "add a row with what it shows and how to run it")
            })
    }

    @Test func `every folder of sources and tests is a target`() {
        let paths = Set(Repository.manifest.targets.map(\.path))
        expectNone(
            ["Sources", "Tests", "Examples"].flatMap { root in
                Repository.names(in: root).map { "\(root)/\($0)" }
            }.filter { folder in
                Repository.isFolder(folder) && !Repository.packages.contains(folder)
                    && !paths.contains(folder)
                    && !paths.contains { $0.hasPrefix("\(folder)/") }
                    && Repository.swiftFiles.contains { $0.path.hasPrefix("\(folder)/") }
            }.map {
                Violation(
                    path: "Package.swift", line: 1, fault: "\($0) belongs to no target",
                    cure: "declare its target, otherwise it is not built")
            })
    }

    @Test func `one version of Swift is required everywhere`() throws {
        let first = Repository.text("Package.swift").prefix { $0 != "\n" }
        let version = try #require(first.wholeMatch(of: /\/\/ swift-tools-version: (\d+\.\d+)/)?.1)
        let manifests =
            [
                "Benchmarks/Package.swift", "Benchmarks/spans/Package.swift",
                "Fuzzing/Package.swift",
                "Examples/HummingbirdService/Package.swift",
                "Examples/OutsideMiddleware/Package.swift",
            ]
        var violations = manifests.filter { !Repository.text($0).hasPrefix(first) }.map {
            Violation(path: $0, line: 1, fault: "another tools version", cure: "write \(first)")
        }
        for path in ["README.md", "CONTRIBUTING.md"] {
            let named = Repository.text(path).matches(of: /Swift (\d+\.\d+)/).map(\.1)
            if named.isEmpty || named.contains(where: { $0 != version }) {
                violations.append(
                    Violation(
                        path: path, line: 1, fault: "Package.swift requires Swift \(version)",
                        cure: "name this version as the requirement, and no other"))
            }
        }
        expectNone(violations)
    }

    @Test func `the quick start of the README is an example that is built`() throws {
        let text = Repository.text("README.md")
        let section = try #require(text.firstRange(of: "## Quick start\n"))
        let rest = text[section.upperBound...]
        let start = try #require(rest.firstRange(of: "```swift\n")).upperBound
        let end = try #require(rest[start...].firstRange(of: "```")).lowerBound
        let example = Repository.text("Examples/Greeter/Greeter.swift").split(
            separator: "\n", omittingEmptySubsequences: false
        ).filter { !$0.hasPrefix("///") }.joined(separator: "\n")
        #expect(String(rest[start..<end]) == example, "copy one over the other")
    }
}

extension SourceText {
    /// The texts between backticks that satisfy a condition, with their line numbers.
    fileprivate func namedInCode(where condition: (String) -> Bool) -> [(line: Int, name: String)] {
        lines.enumerated().flatMap { index, line in
            line.matches(of: /`([^`]+)`/).map { (line: index + 1, name: String($0.1)) }
        }.filter { condition($0.name) }
    }
}
