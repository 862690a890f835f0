package import HTTPTypes

/// The reasons for which a request is rejected; all are faults of the client.
///
/// After any of them the start of the next request is unknown: the response contains `Connection: close` and the
/// connection is closed.
package enum RequestFault: Error, Hashable {
    /// The first line does not consist of three parts separated by single spaces, or does not end in CRLF.
    case lineMalformed
    /// The method is not a token (RFC 9110 §9.1).
    case methodInvalid
    /// The method is longer than any known one.
    case methodTooLong
    /// The target has an invalid byte: a blank, a control, `#`, or a byte that is not ASCII (RFC 9112 §3.2).
    case targetInvalid
    /// The target does not have the form that its method requires (RFC 9112 §3.2).
    case targetFormInvalid
    /// The line is longer than ``HTTP1Limits/maxStartLineBytes``.
    case lineTooLong
    /// The version is not `HTTP/` and two digits separated by a dot (RFC 9112 §2.3).
    case versionMalformed
    /// A major version other than 1.
    case versionUnsupported
    /// No `Host` in HTTP/1.1 (RFC 9112 §3.2).
    case hostMissing
    /// More than one `Host` (RFC 9112 §3.2).
    case hostRepeated
    /// A `Host` that is not a host with an optional port (RFC 9112 §3.2).
    case hostInvalid
    /// An `Expect` other than `100-continue` (RFC 9110 §10.1.1).
    case expectationUnknown
    /// The headers are malformed, or too many.
    case header(HeaderFault)
    /// The headers do not determine the end of the body.
    case framing(FramingFault)
    /// The framing of the body is invalid, or its limit exceeded.
    case body(BodyFault)

    /// The status of the response to the fault, which only this table defines; the connection is closed after each.
    package var status: HTTPResponse.Status {
        switch self {
        case .lineTooLong: .uriTooLong
        case .methodTooLong, .framing(.transferEncodingUnknown): .notImplemented
        case .versionUnsupported: .httpVersionNotSupported
        case .expectationUnknown: .expectationFailed
        case .header(.tooMany), .header(.tooLarge), .body(.trailer(.tooMany)),
            .body(.trailer(.tooLarge)):
            .requestHeaderFieldsTooLarge
        case .body(.tooLarge): .contentTooLarge
        default: .badRequest
        }
    }
}

extension RequestFault: CustomStringConvertible {
    /// The reason as a dotted name of low cardinality, suitable for counting rejections.
    package var description: String {
        switch self {
        case .header(let fault): "header.\(fault.rawValue)"
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
    /// The reason as a name of low cardinality.
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
