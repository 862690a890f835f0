package import HTTPTypes
import SpoorHTTP

/// The state machine of a client connection, as a value: each event returns one action, and it performs no I/O.
///
/// The table ``transitions`` defines the possible events; ``Action`` lists what the driver of a connection does. One
/// exchange at a time: ``startRequest(_:_:)``, then request and response in any order, until both have ended.
package struct ClientConnectionMachine: Sendable {
    /// The state of the connection.
    package private(set) var state: State
    /// Whether the connection can be kept alive after the current exchange, as far as is known.
    package private(set) var persistence: Persistence
    /// The number of requests that were started.
    package private(set) var requestCount: UInt32 = 0

    private let limits: HTTP1Limits
    private var request = RequestTraits()
    private var interimCount = 0

    /// Creates the machine of a connection that waits for its first request.
    package init(limits: HTTP1Limits = HTTP1Limits()) {
        self.init(state: .idle, persistence: .keepAlive, limits: limits)
    }

    /// Creates the machine of a connection in any state.
    init(state: State, persistence: Persistence, limits: HTTP1Limits = HTTP1Limits()) {
        self.state = state
        self.persistence = persistence
        self.limits = limits
    }

    /// Handles an event, and returns the action.
    ///
    /// An event without a row for the state is a bug of the driver: it changes nothing.
    @inline(__always)
    package mutating func handle(_ event: Event) -> Action {
        guard let step = Self.step(from: state, on: event, persistence) else {
            assertionFailure("\(event) in the state \(state)")
            return .proceed
        }
        state = step.state
        return step.action
    }

    /// Starts a request.
    package mutating func startRequest(
        _ method: HTTPRequest.Method, _ directives: RequestDirectives
    ) {
        let action = handle(
            directives.expectsContinue ? .requestExpectingContinueStarted : .requestStarted)
        guard action == .send else { return }
        request = RequestTraits(
            kind: .init(method), requestsUpgrade: directives.upgrades)
        interimCount = 0
        persistence = directives.closes ? .close : .keepAlive
        if requestCount < .max { requestCount += 1 }
    }

    // MARK: Queries

    /// Whether the connection can be kept alive after the current exchange, as far as is known.
    package var keepsAlive: Bool { persistence == .keepAlive }

    /// Whether the request is not completely sent yet.
    package var isSending: Bool {
        switch state {
        case .exchanging(let request, _): request == .sending || request == .awaitingContinue
        case .idle, .handedOver, .closed: false
        }
    }

    /// Whether the body of the request waits for `100 Continue`.
    package var isAwaitingContinue: Bool {
        if case .exchanging(.awaitingContinue, _) = state { return true }
        return false
    }

    /// Whether the final head of the response was not received yet.
    package var isAwaitingHead: Bool {
        switch state {
        case .exchanging(_, let response): response == .awaited || response == .head
        case .idle, .handedOver, .closed: false
        }
    }

    /// Whether no byte of the last request's response was received, even if the connection was closed meanwhile.
    package var isUnanswered: Bool {
        switch state {
        case .exchanging(_, let response): response == .awaited
        case .closed(let reason): reason == .unanswered
        case .idle, .handedOver: false
        }
    }

    /// Whether both messages of the last exchange are complete, or the response is and the rest of the request was
    /// not wanted.
    package var isComplete: Bool {
        switch state {
        case .idle, .closed(.completed), .closed(.stopped): true
        case .exchanging(_, let response): response == .complete
        case .handedOver, .closed: false
        }
    }

    /// Whether the request was completely sent.
    package var isSent: Bool {
        switch state {
        case .idle, .closed(.completed), .exchanging(.complete, _): true
        case .exchanging, .handedOver, .closed: false
        }
    }
}

// MARK: - Heads

extension ClientConnectionMachine {
    /// The properties of a request that determine how its response is parsed.
    private struct RequestTraits: Sendable {
        var kind = ResponseHead.RequestKind.other
        var requestsUpgrade = false
    }

    /// The meaning of a received head.
    package enum Reception: Sendable {
        /// Another head follows.
        case interim(Action)
        /// The final head: its body is decoded by this decoder, which is complete if there is none.
        case final(BodyDecoder, Action)
        /// The bytes after the head belong to another protocol, or to a tunnel.
        case handOver
    }

    /// Receives the head of a response: determines whether it is the final one, how its body ends, and whether the
    /// connection can be reused (RFC 9112 §6.3, §9.3).
    ///
    /// - Throws: The reason for which the response is rejected.
    package mutating func receive(
        _ head: borrowing ResponseHead
    ) throws(ResponseFault) -> Reception {
        _ = handle(.bytesReceived)
        if announcesForbiddenBody(head) { persistence = .close }
        if head.isInterim {
            interimCount &+= 1
            guard interimCount <= limits.maxInterimResponses else { throw .tooManyInterims }
            return .interim(handle(head.status.code == 100 ? .continueReceived : .interimReceived))
        }
        let isTunnel = request.kind == .connect && (200..<300).contains(head.status.code)
        if head.status.code == 101 || isTunnel {
            guard isTunnel || request.requestsUpgrade else { throw .switchUnexpected }
            persistence = .close
            _ = handle(.protocolSwitched)
            return .handOver
        }
        let announcesMore = head.options.contains(.keepAlive) || head.version == .http11
        if head.options.contains(.close) || !announcesMore { persistence = .close }
        return .final(
            decoder(of: head), handle(head.status.code < 300 ? .headReceived : .errorHeadReceived))
    }

    private mutating func decoder(of head: borrowing ResponseHead) -> BodyDecoder {
        switch head.bodyLength(inResponseTo: request.kind) {
        case .none: return BodyDecoder(.none, of: .response, limits: limits)
        case .bytes(let count): return BodyDecoder(.bytes(count), of: .response, limits: limits)
        case .chunked: return BodyDecoder(.unknown, of: .response, limits: limits)
        case .untilClose:
            persistence = .close
            return BodyDecoder(untilCloseWith: limits)
        }
    }

    /// Returns whether a 1xx or 204 announces a body, which it never has (RFC 9112 §6.3): a peer that announces one
    /// may also send it, so nothing that follows is parsed as a response to another request.
    private func announcesForbiddenBody(_ head: borrowing ResponseHead) -> Bool {
        guard head.status.code < 200 || head.status.code == 204 else { return false }
        switch head.announced {
        case .none, .untilClose, .bytes(0): return false
        case .bytes, .chunked: return true
        }
    }
}
