public import HTTPTypes

/// An error with its own response; any other error becomes a 500 without details.
///
/// For the usual case, problem details in the form that the client prefers, conform to ``ProblemError`` or throw a
/// ``Problem``.
public protocol ResponseError: Error {
    /// Returns the response that is sent if the head was not sent yet; 500 if it has no status.
    func response() -> Response
}

/// The general error for handlers: a status, and a message that the client may read.
///
/// It is sent as the problem details of that status; see ``Problem`` for more than a message.
public struct HTTPError: ProblemError, CustomStringConvertible {
    /// The status of the response.
    public var status: HTTPResponse.Status
    /// The detail of the problem; nil for none.
    public var message: String?
    /// Headers of the response.
    public var headers: Headers
    /// The limit of ``RequestBody/collect(upTo:)`` that the body of the request exceeds; nil for any other error.
    package var maxExceededBodyBytes: Int?

    /// Creates an error to throw from a handler or a middleware.
    public init(
        _ status: HTTPResponse.Status, _ message: String? = nil, headers: Headers = Headers()
    ) {
        self.status = status
        self.message = message
        self.headers = headers
    }

    /// The problem that is sent to the client.
    public var problem: Problem { Problem(status, message, headers: headers) }

    /// The status, and the message if there is one; a message that begins with the status is not prefixed.
    public var description: String {
        guard let message else { return status.text }
        return message.hasPrefix(status.text) ? message : "\(status.text): \(message)"
    }
}

/// Returns the response for a thrown error, in the form that the request prefers; the only place that makes this
/// conversion.
package func response(for error: any Error, to request: Request, traceID: String?) -> Response {
    // The client has disconnected, or the server has no more time for the request: not a fault of the handler.
    let problem =
        Task.isCancelled && isCancellation(error)
        ? Problem(.serviceUnavailable, headers: [.connection: "close"])
        : (error as? any ProblemError)?.problem
    if problem == nil, let error = error as? any ResponseError { return error.response() }
    return (problem ?? Problem(.internalServerError)).response(to: request, traceID: traceID)
}

/// Returns whether an error only means that a task was cancelled, this one or that of a request that it had sent.
private func isCancellation(_ error: any Error) -> Bool {
    error is CancellationError || (error as? any ClassifiedError)?.interruption == .cancelled
}

/// The text of a status: its code and its reason phrase.
extension HTTPResponse.Status {
    /// The code and the reason phrase; for a status created from a registered code alone, the phrase of RFC 9110 §15.
    package var text: String {
        let reason = reasonPhrase.isEmpty ? Self.reason(of: code) : reasonPhrase
        return reason.isEmpty ? String(code) : "\(code) \(reason)"
    }

    /// Returns the registered reason phrase of a code; empty for any other code.
    private static func reason(of code: Int) -> String {
        registered.first { $0.code == code }?.reasonPhrase ?? ""
    }

    private static let registered: [HTTPResponse.Status] = [
        .continue, .switchingProtocols, .earlyHints,
        .ok, .created, .accepted, .nonAuthoritativeInformation, .noContent, .resetContent,
        .partialContent,
        .multipleChoices, .movedPermanently, .found, .seeOther, .notModified, .temporaryRedirect,
        .permanentRedirect,
        .badRequest, .unauthorized, .init(code: 402, reasonPhrase: "Payment Required"), .forbidden,
        .notFound, .methodNotAllowed, .notAcceptable, .proxyAuthenticationRequired,
        .requestTimeout, .conflict, .gone, .lengthRequired, .preconditionFailed, .contentTooLarge,
        .uriTooLong, .unsupportedMediaType, .rangeNotSatisfiable, .expectationFailed,
        .misdirectedRequest, .unprocessableContent, .tooEarly, .upgradeRequired,
        .preconditionRequired, .tooManyRequests, .requestHeaderFieldsTooLarge,
        .unavailableForLegalReasons,
        .internalServerError, .notImplemented, .badGateway, .serviceUnavailable, .gatewayTimeout,
        .httpVersionNotSupported, .networkAuthenticationRequired,
    ]
}

/// An external event that ended an exchange, or tried to: caused neither by the handler nor by the response.
package enum Interruption: Hashable, Sendable {
    /// The peer disconnected before the exchange was complete.
    case peerDisconnected
    /// A timeout of this phase expired: `head`, `body`, `write`, `handler`, or a phase of the client.
    case timedOut(String)
    /// The server aborted the exchange at its shutdown.
    case aborted
    /// The caller of a client cancelled the request.
    case cancelled

    /// The interruption as a short identifier.
    package var name: String {
        switch self {
        case .peerDisconnected: "client_disconnected"
        case .timedOut: "timeout"
        case .aborted: "aborted"
        case .cancelled: "cancelled"
        }
    }
}

/// An error with a kind of low cardinality: suitable for the tag `error.type` and for metrics.
package protocol ClassifiedError: Error {
    /// The kind, as a short identifier.
    var kind: String { get }
    /// The external event that ended the exchange, if the error stands for one.
    var interruption: Interruption? { get }
}
