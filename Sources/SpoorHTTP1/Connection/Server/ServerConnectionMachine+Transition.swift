import SpoorHTTP

/// The rows of the transition table, and their conversion to an array that is read with one index.
extension ServerConnectionMachine {
    /// A row of the table: an event, the states in which it can occur, and the result.
    struct Transition: Sendable {
        /// A set of states.
        enum Source: Hashable, Sendable {
            case idle, receivingHead, handling, drainingBody, lingering, upgraded, closed
            /// A handler is running, and the body is in one of these phases.
            case body(Set<RequestBodyPhase>)
            /// A handler is running, and the response is in one of these phases.
            case response(Set<ResponsePhase>)
            /// Both.
            case bodyAndResponse(RequestBodyPhase, Set<ResponsePhase>)
            /// The connection was upgraded, and its response is in one of these phases.
            case upgradedWith(Set<ResponsePhase>)
        }

        /// The next state, or the part of it that changes.
        enum Target: Hashable, Sendable {
            case same, idle, receivingHead, drainingBody, closedAsLingered
            /// A handler starts, with the body in this phase and the response open.
            case handling(RequestBodyPhase)
            case body(RequestBodyPhase)
            case response(ResponsePhase)
            case upgraded(ResponsePhase)
            case lingering(CloseReason)
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
    static func step(from state: State, on event: Event, _ persistence: Persistence) -> Step? {
        let entry = entry(from: state.ordinal, on: event, persistence)
        return entry.action.map { Step(state: State.allCases[Int(entry.ordinal)], action: $0) }
    }

    /// A ``Step`` in two bytes.
    struct Entry: Sendable {
        let ordinal: UInt8
        let action: Action?
    }

    @inline(__always)
    static func entry(
        from ordinal: UInt8, on event: Event, _ persistence: Persistence
    ) -> Entry {
        entries[
            (Int(ordinal) &* Event.count &+ Int(event.rawValue)) &* Persistence.count
                &+ persistence.index]
    }

    /// The table as an array: one entry for each state, event and persistence.
    private static let entries: [Entry] = State.allCases.flatMap { state in
        Event.allCases.flatMap { event in
            Persistence.allCases.map { entry(from: state, on: event, $0) }
        }
    }

    private static func entry(
        from state: State, on event: Event, _ persistence: Persistence
    ) -> Entry {
        let rows = transitions.filter { row in
            row.event == event && row.persistence ?? persistence == persistence
                && row.sources.contains { $0.contains(state) }
        }
        precondition(rows.count <= 1, "two rows for \(event) in \(state)")
        guard let row = rows.first else { return Entry(ordinal: state.ordinal, action: nil) }
        return Entry(ordinal: row.target.state(after: state).ordinal, action: row.action)
    }
}

extension ServerConnectionMachine.Event {
    /// The number of events, as a constant.
    fileprivate static var count: Int { Int(Self.lingerEnded.rawValue) + 1 }
}

extension ServerConnectionMachine.Persistence {
    fileprivate static var count: Int { 4 }

    fileprivate var index: Int {
        switch self {
        case .keepAlive: 0
        case .closeAgreed: 1
        case .closeDecided: 2
        case .handlerCancelled: 3
        }
    }
}

extension ServerConnectionMachine.Transition.Source {
    /// Returns whether a state belongs to this set.
    func contains(_ state: ServerConnectionMachine.State) -> Bool {
        switch (self, state) {
        case (.idle, .idle), (.receivingHead, .receivingHead), (.handling, .handling),
            (.drainingBody, .drainingBody), (.lingering, .lingering), (.upgraded, .upgraded),
            (.closed, .closed):
            true
        case (.body(let phases), .handling(let body, _)): phases.contains(body)
        case (.response(let phases), .handling(_, let response)): phases.contains(response)
        case (.bodyAndResponse(let phase, let phases), .handling(let body, let response)):
            body == phase && phases.contains(response)
        case (.upgradedWith(let phases), .upgraded(let response)): phases.contains(response)
        default: false
        }
    }
}

extension ServerConnectionMachine.Transition.Target {
    /// Returns the state after one of the row's source states.
    func state(after state: ServerConnectionMachine.State) -> ServerConnectionMachine.State {
        switch (self, state) {
        case (.idle, _): .idle
        case (.receivingHead, _): .receivingHead
        case (.drainingBody, _): .drainingBody
        case (.handling(let body), _): .handling(body, .open)
        case (.body(let body), .handling(_, let response)): .handling(body, response)
        case (.response(let response), .handling(let body, _)): .handling(body, response)
        case (.upgraded(let response), _): .upgraded(response)
        case (.lingering(let reason), _): .lingering(reason)
        case (.closed(let reason), _): .closed(reason)
        case (.closedAsLingered, .lingering(let reason)): .closed(reason)
        case (.same, _), (.body, _), (.response, _), (.closedAsLingered, _): state
        }
    }
}

extension ServerConnectionMachine.State: CaseIterable {
    /// All states, in the order of ``ordinal``.
    package static let allCases: [Self] =
        [.idle, .receivingHead, .drainingBody]
        + ResponsePhase.allCases.map { .upgraded($0) }
        + ServerConnectionMachine.RequestBodyPhase.allCases.flatMap { body in
            ResponsePhase.allCases.map { .handling(body, $0) }
        }
        + ServerConnectionMachine.CloseReason.allCases.map { .lingering($0) }
        + ServerConnectionMachine.CloseReason.allCases.map { .closed($0) }

    /// The number of the state: the states in which a handler is running are consecutive, and among them the phase of
    /// the response varies fastest.
    var ordinal: UInt8 {
        switch self {
        case .idle: Self.idleOrdinal
        case .receivingHead: 1
        case .drainingBody: Self.drainingBodyOrdinal
        case .upgraded(let response): Self.firstUpgraded + Self.index(of: response)
        case .handling(let body, let response):
            Self.calledOrdinal + body.rawValue * Self.phaseCount + Self.index(of: response)
        case .lingering(let reason): Self.firstLingering + reason.rawValue
        case .closed(let reason): Self.firstLingering + Self.reasonCount + reason.rawValue
        }
    }

    private static func index(of response: ResponsePhase) -> UInt8 {
        switch response {
        case .open: 0
        case .streaming: 1
        case .ending: 2
        case .complete: 3
        }
    }

    @inlinable @inline(__always)
    static var idleOrdinal: UInt8 { 0 }
    @inlinable @inline(__always)
    static var drainingBodyOrdinal: UInt8 { 2 }
    @inlinable @inline(__always)
    static var firstUpgraded: UInt8 { 3 }
    /// The handler was called, for a request whose body is complete.
    @inlinable @inline(__always)
    static var calledOrdinal: UInt8 { 7 }
    /// The handler has sent its response.
    @inlinable @inline(__always)
    static var answeredOrdinal: UInt8 { 10 }
    @inlinable @inline(__always)
    static var firstLingering: UInt8 { 27 }
    /// The number of phases of a response.
    @inlinable @inline(__always)
    static var phaseCount: UInt8 { 4 }
    private static var reasonCount: UInt8 {
        ServerConnectionMachine.CloseReason.broken.rawValue + 1
    }
}
