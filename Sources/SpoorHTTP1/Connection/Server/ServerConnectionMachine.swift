package import SpoorHTTP

/// The state machine of a server connection, as a value: each event returns one action, and it performs no I/O.
///
/// The table ``transitions`` defines the possible events; ``Action`` lists what the driver of a connection does. One
/// exchange at a time: ``receive(_:)``, then body and response in any order, then ``Event/handlerReturned``.
package struct ServerConnectionMachine: Sendable {
    /// The number of the state, which is the index into the table.
    @usableFromInline var ordinal: UInt8
    /// Whether the connection can be kept alive after the current exchange.
    package internal(set) var persistence: Persistence
    /// The external interruptions of the current exchange.
    package private(set) var interruptions = Interruptions()
    /// The number of requests that were started.
    package private(set) var requestCount: UInt32 = 0
    /// The properties of the current request that concern the connection and the response.
    package private(set) var request = RequestTraits()

    /// Creates the machine of a connection that waits for its first request.
    package init() {
        self.init(state: .idle, persistence: .keepAlive)
    }

    /// Creates the machine of a connection in any state.
    init(state: State, persistence: Persistence) {
        ordinal = state.ordinal
        self.persistence = persistence
    }

    /// The state of the connection.
    package var state: State { State.allCases[Int(ordinal)] }

    /// Handles an event, and returns the action.
    ///
    /// An event without a row for the state is a bug of the driver: it changes nothing.
    @inlinable
    @inline(__always)
    package mutating func handle(_ event: Event) -> Action {
        // Three rows that nearly every request takes, without a lookup in the table; a test compares them with it.
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

    /// Performs the transition of the table.
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

    /// Receives the head of a request.
    package mutating func receive(_ request: RequestTraits) -> Action {
        let action = handle(request.event)
        guard case .callHandler = action else { return action }
        self.request = request
        persistence = request.isPersistent ? .keepAlive : .closeAgreed
        interruptions = []
        if requestCount < .max { requestCount += 1 }
        return action
    }

    /// Closes the connection after the current exchange, although the request did not ask for that.
    package mutating func closeAfterExchange() {
        if case .closeAgreed = persistence { return }
        persistence = .closeDecided
    }

    private mutating func interrupt(by event: Event) {
        switch event {
        case .peerDisconnected: interruptions.insert(.peerDisconnected)
        case .handlerTimedOut: interruptions.insert(.handlerTimedOut)
        case .aborted: interruptions.insert(.aborted)
        default: break
        }
        if persistence == .keepAlive { persistence = .handlerCancelled }
    }

    // MARK: Queries

    // Each request reads most of these, so they use the number of the state: see ``State/ordinal``.

    /// Whether a handler is running.
    @inlinable @inline(__always)
    package var isHandling: Bool {
        ordinal >= State.firstUpgraded && ordinal < State.firstLingering
    }

    /// Whether the connection is closed, or will be without another request.
    @inlinable @inline(__always)
    package var isEnding: Bool { ordinal >= State.firstLingering }

    /// Whether the request's body was completely received, or there is none.
    @inlinable @inline(__always)
    package var isBodyComplete: Bool {
        let isIncomplete =
            ordinal == State.drainingBodyOrdinal
            || ordinal > State.answeredOrdinal
                && ordinal < State.firstLingering
        return !isIncomplete
    }

    /// The phase of the response, as a handler sees it.
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
    /// The properties of a request's head that concern its connection and its response, so that the head need not be
    /// kept.
    package struct RequestTraits: Sendable {
        // The largest first, so that the machine, which each connection has, is small.

        /// The framing of the body.
        package var bodyLength: Request.BodyLength
        /// The protocol version of the client.
        package var version: Request.Version
        /// The method, if it is a common one.
        package var method: KnownMethod?
        /// The options of the `Connection` header.
        package var options: ConnectionOptions
        /// Whether the client waits for `100 Continue` before it sends the body.
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

        /// Whether the client expects the connection to be kept alive after this exchange (RFC 9112 §9.3).
        package var isPersistent: Bool {
            !options.contains(.close) && (version == .http11 || options.contains(.keepAlive))
        }

        var event: Event {
            bodyLength == .none
                ? .headReceived
                : expectsContinue ? .headExpectingContinueReceived : .headWithBodyReceived
        }
    }

    /// Whether the connection can be kept alive after the current exchange.
    package enum Persistence: CaseIterable, Sendable {
        /// The next request may follow.
        case keepAlive
        /// It is closed as the client expects: the request has `Connection: close`, or is HTTP/1.0.
        case closeAgreed
        /// It is closed because the server has decided so; the client may be sending its next request meanwhile.
        case closeDecided
        /// It is closed because the handler was cancelled; the head of the response may have been sent without
        /// `Connection: close`.
        case handlerCancelled
    }

    /// The external interruptions of an exchange, each of which cancels its handler.
    package struct Interruptions: OptionSet, Sendable, Hashable {
        package let rawValue: UInt8

        package init(rawValue: UInt8) {
            self.rawValue = rawValue
        }

        /// The client disconnected.
        package static var peerDisconnected: Interruptions { Interruptions(rawValue: 1) }
        /// The handler timed out.
        package static var handlerTimedOut: Interruptions { Interruptions(rawValue: 2) }
        /// The server closes all connections immediately.
        package static var aborted: Interruptions { Interruptions(rawValue: 4) }
    }
}
