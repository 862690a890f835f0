import Testing

/// Rings 0 and 1 are values and rules: no waiting, no clock's "now", no host.
@Suite struct PurityTests {
    private static let pure = Repository.sources.filter { source in
        guard let room = Repository.manifest.target(of: source.path)?.name else { return false }
        return (House.rooms[room]?.ring ?? House.firstImpureRing) < House.firstImpureRing
    }

    @Test func `pure rooms start no task and read no clock`() {
        for (word, cure) in House.impureWords {
            for source in Self.pure where House.impureFiles[source.path] == nil {
                expectNone(
                    source.violations(in: \.code, cure: cure) { code in
                        code.contains(word) ? "`\(word)` in a pure room" : nil
                    })
            }
        }
    }

    @Test func `pure rooms need nothing of the toolchain`() {
        for (name, room) in House.rooms where room.ring < House.firstImpureRing {
            #expect(room.toolchain.isEmpty, "\(name) is pure: allow single files instead")
        }
    }

    @Test func `exceptions are still needed`() {
        let byPath = Dictionary(uniqueKeysWithValues: Repository.sources.map { ($0.path, $0) })
        for (path, exception) in House.importsOfOneFile {
            let imported = Set((byPath[path].map(Import.all) ?? []).map(\.module))
            #expect(
                exception.modules.isSubset(of: imported),
                "\(path) no longer imports all it was allowed to: shorten House.importsOfOneFile")
        }
        for path in House.impureFiles.keys {
            let code = byPath[path]?.code.joined(separator: "\n") ?? ""
            #expect(
                House.impureWords.contains { code.contains($0.word) },
                "\(path) is pure now: take it out of House.impureFiles")
        }
    }

    @Test func `unsafe is a place, not a habit`() {
        for source in Repository.sources where House.unsafeFiles[source.path] == nil {
            expectNone(
                source.violations(
                    in: \.code,
                    cure: "keep it in a descriptor, epoll, parser-buffer, task-confined-storage "
                        + "or TLS file; a new one is listed in House.unsafeFiles with its reason"
                ) { code in
                    saysUnsafe(code) ? "`unsafe` outside the files listed for it" : nil
                })
        }
        let byPath = Dictionary(uniqueKeysWithValues: Repository.sources.map { ($0.path, $0) })
        for path in House.unsafeFiles.keys.sorted() {
            #expect(
                byPath[path]?.code.contains(where: saysUnsafe) == true,
                "\(path) is safe now or gone: take it out of House.unsafeFiles")
        }
    }
}

/// The keyword alone: `nonisolated(unsafe)` has a rule of its own.
private func saysUnsafe(_ code: String) -> Bool {
    let code = code.replacing("nonisolated(unsafe)", with: "")
    return code.split(whereSeparator: { !$0.isLetter && !$0.isNumber && $0 != "_" })
        .contains("unsafe")
}
