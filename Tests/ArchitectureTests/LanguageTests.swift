import Testing

/// Checks the language of documents, comments and scripts: words that are not technical English, each with a replacement.
@Suite struct LanguageTests {
    /// A word that must not be used (a regular expression, in any case), and what to write instead.
    private struct Habit: Sendable {
        let pattern: String
        let replacement: String

        init(_ pattern: String, write replacement: String) {
            self.pattern = pattern
            self.replacement = replacement
        }

        /// The first occurrence in a line.
        func occurrence(in line: String) throws -> Substring? {
            try line.firstMatch(of: Regex(pattern).ignoresCase()).map { line[$0.range] }
        }
    }

    private static let habits = [
        Habit(
            #"\b(tell|tells|telling|told)\b"#, write: "report, log, return, distinguish or decide"),
        Habit(#"\bin (the|its|their) stead\b"#, write: "instead of it"),
        Habit(#"\bbehind\b(?! (a|an|the|another) .*(prox|balancer))"#, write: "after or following"),
        Habit(#"\b(whoever|whom)\b"#, write: "the peer, the client or the caller"),
        Habit(#"\bwho (has|have|sends?|asks?|takes?|wants?)\b"#, write: "that, or the client that"),
        Habit(#"\b(deals?|dealt) .*among\b"#, write: "distribute"),
        Habit(#"\blets? in\b"#, write: "accept"),
        Habit(#"\banew\b"#, write: "again"),
        Habit(#"\bbeside\b"#, write: "next to, together with, or besides"),
        Habit(#"\band (its|their) kin\b"#, write: "and similar ones"),
        Habit(#"\bheed(s|ed)?\b"#, write: "follow, use or respect"),
        Habit(#"\bcuts? off\b"#, write: "abort"),
        Habit(#"\btime-outs?\b"#, write: "timeout"),
        Habit(#"\btrailer fields?\b"#, write: "trailers"),
        Habit(#"\bkept connections?\b"#, write: "idle connection or keep-alive connection"),
        Habit(#"\baloud\b"#, write: "log or print"),
        Habit(#"\bat the (most|least)\b"#, write: "at most or at least"),
        Habit(#"\bat hand\b"#, write: "available"),
        Habit(
            #"\bof (its|their|your|our|one's) own\b(?! [a-z])"#,
            write: "separate, custom or its own …"),
        Habit(#"\bby (itself|themselves)\b"#, write: "automatically or alone"),
        Habit(#"\byardsticks?\b"#, write: "reference"),
        Habit(#"\bgoes on\b"#, write: "continues"),
    ]

    private static let documents =
        [
            "README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "Fuzzing/README.md",
            "Benchmarks/README.md", "Examples/README.md", "Examples/HummingbirdService/README.md",
        ]
        + Repository.names(in: "Documentation").filter { $0.hasSuffix(".md") }
        .map { "Documentation/\($0)" }

    @Test(arguments: documents)
    func `documents are in plain technical English`(path: String) throws {
        var isCode = false
        let lines = SourceText(path: path, text: Repository.text(path)).lines
        let found = try lines.enumerated().flatMap { index, line -> [Violation] in
            if line.drop(while: { $0 == " " }).hasPrefix("```") { isCode.toggle() }
            // Words in code are names; those of the programs' own texts among them.
            let text = line.replacing(/`[^`]*`/, with: "")
            return isCode ? [] : try violations(in: text, path: path, line: index + 1)
        }
        expectNone(found)
    }

    @Test func `comments in Swift are in plain technical English`() throws {
        let files = (Repository.sources + Repository.tests + Repository.examples)
            .filter { !$0.path.hasSuffix("LanguageTests.swift") }
        #expect(files.count > 300)
        let found = try files.flatMap { file in
            try file.lines.enumerated().flatMap { index, line -> [Violation] in
                guard let comment = line.firstRange(of: "//") else { return [] }
                let text = line[comment.upperBound...].replacing(/`[^`]*`/, with: "")
                return try violations(in: String(text), path: file.path, line: index + 1)
            }
        }
        expectNone(found)
    }

    @Test func `scripts are in plain technical English`() throws {
        let scripts = Repository.scripts
        #expect(scripts.count > 40)
        // The whole lines: comments, printed texts and names.
        let found = try scripts.flatMap { script in
            try script.lines.enumerated().flatMap { index, line in
                try violations(in: line, path: script.path, line: index + 1)
            }
        }
        expectNone(found)
    }

    @Test(arguments: [
        "The log tells what happened.", "It is sent in its stead.", "What stands behind it",
        "Whoever sends it", "a client who has left", "Connections are dealt out among loops",
        "a thread of its own", "It has no time-out.", "It was skipped aloud.",
    ])
    func `a line with a habit is found`(line: String) throws {
        #expect(try Self.habits.contains { try $0.occurrence(in: line) != nil })
    }

    @Test(arguments: [
        "Behind a proxy", "behind the proxy", "callers who are trusted",
        "because of its own growth",
    ])
    func `usual words are accepted`(line: String) throws {
        #expect(try !Self.habits.contains { try $0.occurrence(in: line) != nil })
    }

    private func violations(in text: String, path: String, line: Int) throws -> [Violation] {
        try Self.habits.compactMap { habit in
            try habit.occurrence(in: text).map {
                Violation(
                    path: path, line: line, fault: "the word “\($0)”",
                    cure: "write: \(habit.replacement)")
            }
        }
    }
}
