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
}
