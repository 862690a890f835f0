package import HTTPTypes

/// The mutable state of an exchange, accessed only by the exchange's task.
@usableFromInline
package struct ExchangeState {
    @usableFromInline package var request = Request()
    @usableFromInline package var connection = ConnectionInfo.unknown
    /// The matched route; with nested routers that of the inner one.
    package var route: RouteTemplate?
    /// The positions of the route's parameters in the head, in the order of their names, followed by those of
    /// ``outerRoutes``.
    package var parameterRanges: [Range<Int>] = []
    /// The routes with parameters that led to a nested router, innermost first.
    package var outerRoutes: [OuterRoute] = []
    /// The trailers of the request's body.
    package var trailers = Headers()
    /// The maximum size of the request's body in bytes; nil for the server's limit.
    package var maxBodyBytes: Int?
    /// The number of bytes of the request's body that were read, without framing.
    var bodyBytesReceived = 0
    /// Whether the end of the request's body was read.
    var hasReadBody = false
    /// What middlewares have replaced or transform; nil in most exchanges.
    var changes: ExchangeChanges?
    /// The observers, in the order in which they were added.
    var observers: [AddedObserver] = []
    /// The steps that any of ``observers`` observes.
    var observedSteps: ExchangeSteps = []

    package var responseStatus = HTTPResponse.Status.ok
    /// Whether a handler or a middleware has set the status, which makes a response without a body of it.
    package var isResponseStatusSet = false
    package var responseHeaders = Headers()
    /// The status and the headers of a response that has not been sent.
    var unsentHead: (status: HTTPResponse.Status, isStatusSet: Bool, headers: Headers) {
        get { (responseStatus, isResponseStatusSet, responseHeaders) }
        set { (responseStatus, isResponseStatusSet, responseHeaders) = newValue }
    }
    /// The phase of the response; set only by the transport, and reset here.
    package var phase = ResponsePhase.open
    /// Whether only the response to an error may be sent: the failure is a programming error of the handler.
    var isWithheld = false
    /// Whether a response can be started, and its head changed.
    package var isOpen: Bool { phase == .open && !isWithheld }
    package var bodyBytesSent = 0
    /// The `Content-Type` of a complete response; kept only if there is an observer.
    var responseContentType: String?
    /// The failure, if any, and whether it has been reported.
    @usableFromInline package var outcome = ExchangeOutcome.fine
    /// The actions to run after the response to an error was sent.
    var errorResponseActions: [(Exchange) -> Void] = []
    /// Whether the response is the response to an error, instead of the handler's own.
    package var isErrorResponse = false
    /// The byte counters of the protocol that the connection was upgraded to; nil before.
    var duplexCounts: DuplexCounts?
    /// The span of the exchange, if any, which has the trace id.
    package var traceIdentity: (any TraceIdentity)?
    /// The values of the application; set by the chain, and kept for the next request.
    @usableFromInline package var application: ApplicationValues.Storage?
    /// The values that middlewares have stored.
    var attachments: [(key: ObjectIdentifier, value: Any)] = []

    /// Resets the state for the next request, except its head, which the parser overwrites; memory is kept.
    mutating func reset() {
        route = nil
        // Without parameter ranges there are no outer routes either.
        if !parameterRanges.isEmpty { removeParameters() }
        if !trailers.isEmpty { trailers.removeAll() }
        maxBodyBytes = nil
        bodyBytesReceived = 0
        hasReadBody = false
        if changes != nil { changes = nil }
        if !observers.isEmpty {
            observers.removeAll(keepingCapacity: true)
            observedSteps = []
        }
        if responseContentType != nil { responseContentType = nil }
        responseStatus = .ok
        isResponseStatusSet = false
        if !responseHeaders.isEmpty || responseHeaders.rejectedName != nil {
            responseHeaders.removeAll()
        }
        phase = .open
        isWithheld = false
        bodyBytesSent = 0
        outcome = .fine
        if !errorResponseActions.isEmpty { errorResponseActions.removeAll() }
        isErrorResponse = false
        if duplexCounts != nil { duplexCounts = nil }
        if traceIdentity != nil { traceIdentity = nil }
        if !attachments.isEmpty { attachments.removeAll(keepingCapacity: true) }
    }

    /// Removes the values of the route parameters.
    package mutating func removeParameters() {
        parameterRanges.removeAll(keepingCapacity: true)
        if !outerRoutes.isEmpty { outerRoutes.removeAll() }
    }
}

/// What middlewares have replaced in an exchange, and how its bodies are transformed.
///
/// A separate object, so that an exchange without any of it keeps one word for it.
final class ExchangeChanges {
    /// The versions of request and client, beginning with the received one; empty until one is replaced.
    ///
    /// The one that is in effect is updated when another one takes effect.
    var versions: [RequestVersion] = []
    /// The number of the version that is in effect.
    var version = 0
    /// The number of the version in which the route was matched, and the positions of its parameters are valid.
    var routedVersion = 0
    /// The client that replaces that of the connection, if any.
    var client: ClientInfo?
    /// The transforms of the request's body, if any.
    var requestTransforms: BodyPipeline?
    /// The transforms of the response's body, if any.
    var responseTransforms: BodyPipeline?
    /// Whether a transform of a complete body has thrown an error.
    var hasTransformFailed = false
    /// Whether the body is not sent, because an observer has set a status that allows none.
    var isBodyOmitted = false
    /// A complete body of which the observers were notified, and that is still to be sent.
    var unsentBody: Response.Body?
}

extension ExchangeState {
    /// Returns the changes, which begin with the first call.
    mutating func beginChanges() -> ExchangeChanges {
        if let changes { return changes }
        let changes = ExchangeChanges()
        self.changes = changes
        return changes
    }
}

/// Whether an exchange has failed, and whether the failure has been reported.
@usableFromInline
package enum ExchangeOutcome {
    /// No failure so far.
    case fine
    /// The first failure, not yet reported by the end of the chain.
    case failed(any Error)
    /// The failure, after its response was sent and the end of the chain has reported it.
    case reported(any Error)

    /// The failure, if any.
    var failure: (any Error)? {
        switch self {
        case .fine: nil
        case .failed(let error), .reported(let error): error
        }
    }
}

/// The request and the client as some elements of the chain see them: as received, or as one element has replaced them
/// for those further in.
struct RequestVersion {
    let request: Request
    /// The client that replaces that of the connection, if any.
    let client: ClientInfo?
}

/// A route with parameters that led to a nested router, and the version of the request in which it was matched.
package struct OuterRoute {
    package let template: RouteTemplate
    package let requestVersion: Int

    package init(_ template: RouteTemplate, requestVersion: Int) {
        self.template = template
        self.requestVersion = requestVersion
    }
}
