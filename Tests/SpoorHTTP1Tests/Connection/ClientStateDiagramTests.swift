import Testing

@testable import SpoorHTTP1

/// The diagram and the table of a client connection in the documentation, generated from the table of the machine.
@Suite struct ClientStateDiagramTests {
    typealias Machine = ClientConnectionMachine

    @Test func `the documentation of a client's connection is up to date`() throws {
        try GeneratedDocument.expect(
            "Documentation/ClientConnection.md", contains: diagram + "\n" + table)
    }

    private var diagram: String {
        var outer = StateDiagram("connection")
        var request = StateDiagram("request")
        var response = StateDiagram("response")
        for row in Machine.transitions {
            let label = "\(row.event)" + (row.persistence.map { " [\($0)]" } ?? "")
            for source in row.sources {
                if let to = row.target.outerState {
                    if source != .closed { outer.add(from: source.name, to: to, label) }
                }
                for phase in source.requests {
                    guard let to = row.target.request else { continue }
                    request.add(from: "\(phase)Request", to: "\(to)Request", label)
                }
                for phase in source.responses {
                    guard let to = row.target.response else { continue }
                    response.add(from: "\(phase)Response", to: "\(to)Response", label)
                }
            }
        }
        let lines =
            ["```mermaid", "stateDiagram-v2", "    [*] --> idle"] + outer.lines(indent: "    ")
            + ["    closed --> [*]", "    state exchanging {"]
            + Machine.RequestPhase.allCases.map {
                "        \($0)Request: request \(words("\($0)"))"
            }
            + ["        [*] --> sendingRequest", "        [*] --> awaitingContinueRequest"]
            + request.lines(indent: "        ") + ["        --"]
            + Machine.ResponsePhase.allCases.map { "        \($0)Response: response \($0)" }
            + ["        [*] --> awaitedResponse"]
            + response.lines(indent: "        ") + ["    }", "```"]
        return lines.joined(separator: "\n") + "\n"
    }

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

extension ClientConnectionMachine.Transition.Source {
    fileprivate var name: String {
        switch self {
        case .idle, .handedOver, .closed: "\(self)"
        case .response, .phases: "exchanging"
        }
    }

    fileprivate var requests: [ClientConnectionMachine.RequestPhase] {
        guard case .phases(let requests, _) = self else { return [] }
        return requests.sorted { $0.rawValue < $1.rawValue }
    }

    fileprivate var responses: [ClientConnectionMachine.ResponsePhase] {
        switch self {
        case .response(let responses), .phases(_, let responses):
            responses.sorted { $0.rawValue < $1.rawValue }
        case .idle, .handedOver, .closed: []
        }
    }

    fileprivate var text: String {
        let parts = [
            name,
            requests.isEmpty ? "" : "request \(requests.map { "\($0)" }.joined(separator: "/"))",
            responses.isEmpty ? "" : "response \(responses.map { "\($0)" }.joined(separator: "/"))",
        ]
        return parts.filter { !$0.isEmpty }.joined(separator: ", ")
    }
}

extension ClientConnectionMachine.Transition.Target {
    /// The outer state; nil if it does not change.
    fileprivate var outerState: String? {
        switch self {
        case .same, .request, .response, .phases: nil
        case .idle, .handedOver: "\(self)"
        case .started: "exchanging"
        case .closed: "closed"
        }
    }

    /// The phase of the request, if it changes within an exchange.
    fileprivate var request: ClientConnectionMachine.RequestPhase? {
        switch self {
        case .request(let phase), .phases(let phase, _): phase
        case .same, .idle, .handedOver, .started, .response, .closed: nil
        }
    }

    /// The phase of the response, if it changes within an exchange.
    fileprivate var response: ClientConnectionMachine.ResponsePhase? {
        switch self {
        case .response(let phase), .phases(_, let phase): phase
        case .same, .idle, .handedOver, .started, .request, .closed: nil
        }
    }

    fileprivate var text: String {
        switch self {
        case .same: ""
        case .idle, .handedOver: "\(self)"
        case .started(let request): "exchanging, request \(request), response awaited"
        case .request(let request): "request \(request)"
        case .response(let response): "response \(response)"
        case .phases(let request, let response): "request \(request), response \(response)"
        case .closed(let reason): "closed (\(reason))"
        }
    }
}
