internal import CSpoorOpenSSL

/// The owner of an `SSL_CTX`: one identity, the trust roots, and the protocol policy of all connections.
///
/// The policy is defined in this file only; weak algorithms are not on the lists.
@safe final class SecureContext: @unchecked Sendable {
    // Unchecked, because a context is set up by one thread before it is shared, and OpenSSL shares it after that;
    // safe, because the object lives as long as its owner.

    enum Role {
        case server, client
    }

    /// RFC 7525 §4.2 and RFC 9325 §4.2: forward secrecy and authenticated ciphers.
    private static let tls12Ciphers = """
        ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:\
        ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:\
        ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305
        """
    private static let tls13Ciphers = """
        TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256
        """
    private static let groups = "X25519:P-256:P-384"
    private static let signatureAlgorithms = """
        ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:ed25519:\
        RSA-PSS+SHA256:RSA-PSS+SHA384:RSA-PSS+SHA512:RSA+SHA256:RSA+SHA384:RSA+SHA512
        """
    /// 112 bits: RSA from 2048 bits, no SHA-1 (SSL_CTX_set_security_level(3)).
    private static let securityLevel: Int32 = 2
    /// The maximum number of cached sessions, for clients without tickets; clients with tickets keep their sessions
    /// themselves.
    private static let maxCachedSessions = 4096

    let pointer: OpaquePointer

    init(_ role: Role, versions: ClosedRange<TLSVersion>) throws(TLSConfigurationError) {
        ErrorQueue.clear()
        let method = unsafe role == .server ? TLS_server_method() : TLS_client_method()
        guard let made = unsafe SSL_CTX_new(method) else {
            throw .library(ErrorQueue.takeText())
        }
        unsafe pointer = unsafe made
        unsafe SSL_CTX_set_security_level(pointer, Self.securityLevel)
        unsafe spoor_ctx_set_options(pointer)
        unsafe spoor_ctx_set_modes(pointer)
        guard
            unsafe spoor_ctx_set_versions(
                pointer, versions.lowerBound.code, versions.upperBound.code) == 1,
            unsafe SSL_CTX_set_cipher_list(pointer, Self.tls12Ciphers) == 1,
            unsafe SSL_CTX_set_ciphersuites(pointer, Self.tls13Ciphers) == 1,
            unsafe spoor_ctx_set_groups(pointer, Self.groups) == 1,
            unsafe spoor_ctx_set_signature_algorithms(pointer, Self.signatureAlgorithms) == 1
        else { throw .library(ErrorQueue.takeText()) }
        let caching = role == .server ? SSL_SESS_CACHE_SERVER : SSL_SESS_CACHE_OFF
        unsafe spoor_ctx_set_session_cache(pointer, Int(caching), Self.maxCachedSessions)
    }

    deinit {
        unsafe SSL_CTX_free(pointer)
    }

    /// Sets the identity that is presented to the peer.
    func use(_ identity: LoadedIdentity) throws(TLSConfigurationError) {
        ErrorQueue.clear()
        guard unsafe SSL_CTX_use_certificate(pointer, identity.chain[0].pointer) == 1 else {
            throw .certificateInvalid(
                identity.chainSource.description, reason: ErrorQueue.takeText())
        }
        for certificate in identity.chain.dropFirst() {
            guard unsafe spoor_ctx_add_chain_certificate(pointer, certificate.pointer) == 1 else {
                throw .certificateInvalid(
                    identity.chainSource.description, reason: ErrorQueue.takeText())
            }
        }
        guard unsafe SSL_CTX_use_PrivateKey(pointer, identity.key.pointer) == 1 else {
            throw .privateKeyInvalid(identity.keySource.description, reason: ErrorQueue.takeText())
        }
    }

    /// Sets the trust roots; a server also sends their names to clients.
    func trust(_ roots: LoadedRoots, as role: Role) throws(TLSConfigurationError) {
        ErrorQueue.clear()
        switch roots {
        case .system:
            guard unsafe SSL_CTX_set_default_verify_paths(pointer) == 1 else {
                throw .library(ErrorQueue.takeText())
            }
        case .certificates(let certificates, let source):
            for certificate in certificates {
                let store = unsafe SSL_CTX_get_cert_store(pointer)
                guard unsafe X509_STORE_add_cert(store, certificate.pointer) == 1 else {
                    throw .certificateInvalid(
                        source.description, reason: ErrorQueue.takeText())
                }
                if role == .server { unsafe SSL_CTX_add_client_CA(pointer, certificate.pointer) }
            }
        }
    }

    /// Sets the session id context: without one OpenSSL resumes no session that has a client certificate
    /// (SSL_CTX_set_session_id_context(3)).
    func bindSessions(to name: StaticString) throws(TLSConfigurationError) {
        let isSet = unsafe SSL_CTX_set_session_id_context(
            pointer, name.utf8Start, UInt32(name.utf8CodeUnitCount))
        guard isSet == 1 else { throw .library(ErrorQueue.takeText()) }
    }
}
