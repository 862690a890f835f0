internal import CSpoorOpenSSL

/// The client side of TLS, shared by all event loops: the trust roots and the client's identity.
package final class TLSClient: Sendable {
    let context: SecureContext
    /// The offered protocols in the format of RFC 7301 §3.1: each name preceded by its length.
    let protocols: [UInt8]
    private let sources: [PEMSource]
    private let stamps: [FileStamp?]

    /// Reads all files that the configuration names; blocks.
    package init(_ configuration: TLSClientConfiguration) throws(TLSConfigurationError) {
        var sources: [PEMSource] = []
        if let identity = configuration.identity { sources += [identity.chain, identity.key] }
        if case .pem(let source) = configuration.trustRoots.source { sources.append(source) }
        self.sources = sources
        // Taken before the files are read, so that the next check notices a change in between.
        stamps = sources.map(\.stamp)
        // Before the context, which costs more than to reject what cannot be read.
        let identity = try configuration.identity.map(LoadedIdentity.init)
        let roots =
            configuration.certificateVerification == .full
            ? try LoadedRoots(configuration.trustRoots) : nil
        context = try SecureContext(
            .client, versions: configuration.minimumVersion...configuration.maximumVersion)
        protocols = configuration.applicationProtocols.flatMap { name in
            [UInt8(clamping: name.utf8.count)] + Array(name.utf8.prefix(255))
        }
        if let identity { try context.use(identity) }
        guard let roots else { return }
        try context.trust(roots, as: .client)
        unsafe SSL_CTX_set_verify(context.pointer, SSL_VERIFY_PEER, nil)
    }

    /// Whether a file of the configuration has changed since it was read; costs one system call per file.
    ///
    /// Files of the system's trust roots are not checked.
    package var isOutdated: Bool { sources.map(\.stamp) != stamps }
}

/// The state that lets a client resume a connection: keys, and the server's certificate.
///
/// A session is resumed only by the client that created it, never by one with another identity or other trust roots.
@safe package final class TLSSession: @unchecked Sendable {
    // Unchecked, because OpenSSL shares sessions among threads; safe, because the object lives as long as its owner.

    let pointer: OpaquePointer
    /// The context of the client that created the session: its identity and trust roots.
    let context: SecureContext

    /// Takes ownership of a reference.
    init(adopting pointer: OpaquePointer, of context: SecureContext) {
        unsafe self.pointer = unsafe pointer
        self.context = context
    }

    deinit {
        unsafe SSL_SESSION_free(pointer)
    }
}
