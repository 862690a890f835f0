package import HTTPTypes

/// All that changes in an exchange, in one place that its task alone touches.
@usableFromInline
package struct ExchangeState {
    @usableFromInline package var request = Request()
    @usableFromInline package var connection = ConnectionInfo.unknown
    /// The route that was chosen; of nested routers the inner one's.
    package var route: RouteTemplate?
    /// Where the values of the route's placeholders lie in the head, in the order of their names; after them those of
    /// ``outerRoutes``.
    package var parameterRanges: [Range<Int>] = []
    /// The routes with placeholders that led to a nested router, the innermost first.
    package var outerRoutes: [RouteTemplate] = []
    /// The fields behind the request's body.
    package var trailers = Headers()
    /// How many bytes the request's body may have, if not what the server's bound says.
    package var maxBodyBytes: Int?
    /// How many bytes of the request's body were read, without framing.
    var bodyBytesReceived = 0
    /// Whether the end of the request's body has been seen.
    var hasReadBody = false
    /// Who looks on.
    var observer: (any ExchangeObserver)? {
        didSet {
            isObserved = observer != nil
            arePhasesObserved = observer?.looksAtPhases ?? false
        }
    }
    /// Whether somebody looks on: cheaper to ask than to look for who.
    private(set) var isObserved = false
    /// Whether who looks on wants to hear of more than routes.
    private(set) var arePhasesObserved = false

    package var responseStatus = HTTPResponse.Status.ok
    /// Whether a handler or a middleware has set the status, which makes a response without a body of it.
    package var isResponseStatusSet = false
    package var responseHeaders = Headers()
    /// How far the response is; set by the transport alone, and here with the reset.
    package var phase = ResponsePhase.open
    /// Whether nothing may be sent but the response to an error: the handler made a mistake that is its failure.
    var isWithheld = false
    /// Whether a response can begin, and its head be changed.
    package var isOpen: Bool { phase == .open && !isWithheld }
    package var bodyBytesSent = 0
    /// The `Content-Type` of a whole response; kept only if somebody looks on.
    var responseContentType: String?
    /// What went wrong, and whether it has been reported.
    @usableFromInline package var outcome = ExchangeOutcome.fine
    /// What is to be done when the response to an error is out.
    var settledActions: [(Exchange) -> Void] = []
    /// Whether the response is the answer to an error, in place of the handler's own.
    package var isErrorResponse = false
    /// The bytes of the protocol that has taken the connection over from HTTP; nil before.
    var duplexCounts: DuplexCounts?
    /// What middlewares left for each other.
    var attachments: [(key: ObjectIdentifier, value: Any)] = []

    /// Makes ready for the next request, but for its head, which the parser puts over the last one; memory is kept.
    mutating func reset() {
        route = nil
        // Without places there are no outer routes either.
        if !parameterRanges.isEmpty { removeParameters() }
        if !trailers.isEmpty { trailers.removeAll() }
        maxBodyBytes = nil
        bodyBytesReceived = 0
        hasReadBody = false
        if isObserved { observer = nil }
        if responseContentType != nil { responseContentType = nil }
        responseStatus = .ok
        isResponseStatusSet = false
        if !responseHeaders.isEmpty || responseHeaders.refusedName != nil {
            responseHeaders.removeAll()
        }
        phase = .open
        isWithheld = false
        bodyBytesSent = 0
        outcome = .fine
        if !settledActions.isEmpty { settledActions.removeAll() }
        isErrorResponse = false
        if duplexCounts != nil { duplexCounts = nil }
        if !attachments.isEmpty { attachments.removeAll(keepingCapacity: true) }
    }

    /// Forgets what the placeholders stand for.
    package mutating func removeParameters() {
        parameterRanges.removeAll(keepingCapacity: true)
        if !outerRoutes.isEmpty { outerRoutes.removeAll() }
    }
}

/// What went wrong in an exchange, and whether it has been reported.
@usableFromInline
package enum ExchangeOutcome {
    /// Nothing so far.
    case fine
    /// This went wrong first; the end of the chain has yet to look at it.
    case failed(any Error)
    /// This went wrong, the response to it is out, and the end of the chain has reported it.
    case settled(any Error)

    /// What went wrong.
    var failure: (any Error)? {
        switch self {
        case .fine: nil
        case .failed(let error), .settled(let error): error
        }
    }
}
