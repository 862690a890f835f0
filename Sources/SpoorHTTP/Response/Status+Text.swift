package import HTTPTypes

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
