package import SpoorHTTP

/// Why a request must not be sent as it is; the caller's fault.
package enum RequestSerializingError: Error, Equatable {
    /// The method is no token.
    case methodInvalid
    /// The target has a byte that none may have, or not the form that the method asks for (RFC 9112 §3.2).
    case targetInvalid
    /// The authority, of the URL or of `Host`, is no host with an optional port.
    case authorityInvalid
    /// More than one `Host` (RFC 9112 §3.2).
    case hostRepeated
    /// A field that must not be sent.
    case field(HeaderError)
    /// The body's length is less than zero.
    case lengthNegative(Int)
    /// A TRACE request with a body (RFC 9110 §9.3.8).
    case traceWithBody
    /// A `Content-Length` that the caller has set.
    case contentLengthField
    /// A `Transfer-Encoding` that the caller has set.
    case transferEncodingField
    /// A `Keep-Alive` that the caller has set.
    case keepAliveField
    /// An option of `Connection` that is not heeded.
    case connectionOption(String)
    /// `Upgrade` without `Connection: upgrade`, or the other way round (RFC 9110 §7.8).
    case upgradeIncomplete
    /// `Expect: 100-continue` without a body (RFC 9110 §10.1.1).
    case expectationWithoutBody
}

extension RequestSerializingError: CustomStringConvertible {
    /// What must not be sent, why, and what to do instead.
    package var description: String {
        switch self {
        case .methodInvalid: "the method is not a token (RFC 9110 §9.1)"
        case .targetInvalid:
            "the target is not a path with an optional query; CONNECT is not supported"
        case .authorityInvalid: "Host is not a host with an optional port (RFC 9110 §7.2)"
        case .hostRepeated: "there is more than one Host field (RFC 9112 §3.2)"
        case .field(let error): "\(error)"
        case .lengthNegative(let count):
            "the length of the body is \(count): it must be zero or more, or nil if it is not known"
        case .traceWithBody: "a TRACE request must not have a body (RFC 9110 §9.3.8)"
        case .contentLengthField:
            "the client writes Content-Length by itself, from the body or from bodyLength: remove the field"
        case .transferEncodingField:
            "the client writes Transfer-Encoding by itself, for a body whose length is not announced: remove the field"
        case .keepAliveField:
            "Keep-Alive is of no effect in HTTP/1.1: remove the field; ClientLimits.idleTimeout says how long connections are kept"
        case .connectionOption(let option):
            "the client does not support the option \"\(option)\" of Connection: only close, keep-alive, and TE beside a TE field"
        case .upgradeIncomplete:
            "Upgrade and Connection: upgrade must be sent together (RFC 9110 §7.8)"
        case .expectationWithoutBody:
            "Expect: 100-continue needs a body that can wait (RFC 9110 §10.1.1): remove the field"
        }
    }
}
