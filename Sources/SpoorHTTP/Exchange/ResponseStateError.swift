public import HTTPTypes

/// An error for a response that the handler used incorrectly.
public enum ResponseStateError: Error, Equatable {
    /// The head was already sent: a second response cannot be sent.
    case headAlreadySent
    /// The body has already ended.
    case bodyAlreadyComplete
    /// More bytes were written than announced.
    case bodyTooLong
    /// Fewer bytes were written than announced.
    case bodyTooShort
    /// Bytes were written for a response whose status does not allow a body: 204, 205 or 304 (RFC 9110 §6.4.1,
    /// §15.3.6).
    case bodyNotAllowed(HTTPResponse.Status)
    /// The length is negative, or the header `Content-Length` is not a decimal number.
    case bodyLengthInvalid
    /// The status is not an interim one, or is one that is sent automatically.
    case statusNotInterim
    /// The status is below 200, which a final response cannot have (RFC 9110 §15.2): the response was not sent.
    case statusNotFinal(HTTPResponse.Status)
}

extension ResponseStateError: CustomStringConvertible {
    /// A message that states what the handler did and how to correct it.
    public var description: String {
        switch self {
        case .headAlreadySent:
            "the head of a response has already been sent, and an exchange has one response: "
                + "send it once, or check response.isHeadSent first"
        case .bodyAlreadyComplete:
            "the response has already ended, so nothing can be written after it: write before "
                + "finish() or send(_:), and not in a task that continues after the handler has returned"
        case .bodyTooLong:
            "more bytes were written than start(bodyLength:) or Content-Length announced: announce "
                + "the exact length, or leave it out for a chunked body"
        case .bodyTooShort:
            "fewer bytes were written than start(bodyLength:) or Content-Length announced, so the "
                + "connection must close: announce the exact length, or leave it out for a chunked body"
        case .bodyNotAllowed(let status):
            "bytes were written, but a response with status \(status.code) has no body: write nothing, or set "
                + "another status"
        case .bodyLengthInvalid:
            "start(bodyLength:) or Content-Length announced a length that is negative or not a decimal "
                + "number: announce the exact length, or leave it out for a chunked body"
        case .statusNotFinal(let status):
            "the response was not sent, because its status \(status.code) is below 200 and cannot end an exchange: "
                + "send interim responses with sendInterim(_:headers:) and 101 with upgrade(to:), before a final one"
        case .statusNotInterim:
            "an interim response has a status from 102 to 199: send any other with send(_:), "
                + "101 with upgrade(to:); 100 is sent when the body is read"
        }
    }
}
