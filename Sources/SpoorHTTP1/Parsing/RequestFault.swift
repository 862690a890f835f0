package import HTTPTypes

/// Why a request is refused, by cause; all are the peer's fault.
///
/// After any of them nobody knows where the next request starts: the response says so and the connection closes.
package enum RequestFault: Error, Hashable {
    /// The first line has not three parts with one space between them, or ends in something else than CRLF.
    case lineMalformed
    /// The method is no token (RFC 9110 §9.1).
    case methodInvalid
    /// The method is longer than any that could be known.
    case methodTooLong
    /// The target has a byte that none may have: a blank, a control, `#`, or what is not ASCII (RFC 9112 §3.2).
    case targetInvalid
    /// The target has not the form that its method asks for (RFC 9112 §3.2).
    case targetFormInvalid
    /// The line is longer than ``HTTP1Limits/maxStartLineBytes``.
    case lineTooLong
    /// The version is not `HTTP/` and two digits with a dot between (RFC 9112 §2.3).
    case versionMalformed
    /// A major version other than 1.
    case versionUnsupported
    /// No `Host` in HTTP/1.1 (RFC 9112 §3.2).
    case hostMissing
    /// More than one `Host` (RFC 9112 §3.2).
    case hostRepeated
    /// A `Host` that is no host with an optional port (RFC 9112 §3.2).
    case hostInvalid
    /// An `Expect` other than `100-continue` (RFC 9110 §10.1.1).
    case expectationUnknown
    /// The fields are malformed, or too many.
    case field(FieldFault)
    /// The fields do not say for sure where the body ends.
    case framing(FramingFault)
    /// The body breaks its framing or its bound.
    case body(BodyFault)

    /// The one place where a peer's fault becomes a status; the connection closes after each.
    package var status: HTTPResponse.Status {
        switch self {
        case .lineTooLong: .uriTooLong
        case .methodTooLong, .framing(.transferEncodingUnknown): .notImplemented
        case .versionUnsupported: .httpVersionNotSupported
        case .expectationUnknown: .expectationFailed
        case .field(.tooMany), .field(.tooLarge), .body(.trailer(.tooMany)),
            .body(.trailer(.tooLarge)):
            .requestHeaderFieldsTooLarge
        case .body(.tooLarge): .contentTooLarge
        default: .badRequest
        }
    }
}

extension RequestFault: CustomStringConvertible {
    /// The cause as a dotted name of few values, fit to count refusals by.
    package var description: String {
        switch self {
        case .field(let fault): "field.\(fault.rawValue)"
        case .framing(let fault): "framing.\(fault.rawValue)"
        case .body(let fault): "body.\(fault)"
        case .lineMalformed: "lineMalformed"
        case .methodInvalid: "methodInvalid"
        case .methodTooLong: "methodTooLong"
        case .targetInvalid: "targetInvalid"
        case .targetFormInvalid: "targetFormInvalid"
        case .lineTooLong: "lineTooLong"
        case .versionMalformed: "versionMalformed"
        case .versionUnsupported: "versionUnsupported"
        case .hostMissing: "hostMissing"
        case .hostRepeated: "hostRepeated"
        case .hostInvalid: "hostInvalid"
        case .expectationUnknown: "expectationUnknown"
        }
    }
}

extension BodyFault: CustomStringConvertible {
    /// The cause as a name of few values.
    package var description: String {
        switch self {
        case .tooLarge: "tooLarge"
        case .chunkSizeMalformed: "chunkSizeMalformed"
        case .chunkLineEndMalformed: "chunkLineEndMalformed"
        case .chunkDataEndMalformed: "chunkDataEndMalformed"
        case .chunkExtensionMalformed: "chunkExtensionMalformed"
        case .chunkExtensionsTooLarge: "chunkExtensionsTooLarge"
        case .trailer(let fault): "trailer.\(fault.rawValue)"
        case .incomplete: "incomplete"
        }
    }
}
