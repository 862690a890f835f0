/// The reasons for which a response is rejected; all are faults of the server, and the connection is closed after
/// each.
package enum ResponseFault: Error, Hashable {
    /// The status line does not consist of version, code and reason separated by single spaces.
    case lineMalformed
    /// The line is longer than ``HTTP1Limits/maxStartLineBytes``.
    case lineTooLong
    /// The version is not `HTTP/` and two digits separated by a dot (RFC 9112 §2.3).
    case versionMalformed
    /// A major version other than 1.
    case versionUnsupported
    /// The status is not a number of three digits from 100 (RFC 9110 §15).
    case statusInvalid
    /// More interim responses than ``HTTP1Limits/maxInterimResponses``.
    case tooManyInterims
    /// A switch of protocols that was not requested (RFC 9110 §7.8).
    case switchUnexpected
    /// The headers are malformed, or too many.
    case header(HeaderFault)
    /// The headers do not determine the end of the body.
    case framing(FramingFault)
    /// The framing of the body is invalid, its limit exceeded, or the connection was closed within it.
    case body(BodyFault)
}

extension ResponseFault: CustomStringConvertible {
    /// The reason as a dotted name of low cardinality.
    package var description: String {
        switch self {
        case .header(let fault): "header.\(fault.rawValue)"
        case .framing(let fault): "framing.\(fault.rawValue)"
        case .body(let fault): "body.\(fault)"
        case .lineMalformed: "lineMalformed"
        case .lineTooLong: "lineTooLong"
        case .versionMalformed: "versionMalformed"
        case .versionUnsupported: "versionUnsupported"
        case .statusInvalid: "statusInvalid"
        case .tooManyInterims: "tooManyInterims"
        case .switchUnexpected: "switchUnexpected"
        }
    }
}
