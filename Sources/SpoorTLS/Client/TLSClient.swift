internal import COpenSSL

/// A client's side of TLS, shared by all its loops: whom it trusts, and who it is.
package final class TLSClient: Sendable {
    let context: SecureContext
    /// What is offered, in the form of RFC 7301 §3.1: a length before each name.
    let protocols: [UInt8]

    /// Reads all that the configuration names; this blocks for files.
    package init(_ configuration: TLSClientConfiguration) throws(TLSConfigurationError) {
        context = try SecureContext(
            .client, versions: configuration.minimumVersion...configuration.maximumVersion)
        protocols = configuration.applicationProtocols.flatMap { name in
            [UInt8(clamping: name.utf8.count)] + Array(name.utf8.prefix(255))
        }
        if let identity = configuration.identity { try context.use(LoadedIdentity(identity)) }
        guard !configuration.dangerouslyTrustsAnyServer else { return }
        try context.trust(configuration.trustRoots, as: .client)
        unsafe SSL_CTX_set_verify(context.pointer, SSL_VERIFY_PEER, nil)
    }
}

/// What a client keeps of a connection to resume it: keys, and the server's certificate.
@safe package final class TLSSession: @unchecked Sendable {
    // Unchecked, because OpenSSL shares sessions among threads; safe, because the object is there
    // as long as its owner.

    let pointer: OpaquePointer

    /// Takes over a reference.
    init(adopting pointer: OpaquePointer) {
        unsafe self.pointer = unsafe pointer
    }

    deinit {
        unsafe SSL_SESSION_free(pointer)
    }
}
