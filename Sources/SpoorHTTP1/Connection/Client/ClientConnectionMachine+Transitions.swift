/// The transition table: for each state and event the next state and the action.
///
/// An event without a row cannot occur in that state.
extension ClientConnectionMachine {
    static let transitions: [Transition] = rest + requests + responses + ends

    /// Between two exchanges.
    private static let rest: [Transition] = [
        on(.requestStarted, in: .idle, to: .started(.sending), then: .send),
        on(
            .requestExpectingContinueStarted, in: .idle, to: .started(.awaitingContinue),
            then: .send),
        on(.readableWhileIdle, in: .idle, to: .closed(.readableWhileIdle), then: .close),
        on(.expired, in: .idle, to: .closed(.expired), then: .closeOrderly),
        on(.evicted, in: .idle, to: .closed(.evicted), then: .closeOrderly),
        // The exchange has ended before, and the connection may already serve another one.
        on(.readerFinished, in: .idle),
        on(.failed, in: .idle),
    ]

    /// The request.
    private static let requests: [Transition] = [
        on(
            .continueReceived, in: .phases([.awaitingContinue], [.head]), to: .request(.sending),
            then: .sendBody),
        on(.continueReceived, in: .phases([.sending, .complete, .stopped], [.head])),
        on(
            .continueTimedOut, in: .phases([.awaitingContinue], [.awaited, .head]),
            to: .request(.sending), then: .sendBody),
        on(
            .requestSent, in: .phases([.sending], [.awaited, .head, .body]), to: .request(.complete)
        ),
        on(
            .requestSent, in: .phases([.sending], [.complete]), if: .keepAlive, to: .idle,
            then: .release),
        on(
            .requestSent, in: .phases([.sending], [.complete]), if: .close, to: .closed(.completed),
            then: .close),
        // RFC 9112 §9.5: the peer may have responded before it stopped reading.
        on(
            .sendingFailed, in: .phases([.awaitingContinue, .sending], [.awaited, .head, .body]),
            to: .request(.stopped)),
        on(
            .sendingFailed, in: .phases([.sending], [.complete]), to: .closed(.stopped),
            then: .close),
    ]

    /// The response.
    private static let responses: [Transition] = [
        on(.bytesReceived, in: .response([.awaited]), to: .response(.head)),
        on(.bytesReceived, in: .response([.head, .body])),
        on(.interimReceived, in: .response([.head])),
        on(
            .headReceived, in: .phases([.sending, .complete, .stopped], [.head]),
            to: .response(.body)),
        // RFC 9110 §10.1.1: a peer that responds without `100 Continue` does not want the body.
        on(
            .headReceived, in: .phases([.awaitingContinue], [.head]), to: .phases(.stopped, .body),
            then: .stopSending),
        // RFC 9112 §9.5: a peer that responds with an error before it has received the complete request does not want
        // the rest. After a success it may still be reading.
        on(
            .errorHeadReceived, in: .phases([.awaitingContinue, .sending], [.head]),
            to: .phases(.stopped, .body), then: .stopSending),
        on(.errorHeadReceived, in: .phases([.complete, .stopped], [.head]), to: .response(.body)),
        on(.protocolSwitched, in: .response([.head]), to: .handedOver),
        on(.responseEnded, in: .phases([.sending], [.body]), to: .response(.complete)),
        on(
            .responseEnded, in: .phases([.complete], [.body]), if: .keepAlive, to: .idle,
            then: .release),
        on(
            .responseEnded, in: .phases([.complete], [.body]), if: .close, to: .closed(.completed),
            then: .close),
        on(.responseEnded, in: .phases([.stopped], [.body]), to: .closed(.stopped), then: .close),
    ]

    /// The exchange is ended by the caller or by an external event.
    private static let ends: [Transition] =
        [.readerFinished, .failed].flatMap { event in
            [
                on(event, in: .response([.awaited]), to: .closed(.unanswered), then: .close),
                on(event, in: .response([.head, .body]), to: .closed(.broken), then: .close),
                on(event, in: .response([.complete]), to: .closed(.stopped), then: .close),
                on(event, in: .handedOver, to: .closed(.broken), then: .close),
            ]
        } + Event.allCases.map { on($0, in: .closed) }

    private static func on(
        _ event: Event, in sources: Transition.Source..., if persistence: Persistence? = nil,
        to target: Transition.Target = .same, then action: Action = .proceed
    ) -> Transition {
        Transition(
            sources: sources, event: event, persistence: persistence, target: target, action: action
        )
    }
}

// MARK: - Rows

extension ClientConnectionMachine {
    /// A row of the table: an event, the states in which it can occur, and the result.
    struct Transition: Sendable {
        /// A set of states.
        enum Source: Hashable, Sendable {
            case idle, handedOver, closed
            /// An exchange is in progress, with the response in one of these phases.
            case response(Set<ResponsePhase>)
            /// An exchange is in progress, with request and response in one of these phases.
            case phases(Set<RequestPhase>, Set<ResponsePhase>)
        }

        /// The next state, or the part of it that changes.
        enum Target: Hashable, Sendable {
            case same, idle, handedOver
            /// An exchange starts, with the request in this phase.
            case started(RequestPhase)
            case request(RequestPhase)
            case response(ResponsePhase)
            case phases(RequestPhase, ResponsePhase)
            case closed(CloseReason)
        }

        let sources: [Source]
        let event: Event
        /// The persistence to which the row applies; nil for any.
        let persistence: Persistence?
        let target: Target
        let action: Action
    }

    /// The result of an event.
    struct Step: Equatable, Sendable {
        let state: State
        let action: Action
    }

    /// Returns the result from the table; nil for an event that cannot occur in that state.
    @inline(__always)
    static func step(from state: State, on event: Event, _ persistence: Persistence) -> Step? {
        steps[index(of: state, event, persistence)]
    }

    /// The table as an array: one element for each state, event and persistence.
    private static let steps: [Step?] = {
        var steps = [Step?](
            repeating: nil,
            count: State.allCases.count * Event.allCases.count * Persistence.allCases.count)
        for state in State.allCases {
            for row in transitions where row.sources.contains(where: { $0.contains(state) }) {
                for persistence in row.persistence.map({ [$0] }) ?? Persistence.allCases {
                    let index = index(of: state, row.event, persistence)
                    precondition(steps[index] == nil, "two rows for \(row.event) in \(state)")
                    steps[index] = Step(state: row.target.state(after: state), action: row.action)
                }
            }
        }
        return steps
    }()

    @inline(__always)
    private static func index(
        of state: State, _ event: Event, _ persistence: Persistence
    ) -> Int {
        let events = Int(Event.evicted.rawValue) &+ 1
        let persistences = Int(Persistence.close.rawValue) &+ 1
        return (state.ordinal &* events &+ Int(event.rawValue)) &* persistences
            &+ Int(persistence.rawValue)
    }
}

extension ClientConnectionMachine.Transition.Source {
    /// Returns whether a state belongs to this set.
    func contains(_ state: ClientConnectionMachine.State) -> Bool {
        switch (self, state) {
        case (.idle, .idle), (.handedOver, .handedOver), (.closed, .closed): true
        case (.response(let phases), .exchanging(_, let response)): phases.contains(response)
        case (.phases(let requests, let responses), .exchanging(let request, let response)):
            requests.contains(request) && responses.contains(response)
        default: false
        }
    }
}

extension ClientConnectionMachine.Transition.Target {
    /// Returns the state after one of the row's source states.
    func state(after state: ClientConnectionMachine.State) -> ClientConnectionMachine.State {
        switch (self, state) {
        case (.idle, _): .idle
        case (.handedOver, _): .handedOver
        case (.started(let request), _): .exchanging(request, .awaited)
        case (.request(let request), .exchanging(_, let response)): .exchanging(request, response)
        case (.response(let response), .exchanging(let request, _)): .exchanging(request, response)
        case (.phases(let request, let response), _): .exchanging(request, response)
        case (.closed(let reason), _): .closed(reason)
        case (.same, _), (.request, _), (.response, _): state
        }
    }
}

extension ClientConnectionMachine.State: CaseIterable {
    /// All states, in the order of ``ordinal``.
    package static let allCases: [Self] =
        [.idle, .handedOver]
        + ClientConnectionMachine.RequestPhase.allCases.flatMap { request in
            ClientConnectionMachine.ResponsePhase.allCases.map { .exchanging(request, $0) }
        }
        + ClientConnectionMachine.CloseReason.allCases.map { .closed($0) }

    /// The number of the state.
    @inline(__always)
    var ordinal: Int {
        let requests = Int(ClientConnectionMachine.RequestPhase.stopped.rawValue) &+ 1
        let responses = Int(ClientConnectionMachine.ResponsePhase.complete.rawValue) &+ 1
        switch self {
        case .idle: return 0
        case .handedOver: return 1
        case .exchanging(let request, let response):
            return 2 &+ Int(request.rawValue) &* responses &+ Int(response.rawValue)
        case .closed(let reason): return 2 &+ requests &* responses &+ Int(reason.rawValue)
        }
    }
}
