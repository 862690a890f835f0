import SpoorHTTP
import Testing

@testable import SpoorHTTP1

/// The diagrams and tables of the documentation, generated from the tables of the machines.
@Suite struct StateDiagramTests {
    typealias Machine = ServerConnectionMachine

    @Test func `the documentation of a server's connection is up to date`() throws {
        try GeneratedDocument.expect(
            "Documentation/ServerConnection.md", contains: diagram + "\n" + table)
    }

    // MARK: The diagram

    private var diagram: String {
        var outer = StateDiagram("connection")
        var body = StateDiagram("body")
        var response = StateDiagram("response")
        for row in Machine.transitions {
            for source in row.sources {
                switch row.target {
                case .body(let phase):
                    for from in source.bodies {
                        body.add(from: "\(from)Body", to: "\(phase)Body", label(row))
                    }
                case .response(let phase):
                    for from in source.responses {
                        response.add(from: "\(from)Response", to: "\(phase)Response", label(row))
                    }
                default:
                    guard let to = row.target.name else { continue }
                    outer.add(from: source.name, to: to, label(row))
                }
            }
        }
        let lines =
            ["```mermaid", "stateDiagram-v2", "    [*] --> idle"] + outer.lines(indent: "    ")
            + ["    closed --> [*]", "    state handling {"]
            + Machine.RequestBodyPhase.allCases.map { "        \($0)Body: body \(words("\($0)"))" }
            + body.lines(indent: "        ") + ["        --"]
            + ResponsePhase.allCases.map { "        \($0)Response: response \(words("\($0)"))" }
            + ["        [*] --> openResponse"]
            + response.lines(indent: "        ") + ["    }", "```"]
        return lines.joined(separator: "\n") + "\n"
    }

    private func label(_ row: Machine.Transition) -> String {
        "\(row.event)" + (row.persistence.map { " [\($0)]" } ?? "")
    }

    // MARK: The table

    private var table: String {
        TransitionRow.table(
            Machine.transitions.filter { $0.sources != [.closed] }.map { row in
                TransitionRow(
                    states: row.sources.map(\.text), event: "\(row.event)",
                    persistence: row.persistence.map { "\($0)" }, next: row.target.text,
                    action: row.action == .proceed ? nil : "\(row.action)")
            })
    }
}

extension ServerConnectionMachine.Transition.Source {
    fileprivate var name: String {
        switch self {
        case .idle, .receivingHead, .handling, .drainingBody, .lingering, .upgraded, .closed:
            "\(self)"
        case .body, .response, .bodyAndResponse: "handling"
        case .upgradedWith: "upgraded"
        }
    }

    fileprivate var bodies: [ServerConnectionMachine.RequestBodyPhase] {
        switch self {
        case .body(let phases): phases.sorted { $0.rawValue < $1.rawValue }
        case .bodyAndResponse(let phase, _): [phase]
        default: []
        }
    }

    fileprivate var responses: [ResponsePhase] {
        switch self {
        case .response(let phases), .bodyAndResponse(_, let phases), .upgradedWith(let phases):
            ResponsePhase.allCases.filter(phases.contains)
        default: []
        }
    }

    fileprivate var text: String {
        let bodies = bodies.map { "\($0)" }.joined(separator: "/")
        let responses = responses.map { "\($0)" }.joined(separator: "/")
        return switch self {
        case .body: "handling, body \(bodies)"
        case .response: "handling, response \(responses)"
        case .bodyAndResponse: "handling, body \(bodies), response \(responses)"
        case .upgradedWith: "upgraded, response \(responses)"
        default: name
        }
    }
}

extension ServerConnectionMachine.Transition.Target {
    /// The outer state; nil if it does not change.
    fileprivate var name: String? {
        switch self {
        case .same, .body, .response: nil
        case .idle, .receivingHead, .drainingBody: "\(self)"
        case .handling: "handling"
        case .upgraded: "upgraded"
        case .lingering: "lingering"
        case .closed, .closedAsLingered: "closed"
        }
    }

    fileprivate var text: String {
        switch self {
        case .same: ""
        case .idle, .receivingHead, .drainingBody: "\(self)"
        case .handling(let body): "handling, body \(body), response open"
        case .body(let body): "body \(body)"
        case .response(let response): "response \(response)"
        case .upgraded(let response): "upgraded, response \(response)"
        case .lingering(let reason): "lingering (\(reason))"
        case .closed(let reason): "closed (\(reason))"
        case .closedAsLingered: "closed, for the same reason"
        }
    }
}
