import SpoorHTTP
import Testing

@testable import SpoorHTTP1

/// Every state with every event, compared with the rules as code.
@Suite struct ServerConnectionMachineTests {
    typealias Machine = ServerConnectionMachine
    typealias Step = Machine.Step

    /// The result by the rules; nil for an event that cannot occur in the state.
    private func expected(
        in state: Machine.State, on event: Machine.Event, _ persistence: Machine.Persistence
    ) -> Step? {
        // A closed connection stays closed; a failure only changes an orderly end.
        if case .closed = state, event != .failed { return Step(state: state, action: .close) }
        switch event {
        case .bytesReceived, .headReceived, .headWithBodyReceived, .headExpectingContinueReceived,
            .requestRejected, .peerEnded, .timedOut:
            return beforeAnExchange(state, event)
        case .bodyRequested, .bodyEnded, .bodyFailed, .drainLimitReached:
            return ofTheBody(state, event)
        case .headSent, .responseDiscarded, .responseEndPending, .responseSent,
            .flushed, .protocolSwitched:
            return ofTheResponse(state, event)
        case .handlerReturned: return afterTheHandler(state, persistence)
        case .shutdown, .peerDisconnected, .handlerTimedOut, .eventStreamEnded, .aborted, .failed:
            return fromOutside(state, event)
        case .lingerEnded:
            guard case .lingering(let reason) = state else { return nil }
            return Step(state: .closed(reason), action: .close)
        }
    }

    /// Requests start, and waits for them end, only without an exchange in progress; a client that has started a head
    /// gets a response before the connection is closed, one that has not does not.
    private func beforeAnExchange(_ state: Machine.State, _ event: Machine.Event) -> Step? {
        guard state == .idle || state == .receivingHead else { return nil }
        let hasBegun = state == .receivingHead
        switch event {
        case .bytesReceived: return Step(state: .receivingHead, action: .proceed)
        case .headReceived: return Step(state: .handling(.complete, .open), action: .callHandler)
        case .headWithBodyReceived:
            return Step(state: .handling(.unread, .open), action: .callHandler)
        case .headExpectingContinueReceived:
            return Step(state: .handling(.awaitingContinue, .open), action: .callHandler)
        case .requestRejected: return Step(state: .lingering(.rejected), action: .linger)
        case .peerEnded: return Step(state: .closed(.peerEnded), action: .close)
        case .timedOut where hasBegun:
            return Step(state: .lingering(.timedOut), action: .rejectLateHead)
        case .timedOut: return Step(state: .closed(.timedOut), action: .close)
        default: return nil
        }
    }

    /// A body is received once, before or after its response; `100 Continue` is sent only before the head of the
    /// response.
    private func ofTheBody(_ state: Machine.State, _ event: Machine.Event) -> Step? {
        switch (state, event) {
        case (.upgraded, .bodyRequested), (.handling(.complete, _), .bodyRequested):
            return Step(state: state, action: .endBody)
        case (.handling(.failed, _), .bodyRequested):
            return Step(state: state, action: .decodeBody)
        case (.handling(let body, let response), .bodyRequested):
            let mayContinue =
                body == .awaitingContinue && response == .open
            return Step(
                state: .handling(.reading, response),
                action: mayContinue ? .sendContinue : .decodeBody)
        case (.handling(.complete, _), _): return nil
        case (.handling(.failed, _), .bodyFailed): return Step(state: state, action: .proceed)
        case (.handling(.failed, _), _): return nil
        case (.handling(_, let response), .bodyEnded):
            return Step(state: .handling(.complete, response), action: .proceed)
        case (.handling(_, let response), .bodyFailed):
            return Step(state: .handling(.failed, response), action: .reportBody)
        case (.drainingBody, .bodyEnded): return Step(state: .idle, action: .readRequest)
        case (.drainingBody, .bodyFailed):
            return Step(state: .lingering(.rejected), action: .linger)
        case (.drainingBody, .drainLimitReached):
            return Step(state: .lingering(.completed), action: .linger)
        default: return nil
        }
    }

    /// The phases of a response only advance, except for one that is discarded before any of its bytes was sent; the
    /// head that switches the protocol is separate.
    private func ofTheResponse(_ state: Machine.State, _ event: Machine.Event) -> Step? {
        let phase: ResponsePhase
        switch state {
        case .handling(_, let response), .upgraded(let response): phase = response
        case .idle, .receivingHead, .drainingBody, .lingering:
            return event == .flushed ? Step(state: state, action: .proceed) : nil
        case .closed: return nil
        }
        if event == .protocolSwitched {
            return state == .handling(.complete, .open)
                ? Step(state: .upgraded(.streaming), action: .proceed) : nil
        }
        let next: ResponsePhase? =
            switch (phase, event) {
            case (.ending, .flushed): .complete
            case (_, .flushed): phase
            case (.open, .headSent): .streaming
            case (.streaming, .responseDiscarded): .open
            case (.open, .responseEndPending), (.streaming, .responseEndPending): .ending
            case (.open, .responseSent), (.streaming, .responseSent): .complete
            default: nil
            }
        guard let next else { return nil }
        switch state {
        case .handling(let body, _): return Step(state: .handling(body, next), action: .proceed)
        default:
            // The head has been sent when the protocol is switched.
            guard phase != .open, next != .open else { return nil }
            return Step(state: .upgraded(next), action: .proceed)
        }
    }

    /// The connection is kept alive if both sides agree and the start of the next request is known.
    private func afterTheHandler(
        _ state: Machine.State, _ persistence: Machine.Persistence
    ) -> Step? {
        if case .upgraded = state {
            return Step(state: .lingering(.completed), action: .endUpgrade)
        }
        guard case .handling(let body, let response) = state else { return nil }
        guard response == .complete else { return Step(state: .closed(.broken), action: .abort) }
        switch persistence {
        case .keepAlive:
            if body == .complete { return Step(state: .idle, action: .readRequest) }
            if body == .unread || body == .reading {
                return Step(state: .drainingBody, action: .drainBody)
            }
            return Step(state: .lingering(.completed), action: .linger)
        case .closeAgreed:
            return Step(
                state: .lingering(.completed),
                action: body == .complete ? .lingerIfBytesWait : .linger)
        case .closeDecided: return Step(state: .lingering(.completed), action: .linger)
        case .handlerCancelled:
            return Step(state: .lingering(.handlerCancelled), action: .lingerIfBytesWait)
        }
    }

    /// A cancelled handler ends its exchange itself; without a handler only events that close the connection have an
    /// effect.
    private func fromOutside(_ state: Machine.State, _ event: Machine.Event) -> Step? {
        let hasHandler =
            switch state {
            case .handling, .upgraded: true
            default: false
            }
        switch event {
        case .failed: return Step(state: .closed(.broken), action: .abort)
        case .aborted where !hasHandler: return Step(state: .closed(.aborted), action: .close)
        case .shutdown where state == .idle: return Step(state: .closed(.shutdown), action: .close)
        case .shutdown where state == .receivingHead:
            return Step(state: .lingering(.shutdown), action: .rejectAtShutdown)
        case .shutdown: return Step(state: state, action: .proceed)
        default: return Step(state: state, action: hasHandler ? .cancelHandler : .proceed)
        }
    }

    @Test func `every state handles every event according to the rules`() {
        let count = Machine.compare { expected(in: $0, on: $1, $2) }
        #expect(count == 43 * 25 * 4)
    }

    @Test func `states are numbered in their order`() {
        #expect(Machine.State.allCases.map { Int($0.ordinal) } == Array(0..<43))
        #expect(Set(Machine.State.allCases).count == Machine.State.allCases.count)
    }

    @Test func `the queries of a machine follow from its state`() {
        for state in Machine.State.allCases {
            let machine = Machine(state: state, persistence: .keepAlive)
            #expect(machine.state == state)
            switch state {
            case .idle, .receivingHead:
                #expect(!machine.isHandling && !machine.isEnding && machine.isBodyComplete)
                #expect(machine.response == .open)
            case .handling(let body, let response):
                #expect(machine.isHandling && !machine.isEnding)
                #expect(machine.isBodyComplete == (body == .complete))
                #expect(machine.response == response)
            case .upgraded(let response):
                #expect(machine.isHandling && !machine.isEnding && machine.isBodyComplete)
                #expect(machine.response == response)
            case .drainingBody:
                #expect(!machine.isHandling && !machine.isEnding && !machine.isBodyComplete)
                #expect(machine.response == .complete)
            case .lingering, .closed:
                #expect(!machine.isHandling && machine.isEnding && machine.isBodyComplete)
                #expect(machine.response == .complete)
            }
        }
    }

    @Test func `every possible state is reached, and reaches closed`() {
        let reached = Machine.reachable(from: .idle)
        let impossible = Set(Machine.State.allCases).subtracting(reached)
        #expect(
            impossible == [
                .upgraded(.open), .lingering(.peerEnded),
                .lingering(.aborted), .lingering(.broken),
            ])
        for state in reached {
            #expect(
                Machine.reachable(from: state).contains {
                    if case .closed = $0 { true } else { false }
                })
        }
    }

    @Test func `no closing state leads back to a handler`() {
        for reason in Machine.CloseReason.allCases {
            for state in Machine.reachable(from: .lingering(reason)) {
                #expect(Machine(state: state, persistence: .keepAlive).isEnding)
            }
        }
    }

    @Test func `every event and every action is in the table`() {
        let rows = Machine.transitions
        #expect(Set(rows.map(\.event)) == Set(Machine.Event.allCases))
        #expect(Set(rows.map(\.action)) == Set(Machine.Action.allCases))
    }

    // MARK: Rules outside the table

    @Test(arguments: [
        Machine.Event.peerDisconnected, .handlerTimedOut, .aborted, .eventStreamEnded,
    ])
    func `an interrupted exchange is the last of its connection`(_ event: Machine.Event) {
        var machine = Machine()
        #expect(machine.receive(.init()) == .callHandler)
        #expect(machine.handle(event) == .cancelHandler)
        #expect(machine.persistence == .handlerCancelled)
        #expect(machine.handle(.responseSent) == .proceed)
        #expect(machine.handle(.handlerReturned) == .lingerIfBytesWait)
        #expect(machine.state == .lingering(.handlerCancelled))
    }

    @Test func `the interruptions of an exchange are recorded until the next one`() {
        var machine = Machine()
        #expect(machine.handle(.peerDisconnected) == .proceed)
        #expect(machine.interruptions == [])
        _ = machine.receive(.init())
        _ = machine.handle(.peerDisconnected)
        _ = machine.handle(.handlerTimedOut)
        #expect(machine.interruptions == [.peerDisconnected, .handlerTimedOut])
        _ = machine.handle(.aborted)
        #expect(machine.interruptions == [.peerDisconnected, .handlerTimedOut, .aborted])
    }

    @Test func `requests are counted when their heads were received`() {
        var machine = Machine()
        for count: UInt32 in 1...3 {
            _ = machine.receive(.init(bodyLength: .bytes(1), expectsContinue: count == 2))
            #expect(machine.requestCount == count)
            #expect(machine.isHandling && !machine.isBodyComplete)
            _ = machine.handle(.bodyEnded)
            _ = machine.handle(.responseSent)
            #expect(machine.handle(.handlerReturned) == .readRequest)
            #expect(!machine.isHandling)
        }
        _ = machine.handle(.aborted)
        #expect(machine.receive(.init()) == .close)
        #expect(machine.requestCount == 3)
    }
}
