internal import CSpoorOpenSSL
package import SpoorHTTP
package import SpoorNetworking

/// The handshake of a TLS stream.
extension TLSStream {
    /// Performs the handshake; no other call is allowed before it has ended.
    ///
    /// On failure the peer has been sent an alert, where the protocol defines one.
    package func handshake(until deadline: MonotonicInstant) async throws(TLSHandshakeError) {
        loop.checkConfinement()
        while true {
            bio.beginReads()
            let step = connection.handshake()
            while isFlushBlocked {
                try check(await socket.waitWritable(until: deadline))
            }
            switch step {
            case .bytes:
                // The peer's first data may have arrived together with its last handshake message.
                state.apply(.handshakeCompleted(hasData: connection.hasPending))
                if case .failed(let error) = bio.output { fail(error, .writeFailed) }
                return
            case .wantsRead:
                if bio.hasReachedReadLimit { await loop.yieldTurn() }
                try check(await socket.waitReadable(until: deadline))
            case .end:
                throw TLSHandshakeError(.peerClosed)
            case .failed(let failure):
                throw error(of: failure)
            }
        }
    }

    /// Whether handshake messages wait for the socket; a failed write is found by the next step.
    private var isFlushBlocked: Bool { (try? bio.flush()) == false }

    private func check(_ outcome: WaitOutcome) throws(TLSHandshakeError) {
        switch outcome {
        case .ready: break
        case .timedOut: throw TLSHandshakeError(.timedOut)
        case .interrupted: throw TLSHandshakeError(.interrupted)
        case .busy: throw TLSHandshakeError(.library, detail: "\(SystemError.concurrentRead)")
        }
    }

    /// The negotiated TLS parameters.
    package var info: TLSInfo { connection.info }

    /// The session for a later connection to resume; nil if the server has sent none, or not yet.
    package var session: TLSSession? { connection.session }

    private func error(of failure: SecureConnection.Failure) -> TLSHandshakeError {
        switch failure {
        case .truncated: TLSHandshakeError(.peerClosed)
        case .system:
            if let failure = bio.failure {
                TLSHandshakeError(
                    failure.isPeerGone ? .peerClosed : .connectionBroken, detail: "\(failure)")
            } else {
                TLSHandshakeError(.peerClosed)
            }
        case .protocolError(SSL_R_CERTIFICATE_VERIFY_FAILED, _): certificateError
        case .protocolError(let reason, let text):
            TLSHandshakeError(Self.cause(of: reason), detail: text)
        }
    }

    private var certificateError: TLSHandshakeError {
        let verification = connection.verification
        let cause: TLSHandshakeError.Cause
        switch Int32(truncatingIfNeeded: verification.code) {
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
            X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
            X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_CERT_UNTRUSTED:
            cause = .certificateUntrusted
        case X509_V_ERR_CERT_HAS_EXPIRED, X509_V_ERR_CERT_NOT_YET_VALID:
            cause = .certificateExpired
        case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH:
            cause = .certificateNameMismatch
        default: cause = .certificateInvalid
        }
        return TLSHandshakeError(cause, detail: verification.text)
    }

    /// ssl.h: the reasons that stand for the peer's alerts.
    private static let alertReasons =
        Int32(SSL_AD_REASON_OFFSET)..<Int32(SSL_AD_REASON_OFFSET) + 256

    private static func cause(of reason: Int32) -> TLSHandshakeError.Cause {
        switch reason {
        case SSL_R_HTTP_REQUEST, SSL_R_HTTPS_PROXY_REQUEST: .plainHTTP
        case SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_VERSION_TOO_LOW, SSL_R_NO_PROTOCOLS_AVAILABLE,
            SSL_R_UNKNOWN_PROTOCOL, SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
            .version
        case SSL_R_NO_SHARED_CIPHER, SSL_R_NO_SUITABLE_KEY_SHARE,
            SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM, SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS,
            SSL_R_NO_SUITABLE_GROUPS:
            .cipher
        case SSL_R_NO_APPLICATION_PROTOCOL, SSL_R_TLSV1_ALERT_NO_APPLICATION_PROTOCOL:
            .applicationProtocol
        case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE: .certificateMissing
        case _ where alertReasons.contains(reason): .rejectedByPeer
        case Int32(ERR_R_MALLOC_FAILURE), Int32(ERR_R_INTERNAL_ERROR): .library
        default: .malformed
        }
    }
}
