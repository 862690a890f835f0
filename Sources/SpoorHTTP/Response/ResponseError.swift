public import HTTPTypes

/// An error that knows the response it should become; any other becomes a 500 without details.
public protocol ResponseError: Error {
    /// The response that the peer gets, if its head is not out yet; 500 if it is made without a status.
    func response() -> Response
}

/// The usual error of a handler: a status, and a message that the peer may read.
public struct HTTPError: ResponseError, CustomStringConvertible {
    /// The status of the response.
    public var status: HTTPResponse.Status
    /// The body of the response, as plain text; the status in words if nil.
    public var message: String?
    /// Headers of the response.
    public var headers: Headers
    /// The bound of ``RequestBody/collect(upTo:)`` that the body of the request exceeds; nil for any other error.
    package var maxExceededBodyBytes: Int?

    /// Makes an error to throw from a handler or a middleware.
    public init(
        _ status: HTTPResponse.Status, _ message: String? = nil, headers: Headers = Headers()
    ) {
        self.status = status
        self.message = message
        self.headers = headers
    }

    /// The response that the peer gets.
    public func response() -> Response {
        Response(status: status, headers: headers, text: (message ?? status.text) + "\n")
    }

    /// The status, and the message if there is one; a message that begins with the status stands alone.
    public var description: String {
        guard let message else { return status.text }
        return message.hasPrefix(status.text) ? message : "\(status.text): \(message)"
    }
}

/// The one place that turns a thrown error into a response.
package func response(for error: any Error) -> Response {
    // The client has left, or the server has no more time for the request: no fault of the handler's.
    if Task.isCancelled, isCancellation(error) {
        return HTTPError(.serviceUnavailable, headers: [.connection: "close"]).response()
    }
    if let error = error as? any ResponseError { return error.response() }
    return HTTPError(.internalServerError).response()
}

/// Whether an error says only that the task was cancelled, its own or that of a request that it had sent.
private func isCancellation(_ error: any Error) -> Bool {
    error is CancellationError || (error as? any ClassifiedError)?.interruption == .cancelled
}

/// A status as text: its code and its reason phrase.
extension HTTPResponse.Status {
    /// The code and the reason phrase; for a status made of a registered code alone, the phrase of RFC 9110 §15.
    package var text: String {
        let reason = reasonPhrase.isEmpty ? Self.reason(of: code) : reasonPhrase
        return reason.isEmpty ? String(code) : "\(code) \(reason)"
    }

    /// The reason phrase that is registered for a code; empty for any other.
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

/// What ended an exchange, or tried to, from outside of it: neither the handler's doing nor the answer's.
package enum Interruption: Hashable, Sendable {
    /// The other end has left before the exchange was over.
    case peerLeft
    /// A time-out has passed while waiting for this: `head`, `body`, `write`, `handler`, or a phase of the client.
    case timedOut(String)
    /// The server cut the exchange off when it was shut down.
    case aborted
    /// The caller of a client has given up.
    case cancelled

    /// The interruption in one word.
    package var name: String {
        switch self {
        case .peerLeft: "client_disconnected"
        case .timedOut: "timeout"
        case .aborted: "aborted"
        case .cancelled: "cancelled"
        }
    }
}

/// An error that knows its kind, in one word of which there are few: fit for the tag `error.type` and for metrics.
package protocol ClassifiedError: Error {
    /// The kind.
    var kind: String { get }
    /// What ended the exchange from outside, if that is what the error tells.
    var interruption: Interruption? { get }
}
