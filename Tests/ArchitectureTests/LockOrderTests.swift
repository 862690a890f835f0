import Testing

/// The order of the locks of a span, its trace, and the tables of traces: what is under a lock calls nothing that
/// acquires one before it in the list.
@Suite struct LockOrderTests {
    /// The files whose locks are acquired in this order, and what must not be mentioned while each is held.
    ///
    /// A span's lock is held alone. A trace holds its own lock while it calls the two tables, and these call nothing.
    private static let forbidden: [(path: String, words: [String])] = [
        (
            "Sources/JaegerTracing/Span/",
            [
                "localTrace", "resolve", "reconsider", "conclude", "OpenTraces", "reporter",
                "sampler", "observer",
            ]
        ),
        (
            "Sources/JaegerTracing/LocalTrace/LocalTrace.swift",
            ["reporter", "sampler", "observer", "record", "dispose", "evict(", "resolve"]
        ),
        (
            "Sources/JaegerTracing/LocalTrace/HeldSpans.swift",
            ["OpenTraces", "reporter", "sampler", "evict(", "resolve", "conclude", "verdict"]
        ),
        (
            "Sources/JaegerTracing/LocalTrace/OpenTraces.swift",
            ["held", "reporter", "sampler", "evict", "resolve", "conclude", "verdict"]
        ),
    ]

    @Test func `a lock of a span or a trace is held only while later ones are acquired`() {
        var closureCount = 0
        for (path, words) in Self.forbidden {
            for source in Repository.sources where source.path.hasPrefix(path) {
                for (line, body) in source.lockedCode {
                    closureCount += 1
                    let found = words.filter(body.contains)
                    expectNone(
                        found.map {
                            Violation(
                                path: source.path, line: line, fault: "`\($0)` under a lock",
                                cure: "take what is needed out of the closure, and call it after")
                        })
                }
            }
        }
        #expect(closureCount > 20)
    }

    /// The files in which a lock is acquired in the closure of another, and the order.
    private static let nestings = [
        "Sources/SpoorTLS/Server/TLSServer.swift":
            "`reading` serializes slow reads of files, and is acquired before the lock of the state"
    ]

    @Test func `no lock is acquired in the closure of another`() {
        for source in Repository.sources where Self.nestings[source.path] == nil {
            for (line, body) in source.lockedCode where body.contains("withLock") {
                expectNone([
                    Violation(
                        path: source.path, line: line, fault: "a lock within a lock",
                        cure: "acquire them one after the other")
                ])
            }
        }
    }
}

extension SourceText {
    /// The closures that are passed to `withLock`, each with the number of its first line.
    fileprivate var lockedCode: [(line: Int, body: String)] {
        let text = code.joined(separator: "\n")
        return text.ranges(of: "withLock").compactMap { range in
            let rest = text[range.upperBound...]
            guard let start = rest.firstIndex(where: { $0 == "{" }),
                rest[..<start].allSatisfy({ $0 == "(" || $0.isWhitespace })
            else { return nil }
            var depth = 0
            let end = rest[start...].firstIndex { character in
                depth += character == "{" ? 1 : character == "}" ? -1 : 0
                return depth == 0
            }
            let line = text[..<range.lowerBound].count { $0 == "\n" } + 1
            return (line, String(rest[start..<(end ?? rest.endIndex)]))
        }
    }
}
