/// Why a response is refused, by cause; all are the peer's fault, and the connection closes after each.
package enum ResponseFault: Error, Hashable {
    /// The status line is not made of version, code and reason with one space between.
    case lineMalformed
    /// The line is longer than ``HTTP1Limits/maxStartLineBytes``.
    case lineTooLong
    /// The version is not `HTTP/` and two digits with a dot between (RFC 9112 §2.3).
    case versionMalformed
    /// A major version other than 1.
    case versionUnsupported
    /// The status is not three digits from 100 on (RFC 9110 §15).
    case statusInvalid
    /// More interim responses than ``HTTP1Limits/maxInterimResponses``.
    case tooManyInterims
    /// A switch of protocols that nobody asked for (RFC 9110 §7.8).
    case switchUnasked
    /// The fields are malformed, or too many.
    case field(FieldFault)
    /// The fields do not say for sure where the body ends.
    case framing(FramingFault)
    /// The body breaks its framing or its bound, or the connection ended within it.
    case body(BodyFault)
}

extension ResponseFault: CustomStringConvertible {
    /// The cause as a dotted name of few values.
    package var description: String {
        switch self {
        case .field(let fault): "field.\(fault.rawValue)"
        case .framing(let fault): "framing.\(fault.rawValue)"
        case .body(let fault): "body.\(fault)"
        case .lineMalformed: "lineMalformed"
        case .lineTooLong: "lineTooLong"
        case .versionMalformed: "versionMalformed"
        case .versionUnsupported: "versionUnsupported"
        case .statusInvalid: "statusInvalid"
        case .tooManyInterims: "tooManyInterims"
        case .switchUnasked: "switchUnasked"
        }
    }
}
