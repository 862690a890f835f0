import HTTPTypes
public import SpoorHTTP

/// What a server answers when a handler lets an error of the client pass: it was a gateway, and its upstream failed.
extension ClientError: ResponseError {
    /// The response of a server whose handler lets the error pass; it has no details of the request that failed.
    ///
    /// - 504 when a time limit expired (RFC 9110 §15.6.5).
    /// - 503 with `Retry-After` when the client has no room for the request, 503 when it has been shut down (§15.6.4).
    /// - 500 when the request could not be sent because of the program or its configuration.
    /// - 502 for every other failure of the upstream server or of the way to it (§15.6.3).
    public func response() -> Response {
        switch self {
        case .timedOut: HTTPError(.gatewayTimeout).response()
        case .tooManyWaiting:
            HTTPError(.serviceUnavailable, fields: [.retryAfter: "1"]).response()
        case .shutDown: HTTPError(.serviceUnavailable).response()
        case .urlInvalid, .schemeUnsupported, .requestInvalid, .bodyLengthMismatch, .noResponse,
            .tlsConfiguration, .cancelled, .uploadStopped, .requestBodyFailed:
            HTTPError(.internalServerError).response()
        case .resolve, .connect, .handshake, .connectionClosed, .connectionBroken, .protocolFault,
            .bodyTooLarge:
            HTTPError(.badGateway).response()
        }
    }
}
