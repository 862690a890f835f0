internal import CSpoorOpenSSL
internal import Glibc
internal import SpoorHTTP
internal import SpoorNetworking

/// The owner of an `SSL`, the OpenSSL state of one connection: its calls and their results.
@safe struct SecureConnection: ~Copyable {
    // Safe, because the pointer is valid as long as this owner, which alone holds it.

    /// The result of one call.
    enum Step {
        case bytes(Int)
        /// More bytes from the socket are needed.
        case wantsRead
        /// The peer has sent close-notify.
        case end
        case failed(Failure)
    }

    /// Why the connection can no longer be used.
    enum Failure {
        /// The socket failed; the stream has its error.
        case system
        /// The socket ended without close-notify from the peer.
        case truncated
        /// The peer or OpenSSL reported a protocol error: the number of the reason, and its text.
        case protocolError(Int32, String)
    }

    let pointer: OpaquePointer
    /// The context that the connection started in.
    private let context: SecureContext
    /// The object that its BIO refers to without owning it.
    private let bio: SocketBIO
    /// The object that the context's callbacks refer to without owning it.
    private let contexts: ServerContexts?

    /// Creates a connection over a socket.
    ///
    /// - Parameter contexts: The object that the callbacks of a server's context refer to.
    init(
        _ context: SecureContext, over bio: SocketBIO, of contexts: ServerContexts? = nil
    ) throws(TLSConfigurationError) {
        self.context = context
        self.bio = bio
        self.contexts = contexts
        unsafe pointer = try unsafe Self.make(context, over: bio)
    }

    private static func make(
        _ context: SecureContext, over bio: SocketBIO
    ) throws(TLSConfigurationError) -> OpaquePointer {
        ErrorQueue.clear()
        guard let made = unsafe SSL_new(context.pointer) else {
            throw .library(ErrorQueue.takeText())
        }
        guard unsafe bio.attach(to: made) else {
            unsafe SSL_free(made)
            throw .library(ErrorQueue.takeText())
        }
        return unsafe made
    }

    deinit {
        unsafe SSL_free(pointer)
    }

    // MARK: Roles

    func actAsServer() {
        unsafe SSL_set_accept_state(pointer)
    }

    /// Requests `host` by SNI and verifies that the certificate matches it.
    ///
    /// A session of another context is not resumed: the server would take this client for the one that created it,
    /// and would not be asked for a certificate that this client trusts (RFC 8446 §2.2).
    func actAsClient(
        to host: String, offering protocols: [UInt8], resuming session: TLSSession?
    ) throws(TLSConfigurationError) {
        ErrorQueue.clear()
        unsafe SSL_set_connect_state(pointer)
        let name = host.hasSuffix(".") ? String(host.dropLast()) : host
        let isAddress =
            unsafe X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(pointer), name) == 1
        if !isAddress {
            // RFC 6066 §3: an address is not a server name. RFC 9110 §4.3.4: the common name is not used either.
            unsafe SSL_set_hostflags(
                pointer,
                UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT))
            guard unsafe spoor_ssl_set_server_name(pointer, name) == 1,
                unsafe SSL_set1_host(pointer, name) == 1
            else { throw .library(ErrorQueue.takeText()) }
        }
        ErrorQueue.clear()
        // The only call that returns 0 for success.
        guard unsafe SSL_set_alpn_protos(pointer, protocols, UInt32(protocols.count)) == 0 else {
            throw .library(ErrorQueue.takeText())
        }
        guard let session, session.context === context else { return }
        unsafe SSL_set_session(pointer, session.pointer)
    }

    // MARK: Calls

    /// Continues the handshake; returns `.bytes(0)` when it is done.
    func handshake() -> Step {
        ErrorQueue.clear()
        let result = unsafe SSL_do_handshake(pointer)
        return result == 1 ? .bytes(0) : step(after: result)
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> Step {
        ErrorQueue.clear()
        var count = 0
        let result = unsafe SSL_read_ex(pointer, buffer.baseAddress, buffer.count, &count)
        return result == 1 ? .bytes(count) : step(after: result)
    }

    /// Returns whether there is something to read, without consuming it.
    func peek() -> Step {
        ErrorQueue.clear()
        var byte: UInt8 = 0
        var count = 0
        let result = unsafe SSL_peek_ex(pointer, &byte, 1, &count)
        return result == 1 ? .bytes(count) : step(after: result)
    }

    func write(_ bytes: UnsafeRawBufferPointer) -> Step {
        ErrorQueue.clear()
        var count = 0
        let result = unsafe SSL_write_ex(pointer, bytes.baseAddress, bytes.count, &count)
        return result == 1 ? .bytes(count) : step(after: result)
    }

    /// Sends close-notify.
    func sendCloseNotify() {
        ErrorQueue.clear()
        unsafe SSL_shutdown(pointer)
        ErrorQueue.clear()
    }

    /// Keeps the session resumable although no close-notify was exchanged; otherwise OpenSSL discards it with the
    /// connection.
    func keepSession() {
        unsafe SSL_set_shutdown(pointer, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN)
    }

    /// Whether OpenSSL holds unread bytes from the socket, possibly a part of a record.
    var hasPending: Bool { unsafe SSL_has_pending(pointer) == 1 }

    private func step(after result: Int32) -> Step {
        switch unsafe SSL_get_error(pointer, result) {
        case SSL_ERROR_WANT_READ: return .wantsRead
        case SSL_ERROR_ZERO_RETURN: return .end
        case SSL_ERROR_SSL:
            let reason = ErrorQueue.firstReason
            let text = ErrorQueue.takeText()
            return .failed(
                reason == SSL_R_UNEXPECTED_EOF_WHILE_READING
                    ? .truncated : .protocolError(reason, text))
        default: return .failed(.system)
        }
    }

    // MARK: Results of the handshake

    /// The result of the verification of the peer's certificate: `X509_V_OK`, or an error.
    var verification: (code: Int, text: String) {
        let code = unsafe SSL_get_verify_result(pointer)
        // A constant of the library.
        let text = unsafe X509_verify_cert_error_string(code).map { unsafe String(cString: $0) }
        return (code, text ?? "error \(code)")
    }

    /// The negotiated TLS parameters.
    var info: TLSInfo {
        let cipher = unsafe SSL_get_current_cipher(pointer)
        let certificate = unsafe SSL_get1_peer_certificate(pointer)
        let serverName = unsafe SSL_get_servername(pointer, TLSEXT_NAMETYPE_host_name)
        return unsafe TLSInfo(
            version: String(cString: SSL_get_version(pointer)),
            cipherSuite: SSL_CIPHER_standard_name(cipher).map { unsafe String(cString: $0) } ?? "",
            applicationProtocol: applicationProtocol,
            serverName: serverName.map { unsafe String(cString: $0).lowercased() },
            isResumed: SSL_session_reused(pointer) == 1,
            peerCertificate: certificate.map { unsafe X509Certificate(adopting: $0).value() })
    }

    private var applicationProtocol: String? {
        var bytes: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        unsafe SSL_get0_alpn_selected(pointer, &bytes, &count)
        guard count > 0 else { return nil }
        let name = unsafe UnsafeBufferPointer(start: bytes, count: Int(count))
        return unsafe String(decoding: name, as: UTF8.self)
    }

    /// The session for a later connection to resume; nil if the server has sent none, or not yet.
    var session: TLSSession? {
        guard let session = unsafe SSL_get1_session(pointer) else { return nil }
        let owned = unsafe TLSSession(adopting: session, of: context)
        return unsafe SSL_SESSION_is_resumable(session) == 1 ? owned : nil
    }
}

extension SecureConnection.Failure {
    /// Returns the error that server and client receive for the failed connection over a socket.
    func systemError(of bio: SocketBIO) -> SystemError {
        switch self {
        case .system: bio.failure ?? SystemError(code: EPROTO, call: "TLS")
        case .truncated:
            SystemError(
                code: ECONNRESET, call: "TLS",
                detail:
                    "the peer ended the connection without close_notify, so bytes may be missing")
        case .protocolError(_, let text): SystemError(code: EPROTO, call: "TLS (\(text))")
        }
    }
}
