import Testing

/// A line that breaks a rule, and how to fix it.
struct Violation: CustomStringConvertible {
    let path: String
    let line: Int
    let fault: String
    let cure: String

    var description: String { "\(path):\(line): \(fault). Cure: \(cure)." }
}

/// Records an issue for each violation, at its location.
func expectNone(_ violations: [Violation]) {
    for violation in violations {
        Issue.record(
            Comment(rawValue: violation.description),
            sourceLocation: SourceLocation(
                fileID: "Repository/\(violation.path)",
                filePath: "\(Repository.root)/\(violation.path)", line: violation.line, column: 1))
    }
}

extension SourceText {
    /// The violations of all lines in which a rule finds a fault.
    func violations(
        in lines: KeyPath<SourceText, [String]>, cure: String, fault: (String) -> String?
    ) -> [Violation] {
        self[keyPath: lines].enumerated().compactMap { index, line in
            fault(line).map { Violation(path: path, line: index + 1, fault: $0, cure: cure) }
        }
    }
}
