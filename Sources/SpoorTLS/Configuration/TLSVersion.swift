internal import CSpoorOpenSSL

/// A version of the protocol; older ones are broken and not spoken at all (RFC 8996).
public enum TLSVersion: Hashable, Sendable, Comparable {
    /// TLS 1.2 (RFC 5246), here only with ephemeral keys and authenticated ciphers.
    case tls12
    /// TLS 1.3 (RFC 8446).
    case tls13

    var code: Int32 {
        switch self {
        case .tls12: TLS1_2_VERSION
        case .tls13: TLS1_3_VERSION
        }
    }
}
