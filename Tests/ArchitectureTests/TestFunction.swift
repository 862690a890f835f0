/// A function of a test target, and whether it contains an expectation.
struct TestFunction {
    let path: String
    let line: Int
    /// Without backquotes; read from the unchanged text, because it is replaced by spaces in the code.
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

    /// The names of the functions that contain an expectation, or call such a function.
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

    /// Whether the body contains an expectation, or a call of one of the functions.
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

    /// The names in a line that are followed by an argument list or a trailing closure, without declarations.
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

    /// Whether the attribute is on the line, or directly above it.
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
    /// The test targets by folder, each with its files.
    static var testTargets: [(name: String, files: [SourceText])] {
        names(in: "Tests").filter { isFolder("Tests/\($0)") }.map { name in
            (name, tests.filter { $0.path.hasPrefix("Tests/\(name)/") })
        }
    }
}
