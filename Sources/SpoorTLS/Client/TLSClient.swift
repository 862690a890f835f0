internal import CSpoorOpenSSL

/// A client's side of TLS, shared by all its loops: whom it trusts, and who it is.
package final class TLSClient: Sendable {
    let context: SecureContext
    /// What is offered, in the form of RFC 7301 §3.1: a length before each name.
    let protocols: [UInt8]
    private let sources: [PEMSource]
    private let stamps: [FileStamp?]

    /// Reads all that the configuration names; this blocks for files.
    package init(_ configuration: TLSClientConfiguration) throws(TLSConfigurationError) {
        var sources: [PEMSource] = []
        if let identity = configuration.identity { sources += [identity.chain, identity.key] }
        if case .pem(let source) = configuration.trustRoots.source { sources.append(source) }
        self.sources = sources
        // Before the files are read: what changes meanwhile is seen by the next look.
        stamps = sources.map(\.stamp)
        context = try SecureContext(
            .client, versions: configuration.minimumVersion...configuration.maximumVersion)
        protocols = configuration.applicationProtocols.flatMap { name in
            [UInt8(clamping: name.utf8.count)] + Array(name.utf8.prefix(255))
        }
        if let identity = configuration.identity { try context.use(LoadedIdentity(identity)) }
        guard !configuration.dangerouslyTrustsAnyServer else { return }
        try context.trust(LoadedRoots(configuration.trustRoots), as: .client)
        unsafe SSL_CTX_set_verify(context.pointer, SSL_VERIFY_PEER, nil)
    }

    /// Whether a file of the configuration is another than when it was read, by a system call a file; those of
    /// the system's roots are not looked at.
    package var isOutdated: Bool { sources.map(\.stamp) != stamps }
}

/// What a client keeps of a connection to resume it: keys, and the server's certificate.
///
/// Good for the client that made it: a client with another identity, or that trusts others, does not resume it.
@safe package final class TLSSession: @unchecked Sendable {
    // Unchecked, because OpenSSL shares sessions among threads; safe, because the object is there
    // as long as its owner.

    let pointer: OpaquePointer
    /// Who the client was, and whom it trusted.
    let context: SecureContext

    /// Takes over a reference.
    init(adopting pointer: OpaquePointer, of context: SecureContext) {
        unsafe self.pointer = unsafe pointer
        self.context = context
    }

    deinit {
        unsafe SSL_SESSION_free(pointer)
    }
}
