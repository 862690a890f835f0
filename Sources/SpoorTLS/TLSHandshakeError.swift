/// A failed TLS handshake: the cause, for code and metrics, and the detail, for people.
public struct TLSHandshakeError: Error, Hashable, Sendable {
    /// The cause of a failed handshake.
    public enum Cause: String, Hashable, Sendable, CaseIterable {
        /// The timeout has expired.
        case timedOut
        /// This side ended the handshake: graceful shutdown or a cancelled task.
        case interrupted
        /// The peer closed the connection.
        case peerClosed
        /// The connection failed; the detail is the system's error.
        case connectionBroken
        /// The peer sent plain HTTP.
        case plainHTTP
        /// The peer sent bytes that are not TLS, or violated the protocol.
        case malformed
        /// The peers have no TLS version in common.
        case version
        /// The peers have no cipher, curve or signature algorithm in common.
        case cipher
        /// The peer offers neither `http/1.1` nor `http/1.0`.
        case applicationProtocol
        /// A client certificate was required and the peer presented none.
        case certificateMissing
        /// The peer's certificate is not issued under a trusted root.
        case certificateUntrusted
        /// The peer's certificate has expired or is not yet valid.
        case certificateExpired
        /// The peer's certificate is for another host.
        case certificateNameMismatch
        /// The peer's certificate is invalid for another reason.
        case certificateInvalid
        /// The peer rejected the handshake with an alert, named in the detail: often it does not trust the
        /// certificate of this side.
        case rejectedByPeer
        /// OpenSSL itself failed.
        case library
    }

    /// The cause.
    public let cause: Cause
    /// The error text of OpenSSL or the system.
    public let detail: String

    /// Creates an error.
    public init(_ cause: Cause, detail: String = "") {
        self.cause = cause
        self.detail = detail
    }
}

extension TLSHandshakeError: CustomStringConvertible {
    /// The cause and the detail.
    public var description: String {
        detail.isEmpty ? "TLS: \(cause.rawValue)" : "TLS: \(cause.rawValue) (\(detail))"
    }
}
