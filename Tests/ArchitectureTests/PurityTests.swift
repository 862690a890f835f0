import Testing

/// Checks that rings 0 and 1 do no I/O, start no tasks and read no clock.
@Suite struct PurityTests {
    private static let pure = Repository.sources.filter { source in
        guard let name = Repository.manifest.target(of: source.path)?.name else { return false }
        return (Rules.targets[name]?.ring ?? Rules.firstImpureRing) < Rules.firstImpureRing
    }

    @Test func `pure targets start no task and read no clock`() {
        for (word, cure) in Rules.impureWords {
            for source in Self.pure where Rules.impureFiles[source.path] == nil {
                expectNone(
                    source.violations(in: \.code, cure: cure) { code in
                        code.contains(word) ? "`\(word)` in a pure target" : nil
                    })
            }
        }
    }

    @Test func `pure targets import no modules of the toolchain`() {
        for (name, target) in Rules.targets where target.ring < Rules.firstImpureRing {
            #expect(target.toolchain.isEmpty, "\(name) is pure: allow single files instead")
        }
    }

    @Test func `exceptions are still needed`() {
        for source in Repository.sources {
            let imported = Set(Import.all(in: source).map(\.module))
            let code = source.code.joined(separator: "\n")
            #expect(
                Rules.importsOfOneFile[source.path]?.modules.isSubset(of: imported) != false,
                "\(source.path) imports less than Rules.importsOfOneFile allows it: shorten that")
            #expect(
                Rules.impureFiles[source.path] == nil
                    || Rules.impureWords.contains { code.contains($0.word) },
                "\(source.path) is pure now: remove it from Rules.impureFiles")
            #expect(
                Rules.unsafeFiles[source.path] == nil || source.code.contains(where: saysUnsafe),
                "\(source.path) is safe now: take it out of Rules.unsafeFiles")
        }
    }

    @Test func `unsafe code is only in the listed files`() {
        for source in Repository.sources where Rules.unsafeFiles[source.path] == nil {
            let lines = source.code.indices.filter { saysUnsafe(source.code[$0]) }
            guard let first = lines.first else { continue }
            expectNone([
                Violation(
                    path: source.path, line: first + 1,
                    fault: "`unsafe` in \(lines.count) lines of a file that is not listed for it",
                    cure: "keep it in a descriptor, epoll, parser-buffer, task-confined-storage "
                        + "or TLS file; a new one comes to Rules+Unsafe.swift with its reason")
            ])
        }
    }

    @Test func `every owner of a task-confined box frees it`() {
        var boxCount = 0
        for source in Repository.sources {
            let code = source.code.joined(separator: "\n")
            let end = code.firstMatch(of: /\n( *)deinit \{(?s:.*?)\n\1\}/).map { String($0.0) }
            let owned = /(?:let|var) (\w+)(?:: TaskConfined<| = (?:TaskConfined|WorkspacePool)\()/
            for box in code.matches(of: owned) {
                boxCount += 1
                #expect(
                    end?.contains("\(box.1).deallocate()") == true,
                    "\(source.path): `\(box.1)` is never freed: call deallocate() in deinit")
            }
        }
        #expect(boxCount >= 4)
    }
}

/// The keyword alone; another rule covers `nonisolated(unsafe)`.
private func saysUnsafe(_ code: String) -> Bool {
    let code = code.replacing("nonisolated(unsafe)", with: "")
    return code.split(whereSeparator: { !$0.isLetter && !$0.isNumber && $0 != "_" })
        .contains("unsafe")
}
