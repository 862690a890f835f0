package import SpoorHTTP

/// The life of a server's connection as a value: events go in, one action comes out, and nothing is done here.
///
/// What may happen when is the table ``transitions``; what the driver of a connection does stands in ``Action``. One
/// exchange at a time: ``receive(_:)``, then body and response in any order, then ``Event/handlerReturned``.
package struct ServerConnectionMachine: Sendable {
    /// The number of the state: what the table is indexed by.
    @usableFromInline var ordinal: UInt8
    /// Whether the connection can be kept after the present exchange.
    package internal(set) var persistence: Persistence
    /// What has happened to the present exchange from outside.
    package private(set) var interruptions = Interruptions()
    /// What the present request says of the connection and of the response.
    package private(set) var request = RequestTraits()
    /// How many requests have begun.
    package private(set) var requestCount: UInt32 = 0

    /// A connection that waits for its first request.
    package init() {
        self.init(state: .idle, persistence: .keepAlive)
    }

    /// A connection in any state.
    init(state: State, persistence: Persistence) {
        ordinal = state.ordinal
        self.persistence = persistence
    }

    /// Where the connection is.
    package var state: State { State.allCases[Int(ordinal)] }

    /// Takes an event, and gives what is to be done.
    ///
    /// An event that the state has no row for is a mistake of the driver: it changes nothing.
    @inlinable
    @inline(__always)
    package mutating func handle(_ event: Event) -> Action {
        // Three rows that nearly every request takes, without a look into the table; a test compares them with it.
        switch event {
        case .headReceived where ordinal == State.idleOrdinal:
            ordinal = State.calledOrdinal
            return .callHandler
        case .responseSent where ordinal == State.calledOrdinal:
            ordinal = State.answeredOrdinal
            return .proceed
        case .handlerReturned where ordinal == State.answeredOrdinal:
            guard case .keepAlive = persistence else { return lookUp(event) }
            ordinal = State.idleOrdinal
            return .readRequest
        default: return lookUp(event)
        }
    }

    /// Does what the table says.
    @usableFromInline
    mutating func lookUp(_ event: Event) -> Action {
        let entry = Self.entry(from: ordinal, on: event, persistence)
        guard let action = entry.action else {
            assertionFailure("\(event) in the state \(state)")
            return .proceed
        }
        ordinal = entry.ordinal
        if case .cancelHandler = action { interrupt(by: event) }
        return action
    }

    /// Takes the head of a request.
    package mutating func receive(_ request: RequestTraits) -> Action {
        let action = handle(request.event)
        guard case .callHandler = action else { return action }
        self.request = request
        persistence = request.isPersistent ? .keepAlive : .closeAgreed
        interruptions = []
        if requestCount < .max { requestCount += 1 }
        return action
    }

    /// Closes the connection after the present exchange, though the request did not ask for that.
    package mutating func closeAfterExchange() {
        if case .closeAgreed = persistence { return }
        persistence = .closeDecided
    }

    private mutating func interrupt(by event: Event) {
        switch event {
        case .peerLeft: interruptions.insert(.peerLeft)
        case .handlerTimedOut: interruptions.insert(.handlerTimedOut)
        case .aborted: interruptions.insert(.aborted)
        default: break
        }
        if persistence == .keepAlive { persistence = .abandoned }
    }

    // MARK: Questions

    // Each request asks most of these, so they look at the state's number: see ``State/ordinal``.

    /// Whether a handler is at work.
    @inlinable @inline(__always)
    package var isHandling: Bool {
        ordinal >= State.firstUpgraded && ordinal < State.firstLingering
    }

    /// Whether the connection has ended, or will without another request.
    @inlinable @inline(__always)
    package var isEnding: Bool { ordinal >= State.firstLingering }

    /// Whether the request's body was received to its end, or there is none.
    @inlinable @inline(__always)
    package var isBodyComplete: Bool {
        let isIncomplete =
            ordinal == State.drainingBodyOrdinal
            || ordinal > State.answeredOrdinal
                && ordinal < State.firstLingering
        return !isIncomplete
    }

    /// How far the response is, as a handler sees it.
    @inlinable @inline(__always)
    package var response: ResponsePhase {
        guard isHandling else { return ordinal < State.drainingBodyOrdinal ? .open : .complete }
        switch (ordinal &- State.firstUpgraded) % State.phaseCount {
        case 0: return .open
        case 1: return .streaming
        case 2: return .ending
        default: return .complete
        }
    }
}

extension ServerConnectionMachine {
    /// What the head of a request says that matters for its connection and its response, so that the head need not be kept.
    package struct RequestTraits: Sendable {
        /// The version that the peer speaks.
        package var version: Request.Version
        /// The method, if it is a common one.
        package var method: KnownMethod?
        /// How the body is framed.
        package var bodyLength: Request.BodyLength
        /// The options of the `Connection` field.
        package var options: ConnectionOptions
        /// Whether the peer waits for `100 Continue` before it sends the body.
        package var expectsContinue: Bool

        package init(
            version: Request.Version = .http11, method: KnownMethod? = .get,
            bodyLength: Request.BodyLength = .none, options: ConnectionOptions = [],
            expectsContinue: Bool = false
        ) {
            self.version = version
            self.method = method
            self.bodyLength = bodyLength
            self.options = options
            self.expectsContinue = expectsContinue
        }

        /// Whether the peer takes the connection for one that is kept after this exchange (RFC 9112 §9.3).
        package var isPersistent: Bool {
            !options.contains(.close) && (version == .http11 || options.contains(.keepAlive))
        }

        var event: Event {
            bodyLength == .none
                ? .headReceived
                : expectsContinue ? .headExpectingContinueReceived : .headWithBodyReceived
        }
    }

    /// Whether the connection can be kept after the present exchange.
    package enum Persistence: CaseIterable, Sendable {
        /// The next request may follow.
        case keepAlive
        /// It closes, and the peer knows: it asked for it, or it speaks HTTP/1.0.
        case closeAgreed
        /// It closes because the server has decided so; the peer may be sending its next request meanwhile.
        case closeDecided
        /// It closes because the handler was cancelled, though the head of the response may not say so.
        case abandoned
    }

    /// What happens to an exchange from outside, all of which cancels its handler.
    package struct Interruptions: OptionSet, Sendable, Hashable {
        package let rawValue: UInt8

        package init(rawValue: UInt8) {
            self.rawValue = rawValue
        }

        /// The peer has disconnected.
        package static var peerLeft: Interruptions { Interruptions(rawValue: 1) }
        /// The handler has taken longer than it may.
        package static var handlerTimedOut: Interruptions { Interruptions(rawValue: 2) }
        /// The server closes all connections at once.
        package static var aborted: Interruptions { Interruptions(rawValue: 4) }
    }
}
