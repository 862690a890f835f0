import FoundationEssentials
import Testing

/// A state diagram in Mermaid's language, whose arrows are merged if they join the same states.
struct StateDiagram {
    /// An arrow from one state to another.
    struct Arrow: Hashable {
        let from: String
        let to: String
        let label: String
    }

    let name: String
    private(set) var arrows: [Arrow] = []

    /// Creates a diagram, or the inner one of a state, of this name.
    init(_ name: String) {
        self.name = name
    }

    mutating func add(from: String, to: String, _ label: String) {
        let arrow = Arrow(from: from, to: to, label: label)
        if from != to, !arrows.contains(arrow) { arrows.append(arrow) }
    }

    /// Returns the lines of the arrows, one for each pair of states.
    func lines(indent: String) -> [String] {
        var pairs: [(from: String, to: String, labels: [String])] = []
        for arrow in arrows {
            if let index = pairs.firstIndex(where: { $0.from == arrow.from && $0.to == arrow.to }) {
                pairs[index].labels.append(arrow.label)
            } else {
                pairs.append((arrow.from, arrow.to, [arrow.label]))
            }
        }
        return pairs.map { pair in
            "\(indent)\(pair.from) --> \(pair.to): \(pair.labels.joined(separator: "<br/>"))"
        }
    }
}

/// A row of a machine's table, as the documentation shows it.
struct TransitionRow {
    let states: [String]
    let event: String
    let persistence: String?
    let next: String
    /// The action; nil if there is none.
    let action: String?

    /// Returns the rows as a table in Markdown.
    static func table(_ rows: [TransitionRow]) -> String {
        let head = ["| state | event | persistence | next | action |", "|---|---|---|---|---|"]
        let lines = rows.map { row in
            let cells = [
                row.states.joined(separator: ", "), "`\(row.event)`",
                row.persistence.map { "`\($0)`" } ?? "", row.next,
                row.action.map { "`\($0)`" } ?? "",
            ]
            return "| " + cells.joined(separator: " | ") + " |"
        }
        return (head + lines).joined(separator: "\n") + "\n"
    }
}

/// Splits a camel-case name into words.
func words(_ name: String) -> String {
    name.reduce(into: "") { text, letter in
        text += letter.isUppercase ? " \(letter.lowercased())" : "\(letter)"
    }
}

/// A document of which a part is generated, between two comments.
struct GeneratedDocument {
    private static let start = "<!-- generated: begin -->\n"
    private static let end = "<!-- generated: end -->\n"

    private let path: String

    /// Creates a document from its path in the repository.
    init(_ path: String) {
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        self.path = parts.dropLast(4).joined(separator: "/") + "/" + path
    }

    /// Compares the generated part of the document, or writes it.
    static func expect(
        _ path: String, contains generated: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let document = GeneratedDocument(path)
        if writes { try document.write(generated) }
        #expect(
            document.generated == generated, "run Scripts/state-diagram",
            sourceLocation: sourceLocation)
    }

    /// Whether tests write what they generate instead of comparing it: `Scripts/state-diagram` sets this.
    static var writes: Bool {
        ProcessInfo.processInfo.environment["SPOOR_WRITE_DIAGRAMS"] == "1"
    }

    /// The generated part of the document; nil if there is none.
    var generated: String? { parts.map { String($0.generated) } }

    /// Replaces the generated part.
    func write(_ generated: String) throws {
        guard let (before, _, after) = parts else { throw CocoaError(.fileReadCorruptFile) }
        let text = "\(before)\(Self.start)\(generated)\(Self.end)\(after)"
        try Data(text.utf8).write(to: URL(filePath: path))
    }

    private var parts: (before: Substring, generated: Substring, after: Substring)? {
        guard let data = FileManager.default.contents(atPath: path),
            let text = String(validating: data, as: UTF8.self),
            let start = text.firstRange(of: Self.start),
            let end = text[start.upperBound...].firstRange(of: Self.end)
        else { return nil }
        return (
            text[..<start.lowerBound], text[start.upperBound..<end.lowerBound],
            text[end.upperBound...]
        )
    }
}
