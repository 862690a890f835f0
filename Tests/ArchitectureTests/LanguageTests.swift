import Testing

/// Checks the language of documents, Swift files and scripts: words that are not technical English, each with a
/// replacement.
@Suite struct LanguageTests {
    /// A word that must not be used (a regular expression, case-insensitive), and what to write instead.
    private struct Habit: Sendable {
        let pattern: String
        let replacement: String

        init(_ pattern: String, write replacement: String) {
            self.pattern = pattern
            self.replacement = replacement
        }
    }

    /// Finds habits; its regular expressions are compiled once.
    private struct Detector {
        private let any: Regex<AnyRegexOutput>
        private let each: [(habit: Habit, regex: Regex<AnyRegexOutput>)]

        init() throws {
            // Each pattern begins with `\b`, which is tried once for all of them.
            let patterns = habits.map { $0.pattern.trimmingPrefix(#"\b"#) }.joined(separator: "|")
            any = try Regex(#"\b(?:"# + patterns + ")").ignoresCase()
            each = try habits.map { ($0, try Regex($0.pattern).ignoresCase()) }
        }

        func hasHabit(_ line: String) -> Bool { line.firstMatch(of: any) != nil }

        /// Returns the violations of a line, with the first occurrence of each habit.
        func violations(in text: String, path: String, line: Int) -> [Violation] {
            guard hasHabit(text) else { return [] }
            return each.compactMap { habit, regex in
                text.firstMatch(of: regex).map {
                    Violation(
                        path: path, line: line, fault: "the word “\(text[$0.range])”",
                        cure: "write: \(habit.replacement)")
                }
            }
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
        Habit(#"\b(goes|go) on\b"#, write: "continue"),
        Habit(#"\bat once\b"#, write: "immediately, together or at the same time"),
        Habit(#"\bso many\b"#, write: "`count` bytes, or the number of bytes"),
        Habit(#"\blook-ups?\b"#, write: "lookup"),
        Habit(#"\bthrow-?aways?\b"#, write: "temporary or in-memory"),
        Habit(#"\bkept-alive\b"#, write: "idle or persistent"),
        Habit(#"\bstands? still\b"#, write: "does not advance"),
        Habit(#"\btake[sn]? for granted\b"#, write: "assume or use"),
        Habit(#"\b(lend|lends|lending|lent)\b"#, write: "borrow, acquire or release"),
    ]

    private static let documents =
        [
            "README.md", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "Fuzzing/README.md",
            "Benchmarks/README.md", "Examples/README.md", "Examples/HummingbirdService/README.md",
            "Examples/OutsideMiddleware/README.md",
        ]
        + Repository.names(in: "Documentation").filter { $0.hasSuffix(".md") }
        .map { "Documentation/\($0)" }

    @Test(arguments: documents)
    func `documents are in plain technical English`(path: String) throws {
        var isCode = false
        let lines = SourceText(path: path, text: Repository.text(path)).lines
        let detector = try Detector()
        let found = lines.enumerated().flatMap { index, line -> [Violation] in
            if line.drop(while: { $0 == " " }).hasPrefix("```") { isCode.toggle() }
            // Words in code are names; those of the programs' own texts among them.
            let text = line.replacing(/`[^`]*`/, with: "")
            return isCode ? [] : detector.violations(in: text, path: path, line: index + 1)
        }
        expectNone(found)
    }

    @Test func `Swift files are in plain technical English`() throws {
        let files = (Repository.sources + Repository.tests + Repository.examples)
            .filter { !$0.path.hasSuffix("LanguageTests.swift") }
        #expect(files.count > 300)
        // The whole lines: comments, texts and names, among them those of tests.
        let detector = try Detector()
        let found = files.flatMap { file in
            file.lines.enumerated().flatMap { index, line -> [Violation] in
                let isName = line.contains("func `")
                let text =
                    isName || !line.contains("`") ? line : line.replacing(/`[^`]*`/, with: "")
                return detector.violations(in: text, path: file.path, line: index + 1)
            }
        }
        expectNone(found)
    }

    @Test func `scripts are in plain technical English`() throws {
        let scripts = Repository.scripts
        #expect(scripts.count > 40)
        // The whole lines: comments, printed texts and names.
        let detector = try Detector()
        let found = scripts.flatMap { script in
            script.lines.enumerated().flatMap { index, line in
                detector.violations(in: line, path: script.path, line: index + 1)
            }
        }
        expectNone(found)
    }

    @Test func `the glossary lists each term once, in alphabetical order`() {
        let terms = SourceText(
            path: "Documentation/Glossary.md", text: Repository.text("Documentation/Glossary.md")
        ).lines.filter { $0.hasPrefix("| ") }.dropFirst()
            .map { $0.split(separator: "|")[0].filter { $0 != " " }.lowercased() }
        #expect(terms.count > 50)
        for (term, next) in zip(terms, terms.dropFirst()) {
            #expect(term < next, "“\(next)” is repeated or not in order")
        }
    }

    @Test(arguments: [
        "The log tells what happened.", "It is sent in its stead.", "What stands behind it",
        "Whoever sends it", "a client who has left", "Connections are dealt out among loops",
        "a thread of its own", "It has no time-out.", "It was skipped aloud.",
        "The first so many bytes", "It is closed at once.", "a look-up", "The loop lends it.",
    ])
    func `a line with a habit is found`(line: String) throws {
        #expect(try Detector().hasHabit(line))
    }

    @Test(arguments: [
        "Behind a proxy", "behind the proxy", "callers who are trusted",
        "because of its own growth", "looked up once",
    ])
    func `usual words are accepted`(line: String) throws {
        #expect(try !Detector().hasHabit(line))
    }
}
