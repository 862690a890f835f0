import Testing

/// The documents name what there is, and nothing needs to be found by luck.
@Suite struct MapTests {
    @Test func `ARCHITECTURE names every target`() {
        let map = Repository.text("ARCHITECTURE.md")
        expectNone(
            Repository.manifest.targets.filter { $0.path.hasPrefix("Sources/") }.filter {
                !map.contains("`\($0.name)`")
            }.map {
                Violation(
                    path: "ARCHITECTURE.md", line: 1, fault: "no word of `\($0.name)`",
                    cure: "give it its row in the table of targets")
            })
    }

    @Test func `every example is listed`() {
        let lists = Repository.text("README.md") + Repository.text("Examples/README.md")
        let examples = Repository.names(in: "Examples").filter {
            Repository.isFolder("Examples/\($0)")
        }
        expectNone(
            examples.filter { !lists.contains($0) }.map {
                Violation(
                    path: "Examples/README.md", line: 1, fault: "no word of \($0)",
                    cure: "say in one row what it shows and how to run it")
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
                    cure: "declare its target, or nobody builds it")
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
            ]
        var violations = manifests.filter { !Repository.text($0).hasPrefix(first) }.map {
            Violation(path: $0, line: 1, fault: "another tools version", cure: "say \(first)")
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
