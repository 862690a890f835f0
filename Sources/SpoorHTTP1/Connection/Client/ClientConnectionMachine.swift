package import HTTPTypes
import SpoorHTTP

/// The life of a client's connection as a value: events go in, one action comes out, and nothing is done here.
///
/// What may happen when is the table ``transitions``; what the driver of a connection does stands in ``Action``. One
/// exchange at a time: ``startRequest(_:_:)``, then request and response in any order, until both have ended.
package struct ClientConnectionMachine: Sendable {
    /// Where the connection is.
    package private(set) var state: State
    /// Whether the connection can be kept after the present exchange, as far as is known.
    package private(set) var persistence: Persistence
    /// How many requests have begun.
    package private(set) var requestCount: UInt32 = 0

    private let limits: HTTP1Limits
    private var request = RequestTraits()
    private var interimCount = 0

    /// A connection that waits for its first request.
    package init(limits: HTTP1Limits = HTTP1Limits()) {
        self.init(state: .idle, persistence: .keepAlive, limits: limits)
    }

    /// A connection in any state.
    init(state: State, persistence: Persistence, limits: HTTP1Limits = HTTP1Limits()) {
        self.state = state
        self.persistence = persistence
        self.limits = limits
    }

    /// Takes an event, and gives what is to be done.
    ///
    /// An event that the state has no row for is a mistake of the driver: it changes nothing.
    @inline(__always)
    package mutating func handle(_ event: Event) -> Action {
        guard let step = Self.step(from: state, on: event, persistence) else {
            assertionFailure("\(event) in the state \(state)")
            return .proceed
        }
        state = step.state
        return step.action
    }

    /// A request begins.
    package mutating func startRequest(
        _ method: HTTPRequest.Method, _ directives: RequestDirectives
    ) {
        let action = handle(
            directives.expectsContinue ? .requestExpectingContinueStarted : .requestStarted)
        guard action == .send else { return }
        request = RequestTraits(
            isHead: method == .head, isConnect: method == .connect,
            asksUpgrade: directives.upgrades)
        interimCount = 0
        persistence = directives.closes ? .close : .keepAlive
        if requestCount < .max { requestCount += 1 }
    }

    // MARK: Questions

    /// Whether the connection can be kept after the present exchange, as far as is known.
    package var keepsAlive: Bool { persistence == .keepAlive }

    /// Whether there is more of the request to be sent.
    package var isSending: Bool {
        switch state {
        case .exchanging(let request, _): request == .sending || request == .awaitingContinue
        case .idle, .handedOver, .closed: false
        }
    }

    /// Whether the body of the request is held back until `100 Continue` comes.
    package var isAwaitingContinue: Bool {
        if case .exchanging(.awaitingContinue, _) = state { return true }
        return false
    }

    /// Whether the final head of the response is still to come.
    package var isAwaitingHead: Bool {
        switch state {
        case .exchanging(_, let response): response == .awaited || response == .head
        case .idle, .handedOver, .closed: false
        }
    }

    /// Whether not a byte of the last request's response has come, also if the connection has ended meanwhile.
    package var isUnanswered: Bool {
        switch state {
        case .exchanging(_, let response): response == .awaited
        case .closed(let reason): reason == .unanswered
        case .idle, .handedOver: false
        }
    }

    /// Whether both messages of the last exchange are complete, or the response is and the rest of the request was not wanted.
    package var isComplete: Bool {
        switch state {
        case .idle, .closed(.completed), .closed(.stopped): true
        case .exchanging(_, let response): response == .complete
        case .handedOver, .closed: false
        }
    }

    /// Whether the request has been sent whole.
    package var isSent: Bool {
        switch state {
        case .idle, .closed(.completed), .exchanging(.complete, _): true
        case .exchanging, .handedOver, .closed: false
        }
    }
}

// MARK: - Heads

extension ClientConnectionMachine {
    /// What the head of a request says that matters for its response.
    private struct RequestTraits: Sendable {
        var isHead = false
        var isConnect = false
        var asksUpgrade = false
    }

    /// What a head that came means.
    package enum Reception: Sendable {
        /// Another head follows.
        case interim(Action)
        /// The final head: its body is read with this decoder, which is complete if there is none.
        case final(BodyDecoder, Action)
        /// The bytes after the head are of another protocol, or of a tunnel.
        case handOver
    }

    /// Takes the head of a response: whether it is the last one, how its body ends, and whether the connection can be used again
    /// (RFC 9112 §6.3, §9.3).
    ///
    /// - Throws: The cause for which the response is refused.
    package mutating func receive(
        _ head: borrowing ResponseHead
    ) throws(ResponseFault) -> Reception {
        _ = handle(.bytesReceived)
        if announcesWhereNoneMayBe(head) { persistence = .close }
        if head.isInterim {
            interimCount &+= 1
            guard interimCount <= limits.maxInterimResponses else { throw .tooManyInterims }
            return .interim(handle(head.status.code == 100 ? .continueReceived : .interimReceived))
        }
        let isTunnel = request.isConnect && (200..<300).contains(head.status.code)
        if head.status.code == 101 || isTunnel {
            guard isTunnel || request.asksUpgrade else { throw .switchUnasked }
            persistence = .close
            _ = handle(.protocolSwitched)
            return .handOver
        }
        let announcesMore = head.options.contains(.keepAlive) || head.version == .http11
        if head.options.contains(.close) || !announcesMore { persistence = .close }
        return .final(
            decoder(of: head), handle(head.status.code < 300 ? .headReceived : .refusalReceived))
    }

    private mutating func decoder(of head: borrowing ResponseHead) -> BodyDecoder {
        switch head.bodyLength(isHead: request.isHead, isConnect: request.isConnect) {
        case .none: return BodyDecoder(.none, of: .response, limits: limits)
        case .bytes(let count): return BodyDecoder(.bytes(count), of: .response, limits: limits)
        case .chunked: return BodyDecoder(.unknown, of: .response, limits: limits)
        case .untilClose:
            persistence = .close
            return BodyDecoder(untilCloseWith: limits)
        }
    }

    /// Whether 1xx or 204 announces a body, which it never has (RFC 9112 §6.3): a peer that writes that may send one too, so
    /// nothing that follows is taken for a response to another request.
    private func announcesWhereNoneMayBe(_ head: borrowing ResponseHead) -> Bool {
        guard head.status.code < 200 || head.status.code == 204 else { return false }
        switch head.announced {
        case .none, .untilClose, .bytes(0): return false
        case .bytes, .chunked: return true
        }
    }
}
