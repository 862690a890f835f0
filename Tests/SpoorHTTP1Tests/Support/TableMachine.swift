import Testing

@testable import SpoorHTTP1

/// A state machine whose transitions are a table.
protocol TableMachine {
    associatedtype State: CaseIterable & Hashable
    associatedtype Event: CaseIterable
    associatedtype Persistence: CaseIterable
    associatedtype Action: Equatable
    associatedtype Step: TableStep where Step.State == State, Step.Action == Action

    var state: State { get }

    init(state: State, persistence: Persistence)

    static func step(from state: State, on event: Event, _ persistence: Persistence) -> Step?

    mutating func handle(_ event: Event) -> Action
}

/// The result of an event in a table.
protocol TableStep: Equatable {
    associatedtype State
    associatedtype Action
    var state: State { get }
    var action: Action { get }
}

extension TableMachine {
    /// Compares the table, and the machine, with the expected results of every event in every state; returns how many
    /// were compared.
    static func compare(with expected: (State, Event, Persistence) -> Step?) -> Int {
        var count = 0
        for state in State.allCases {
            for event in Event.allCases {
                for persistence in Persistence.allCases {
                    count += 1
                    let wanted = expected(state, event, persistence)
                    let found = step(from: state, on: event, persistence)
                    if found != wanted {
                        Issue.record("\(event) in \(state), \(persistence): \(found as Any)")
                    }
                    guard let wanted else { continue }
                    var machine = Self(state: state, persistence: persistence)
                    if machine.handle(event) != wanted.action || machine.state != wanted.state {
                        Issue.record("\(event) in \(state), \(persistence): \(machine)")
                    }
                }
            }
        }
        return count
    }

    /// Returns the states that a state leads to by any events, and the state itself.
    static func reachable(from start: State) -> Set<State> {
        var reached: Set = [start]
        var fresh = [start]
        while let state = fresh.popLast() {
            for event in Event.allCases {
                for persistence in Persistence.allCases {
                    let step = step(from: state, on: event, persistence)
                    guard let next = step?.state, reached.insert(next).inserted else { continue }
                    fresh.append(next)
                }
            }
        }
        return reached
    }
}

extension ServerConnectionMachine: TableMachine {}
extension ServerConnectionMachine.Step: TableStep {}
extension ClientConnectionMachine: TableMachine {
    init(state: State, persistence: Persistence) {
        self.init(state: state, persistence: persistence, limits: HTTP1Limits())
    }
}
extension ClientConnectionMachine.Step: TableStep {}
