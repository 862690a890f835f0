/// A handshake that failed: the cause, to count and to act upon, and the detail, to read.
public struct TLSHandshakeError: Error, Hashable, Sendable {
    /// Why it failed, by kinds that one would tell apart in a table.
    public enum Cause: String, Hashable, Sendable, CaseIterable {
        /// It took too long.
        case timedOut
        /// We ended it ourselves: a shutdown, a cancelled task.
        case interrupted
        /// The peer ended the connection.
        case peerClosed
        /// The connection broke; the detail is the system's error.
        case connectionBroken
        /// The peer sent plain HTTP.
        case plainHTTP
        /// The peer sent something that is not TLS, or broke its rules.
        case malformed
        /// No version of the protocol is common to both.
        case version
        /// No cipher, curve or signature algorithm is common to both.
        case cipher
        /// The peer offers neither `http/1.1` nor `http/1.0`.
        case applicationProtocol
        /// The peer was required to show a certificate and showed none.
        case certificateMissing
        /// The peer's certificate comes from none of the trusted roots.
        case certificateUntrusted
        /// The peer's certificate is no longer, or not yet, good.
        case certificateExpired
        /// The peer's certificate is for another host.
        case certificateNameMismatch
        /// The peer's certificate is bad in another way.
        case certificateInvalid
        /// The peer refused with an alert, named in the detail: often it does not trust our
        /// certificate.
        case refusedByPeer
        /// OpenSSL itself failed.
        case library
    }

    /// Why it failed.
    public let cause: Cause
    /// The same in words, by OpenSSL or the system.
    public let detail: String

    /// Describes a failure.
    public init(_ cause: Cause, detail: String = "") {
        self.cause = cause
        self.detail = detail
    }
}

extension TLSHandshakeError: CustomStringConvertible {
    /// Cause and detail.
    public var description: String {
        detail.isEmpty ? "TLS: \(cause.rawValue)" : "TLS: \(cause.rawValue) (\(detail))"
    }
}
