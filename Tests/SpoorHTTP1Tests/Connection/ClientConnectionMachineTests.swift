import HTTPTypes
import SpoorHTTP
import Testing

@testable import SpoorHTTP1

/// Every state with every event, compared with the rules as code.
@Suite struct ClientConnectionMachineTests {
    typealias Machine = ClientConnectionMachine
    typealias Step = Machine.Step

    /// The result by the rules; nil for an event that cannot occur in the state.
    private func expected(
        in state: Machine.State, on event: Machine.Event, _ persistence: Machine.Persistence
    ) -> Step? {
        switch state {
        // A closed connection stays closed, and late events are ignored.
        case .closed: return Step(state: state, action: .proceed)
        case .idle: return atRest(event)
        case .handedOver:
            return event == .failed || event == .readerFinished
                ? Step(state: .closed(.broken), action: .close) : nil
        case .exchanging(let request, let response):
            switch event {
            case .requestStarted, .requestExpectingContinueStarted, .readableWhileIdle, .expired,
                .evicted:
                return nil
            case .continueTimedOut, .requestSent, .sendingFailed:
                return ofTheRequest(request, response, event, persistence)
            case .bytesReceived, .continueReceived, .interimReceived, .headReceived,
                .errorHeadReceived, .protocolSwitched:
                return ofTheHead(request, response, event)
            case .responseEnded: return atTheEnd(request, response, persistence)
            case .readerFinished, .failed: return cancelled(response)
            }
        }
    }

    /// Without a request a connection starts one or is closed; the end of a completed exchange changes nothing.
    private func atRest(_ event: Machine.Event) -> Step? {
        switch event {
        case .requestStarted: Step(state: .exchanging(.sending, .awaited), action: .send)
        case .requestExpectingContinueStarted:
            Step(state: .exchanging(.awaitingContinue, .awaited), action: .send)
        case .readableWhileIdle: Step(state: .closed(.readableWhileIdle), action: .close)
        case .expired: Step(state: .closed(.expired), action: .closeOrderly)
        case .evicted: Step(state: .closed(.evicted), action: .closeOrderly)
        case .readerFinished, .failed: Step(state: .idle, action: .proceed)
        default: nil
        }
    }

    /// A request is sent once; a connection that has completed both messages is kept alive if both sides agree.
    private func ofTheRequest(
        _ request: Machine.RequestPhase, _ response: Machine.ResponsePhase, _ event: Machine.Event,
        _ persistence: Machine.Persistence
    ) -> Step? {
        switch (event, request, response) {
        case (.continueTimedOut, .awaitingContinue, .awaited),
            (.continueTimedOut, .awaitingContinue, .head):
            return Step(state: .exchanging(.sending, response), action: .sendBody)
        case (.requestSent, .sending, .complete):
            return persistence == .keepAlive
                ? Step(state: .idle, action: .release)
                : Step(state: .closed(.completed), action: .close)
        case (.requestSent, .sending, _):
            return Step(state: .exchanging(.complete, response), action: .proceed)
        case (.sendingFailed, .sending, .complete):
            return Step(state: .closed(.stopped), action: .close)
        case (.sendingFailed, .awaitingContinue, .complete): return nil
        case (.sendingFailed, .awaitingContinue, _), (.sendingFailed, .sending, _):
            return Step(state: .exchanging(.stopped, response), action: .proceed)
        default: return nil
        }
    }

    /// Any number of interim heads precede the final one; after an error status the rest of the request is not sent.
    private func ofTheHead(
        _ request: Machine.RequestPhase, _ response: Machine.ResponsePhase, _ event: Machine.Event
    ) -> Step? {
        if event == .bytesReceived {
            guard response != .complete else { return nil }
            let phase = response == .awaited ? .head : response
            return Step(state: .exchanging(request, phase), action: .proceed)
        }
        guard response == .head else { return nil }
        let isSending = request == .awaitingContinue || request == .sending
        switch event {
        case .continueReceived where request == .awaitingContinue:
            return Step(state: .exchanging(.sending, .head), action: .sendBody)
        case .continueReceived, .interimReceived:
            return Step(state: .exchanging(request, .head), action: .proceed)
        case .protocolSwitched: return Step(state: .handedOver, action: .proceed)
        case .headReceived where request == .awaitingContinue, .errorHeadReceived where isSending:
            return Step(state: .exchanging(.stopped, .body), action: .stopSending)
        default: return Step(state: .exchanging(request, .body), action: .proceed)
        }
    }

    /// After a response that ends first the request is still sent; an incomplete request closes the connection.
    private func atTheEnd(
        _ request: Machine.RequestPhase, _ response: Machine.ResponsePhase,
        _ persistence: Machine.Persistence
    ) -> Step? {
        guard response == .body else { return nil }
        switch request {
        case .awaitingContinue: return nil
        case .sending: return Step(state: .exchanging(.sending, .complete), action: .proceed)
        case .stopped: return Step(state: .closed(.stopped), action: .close)
        case .complete:
            return persistence == .keepAlive
                ? Step(state: .idle, action: .release)
                : Step(state: .closed(.completed), action: .close)
        }
    }

    /// A cancelled exchange closes its connection, and the received part of the response is recorded.
    private func cancelled(_ response: Machine.ResponsePhase) -> Step {
        let reason: Machine.CloseReason =
            switch response {
            case .awaited: .unanswered
            case .head, .body: .broken
            case .complete: .stopped
            }
        return Step(state: .closed(reason), action: .close)
    }

    @Test func `every state handles every event according to the rules`() {
        let count = Machine.compare { expected(in: $0, on: $1, $2) }
        #expect(count == 25 * 17 * 2)
    }

    @Test func `states are numbered in their order`() {
        #expect(Machine.State.allCases.map(\.ordinal) == Array(0..<Machine.State.allCases.count))
        #expect(Set(Machine.State.allCases).count == Machine.State.allCases.count)
    }

    @Test func `every possible state is reached, and reaches closed`() {
        let reached = Machine.reachable(from: .idle)
        let impossible = Set(Machine.State.allCases).subtracting(reached)
        #expect(
            impossible == [
                .exchanging(.awaitingContinue, .body), .exchanging(.awaitingContinue, .complete),
                .exchanging(.complete, .complete), .exchanging(.stopped, .complete),
            ])
        for state in reached {
            #expect(
                Machine.reachable(from: state).contains {
                    if case .closed = $0 { true } else { false }
                })
        }
    }

    @Test func `every event and every action is in the table`() {
        let rows = Machine.transitions
        #expect(Set(rows.map(\.event)) == Set(Machine.Event.allCases))
        #expect(Set(rows.map(\.action)) == Set(Machine.Action.allCases))
    }

    // MARK: Rules outside the table

    private func directives(_ headers: Headers = Headers()) throws -> RequestDirectives {
        try RequestDirectives(.get, bodyLength: .none, headers: headers)
    }

    @Test func `applies the connection headers of the request`() throws {
        var machine = Machine()
        machine.startRequest(.get, try directives([.connection: "close"]))
        #expect(!machine.keepsAlive)
        machine = Machine()
        machine.startRequest(.get, try directives([.accept: "a"]))
        #expect(machine.keepsAlive)
    }

    @Test func `each request starts from the initial state, and is counted`() throws {
        var machine = Machine()
        var head = ResponseHead()
        head.announced = .bytes(0)
        for (count, method) in [HTTPRequest.Method.head, .get, .connect].enumerated() {
            machine.startRequest(method, try directives())
            #expect(machine.requestCount == UInt32(count + 1))
            #expect(machine.isSending && machine.isUnanswered && machine.isAwaitingHead)
            #expect(machine.handle(.requestSent) == .proceed)
            // The maximum number of interim responses, for each request.
            head.status = .continue
            for _ in 0..<HTTP1Limits().maxInterimResponses { _ = try machine.receive(head) }
            #expect(!machine.isUnanswered && machine.isAwaitingHead)
            head.status = .ok
            switch (method, try machine.receive(head)) {
            case (.connect, .handOver): #expect(!machine.keepsAlive)
            case (_, .final(let decoder, .proceed)):
                #expect(decoder.isComplete)
                #expect(machine.isSent && !machine.isComplete)
                #expect(machine.handle(.responseEnded) == .release)
                #expect(machine.isComplete && machine.keepsAlive)
            case (_, let reception): Issue.record("\(reception)")
            }
        }
        #expect(machine.handle(.failed) == .close)
    }

    @Test func `an exchange that fails without a byte of response is recorded as unanswered`()
        throws
    {
        for hasResponse in [false, true] {
            var machine = Machine()
            machine.startRequest(.get, try directives())
            if hasResponse { _ = machine.handle(.bytesReceived) }
            #expect(machine.handle(.failed) == .close)
            #expect(machine.isUnanswered == !hasResponse)
            #expect(!machine.isComplete && !machine.isSent && !machine.isSending)
        }
    }
}
