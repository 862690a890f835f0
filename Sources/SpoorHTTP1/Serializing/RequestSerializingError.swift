package import SpoorHTTP

/// The reason why a request must not be sent; a fault of the caller.
package enum RequestSerializingError: Error, Equatable {
    /// The method is not a token.
    case methodInvalid
    /// The target has an invalid byte, or not the form that the method requires (RFC 9112 §3.2).
    case targetInvalid
    /// The authority, of the URL or of `Host`, is not a host with an optional port.
    case authorityInvalid
    /// More than one `Host` (RFC 9112 §3.2).
    case hostRepeated
    /// A header that must not be sent.
    case header(HeaderError)
    /// The length of the body is negative.
    case lengthNegative(Int)
    /// A TRACE request with a body (RFC 9110 §9.3.8).
    case traceWithBody
    /// The caller has set `Content-Length`.
    case contentLengthHeader
    /// The caller has set `Transfer-Encoding`.
    case transferEncodingHeader
    /// The caller has set `Keep-Alive`.
    case keepAliveHeader
    /// An option of `Connection` that is not supported.
    case connectionOption(String)
    /// `Upgrade` without `Connection: upgrade`, or the other way round (RFC 9110 §7.8).
    case upgradeIncomplete
    /// `Expect: 100-continue` without a body (RFC 9110 §10.1.1).
    case expectationWithoutBody
}

extension RequestSerializingError: CustomStringConvertible {
    /// A message that states what must not be sent, why, and what to do instead.
    package var description: String {
        switch self {
        case .methodInvalid: "the method is not a token (RFC 9110 §9.1)"
        case .targetInvalid:
            "the target is not a path with an optional query; CONNECT is not supported"
        case .authorityInvalid: "Host is not a host with an optional port (RFC 9110 §7.2)"
        case .hostRepeated: "there is more than one Host header (RFC 9112 §3.2)"
        case .header(let error): "\(error)"
        case .lengthNegative(let count):
            "the length of the body is \(count): it must not be negative; use nil if it is not known"
        case .traceWithBody: "a TRACE request must not have a body (RFC 9110 §9.3.8)"
        case .contentLengthHeader:
            "the client sets Content-Length automatically, from the body or from bodyLength: remove the header"
        case .transferEncodingHeader:
            "the client sets Transfer-Encoding automatically, for a body of unknown length: remove the header"
        case .keepAliveHeader:
            "Keep-Alive has no effect in HTTP/1.1: remove the header; ClientLimits.idleTimeout limits how long idle connections are kept"
        case .connectionOption(let option):
            "the client does not support the option \"\(option)\" of Connection: only close, keep-alive, and TE together with a TE header"
        case .upgradeIncomplete:
            "Upgrade and Connection: upgrade must be sent together (RFC 9110 §7.8)"
        case .expectationWithoutBody:
            "Expect: 100-continue requires a body (RFC 9110 §10.1.1): remove the header"
        }
    }
}
