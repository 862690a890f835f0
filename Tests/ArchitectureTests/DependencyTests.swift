import Testing

/// Compares the imports of the sources, Package.swift and the table of targets (``Rules``).
@Suite struct DependencyTests {
    static let cureOfImport =
        "import it in a target that may, or add the import to Rules.swift, Package.swift and "
        + "ARCHITECTURE.md"

    @Test func `every import is allowed by the rules`() {
        expectNone(
            Repository.sources.flatMap { source in
                Import.all(in: source).filter { !mayImport($0) }.map {
                    Violation(
                        path: $0.path, line: $0.line,
                        fault: "\(targetName(of: $0.path)) must not import \($0.module)",
                        cure: Self.cureOfImport)
                }
            })
    }

    // The package manager accepts an undeclared import when it builds the whole package.
    @Test func `every import is declared in the manifest`() {
        let targets = Repository.manifest.targets
        expectNone(
            (Repository.sources + Repository.tests + Repository.examples).flatMap { source in
                Import.all(in: source).filter { !isDeclared($0, among: targets) }.map {
                    Violation(
                        path: $0.path, line: $0.line, fault: "import of \($0.module) undeclared",
                        cure: "add it to the dependencies of the target in Package.swift")
                }
            })
    }

    @Test func `every dependency in the manifest is used by an import`() {
        let files = Repository.sources + Repository.tests + Repository.examples
        let used = files.flatMap { Import.all(in: $0) }.reduce(into: [String: Set<String>]()) {
            guard let target = Repository.manifest.target(of: $1.path) else { return }
            $0[target.name, default: []].insert($1.module)
        }
        // Tests run programs and do not import them.
        let programs = Repository.manifest.targets.filter { $0.kind == "executableTarget" }
        expectNone(
            Repository.manifest.targets.flatMap { target in
                target.dependencies.subtracting(programs.map(\.name)).sorted().filter {
                    modules(of: [$0]).isDisjoint(with: used[target.name] ?? [])
                }.map {
                    Violation(
                        path: "Package.swift", line: target.line,
                        fault: "\(target.name) → \($0) is declared, but no file imports it",
                        cure: "remove it from Package.swift, Rules.swift and ARCHITECTURE.md")
                }
            })
    }

    @Test func `only the umbrella module re-exports, except for listed modules`() {
        expectNone(
            Repository.sources.flatMap { source in
                Import.all(in: source).filter {
                    guard $0.modifiers.contains("@_exported") else { return false }
                    let name = targetName(of: $0.path)
                    return name != "Spoor"
                        && !Rules.reexports.contains(Rules.Dependency(from: name, to: $0.module))
                }.map {
                    Violation(
                        path: $0.path, line: $0.line, fault: "re-export of \($0.module)",
                        cure: "import it without re-export; only Sources/Spoor re-exports")
                }
            })
    }

    @Test func `the manifest and the rules have the same dependencies`() {
        var violations: [Violation] = []
        for target in Repository.manifest.targets where target.path.hasPrefix("Sources/") {
            guard let rules = Rules.targets[target.name] else {
                violations.append(manifestFault(target, "\(target.name) is not in the rules"))
                continue
            }
            for extra in target.dependencies.subtracting(rules.imports).sorted() {
                violations.append(
                    manifestFault(target, "\(target.name) → \(extra) is not in the rules"))
            }
            for missing in rules.imports.subtracting(target.dependencies).sorted() {
                violations.append(
                    manifestFault(
                        target, "\(target.name) → \(missing) is in the rules, but not declared"))
            }
        }
        let declared = Set(Repository.manifest.targets.map(\.name))
        for name in Rules.targets.keys.sorted() where !declared.contains(name) {
            violations.append(
                Violation(
                    path: "Package.swift", line: 1, fault: "no target \(name)",
                    cure: "declare it, or remove it from Rules.swift and ARCHITECTURE.md"))
        }
        expectNone(violations)
    }

    @Test func `every dependency in the manifest could be read`() {
        expectNone(
            Repository.manifest.puzzles.map {
                Violation(
                    path: "Package.swift", line: $0.line, fault: "dependency “\($0.text)” unknown",
                    cure: "write it as a literal, or as a constant `let x = Target.Dependency…`")
            })
    }

    @Test func `dependencies are of lower rings`() {
        var violations: [Violation] = []
        for (name, rules) in Rules.targets.sorted(by: { $0.key < $1.key }) {
            for dependency in rules.imports.sorted() {
                guard let other = Rules.targets[dependency], other.ring >= rules.ring,
                    !(other.ring == rules.ring
                        && Rules.withinRing.contains(.init(from: name, to: dependency)))
                else { continue }
                violations.append(
                    Violation(
                        path: "Package.swift", line: Repository.manifest.line(of: name),
                        fault: "\(name) (ring \(rules.ring)) → \(dependency) (ring \(other.ring))",
                        cure: "move the code that both need to a lower ring"))
            }
        }
        expectNone(violations)
    }

    @Test func `there are no cycles of dependencies`() {
        var remaining = Dictionary(
            uniqueKeysWithValues: Repository.manifest.targets.map { ($0.name, $0.dependencies) })
        while let free = remaining.first(where: { $0.value.isDisjoint(with: remaining.keys) })?.key
        {
            remaining[free] = nil
        }
        expectNone(
            remaining.keys.sorted().map {
                Violation(
                    path: "Package.swift", line: Repository.manifest.line(of: $0),
                    fault: "\($0) is part of a cycle of imports, or depends on one",
                    cure: "move the code that the targets of the cycle share to a target below them"
                )
            })
    }
}

// MARK: - What may be imported

private func targetName(of path: String) -> String {
    Repository.manifest.target(of: path)?.name
        ?? path.split(separator: "/").dropFirst().first.map(String.init) ?? path
}

private func modules(of dependencies: Set<String>) -> Set<String> {
    dependencies.reduce(into: []) { $0.formUnion(Rules.modulesOfProduct[$1] ?? [$1]) }
}

private func mayImport(_ found: Import) -> Bool {
    if Rules.importableAnywhere.contains(found.module) { return true }
    if Rules.importsOfOneFile[found.path]?.modules.contains(found.module) == true { return true }
    guard let rules = Rules.targets[targetName(of: found.path)] else { return false }
    return modules(of: rules.imports).union(rules.toolchain).contains(found.module)
}

/// Modules of the toolchain count as declared; ``Rules`` lists which target may import them.
private func isDeclared(_ found: Import, among targets: [Manifest.Target]) -> Bool {
    let toolchain: Set<String> = ["Glibc", "FoundationEssentials", "Testing"]
    // MapTests finds files that belong to no target.
    guard let target = Repository.manifest.target(of: found.path) else { return true }
    return Rules.importableAnywhere.contains(found.module)
        || (target.path.hasPrefix("Sources/") && toolchain.contains(found.module))
        || (!target.path.hasPrefix("Sources/") && Rules.importableInTests.contains(found.module))
        || modules(of: target.dependencies).contains(found.module)
}

private func manifestFault(_ target: Manifest.Target, _ fault: String) -> Violation {
    Violation(
        path: "Package.swift", line: target.line, fault: fault,
        cure: "make Package.swift, Rules.swift and ARCHITECTURE.md agree")
}
