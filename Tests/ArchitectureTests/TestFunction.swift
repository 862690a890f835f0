/// A function of a test target, as far as it matters whether it expects anything.
struct TestFunction {
    let path: String
    let line: Int
    /// Without the backquotes; their content is blanked out in the code, so that it is read as written.
    let name: String
    let isTest: Bool
    private let body: [String]

    /// The functions of a file that have a body.
    static func all(in source: SourceText) -> [TestFunction] {
        FunctionBody.all(in: source).compactMap { function in
            let index = function.firstLine - 1
            guard let name = name(in: source, at: index) else { return nil }
            return TestFunction(
                path: source.path, line: function.firstLine, name: name,
                isTest: isTest(source, at: index),
                body: Array(source.code[index..<index + function.lineCount]))
        }
    }

    /// The names of those functions that expect something, by themselves or by what they call.
    static func namesOfExpecting(_ functions: [TestFunction]) -> Set<String> {
        var names: Set<String> = []
        var count = -1
        while count < names.count {
            count = names.count
            for function in functions where !function.isTest && function.expects(by: names) {
                names.insert(function.name)
            }
        }
        return names
    }

    /// Whether there is an expectation in the body, or a call of a function by one of the names.
    func expects(by names: Set<String>) -> Bool {
        let words = [
            "#expect(", "#require(", "#expect {", "Issue.record(", "confirmation(", "expectNone(",
            "withKnownIssue",
        ]
        return body.contains { line in
            words.contains { line.contains($0) }
                || Self.calls(in: line).contains { names.contains($0) }
        }
    }

    /// The words of a line that an argument list or a trailing closure follows; a declaration is none.
    private static func calls(in line: String) -> [String] {
        var calls: [String] = []
        var word = ""
        var before = ""
        for character in line {
            if character.isLetter || character.isNumber || character == "_" {
                word.append(character)
                continue
            }
            if !word.isEmpty {
                if character == "(" || character == "<" || character == " " {
                    if before != "func", before != "let", before != "var" { calls.append(word) }
                }
                before = word
                word = ""
            }
        }
        return calls
    }

    private static func name(in source: SourceText, at index: Int) -> String? {
        guard let start = source.lines[index].firstRange(of: "func ") else { return nil }
        let rest = source.lines[index][start.upperBound...]
        if rest.first == "`" {
            return rest.dropFirst().split(separator: "`", maxSplits: 1).first.map(String.init)
        }
        return String(rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" })
    }

    /// Whether the attribute stands on the line, or above it with nothing else between.
    private static func isTest(_ source: SourceText, at index: Int) -> Bool {
        var line = index
        while line >= 0 {
            let code = source.code[line].drop(while: \.isWhitespace)
            if line < index, code.isEmpty || code.hasSuffix("{") || code.hasSuffix("}") {
                return false
            }
            if code.hasPrefix("@Test") || code.contains(" @Test") { return true }
            line -= 1
        }
        return false
    }
}

extension Repository {
    /// The targets of tests, by folder, each with its files.
    static var testTargets: [(name: String, files: [SourceText])] {
        names(in: "Tests").filter { isFolder("Tests/\($0)") }.map { name in
            (name, tests.filter { $0.path.hasPrefix("Tests/\(name)/") })
        }
    }
}
