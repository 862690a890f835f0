internal import CSpoorOpenSSL
internal import SpoorHTTP

/// The contexts of a server's identities, with the mapping from server names to contexts.
///
/// Immutable: a reload creates new contexts with new ticket keys, and a stream keeps the contexts that it started
/// with.
final class ServerContexts: Sendable {
    /// The configuration that the contexts were created from.
    let loaded: LoadedConfiguration
    private let contexts: [SecureContext]
    private let exact: [String: Int]
    /// `*.example.com` under `example.com`.
    private let wildcards: [String: Int]

    init(_ loaded: LoadedConfiguration) throws(TLSConfigurationError) {
        var contexts: [SecureContext] = []
        var (exact, wildcards) = ([String: Int](), [String: Int]())
        for identity in loaded.identities {
            contexts.append(try Self.context(of: identity, loaded))
            let index = contexts.count - 1
            for name in identity.serverNames {
                if name.hasPrefix("*.") {
                    let parent = String(name.dropFirst(2))
                    if wildcards[parent] == nil { wildcards[parent] = index }
                } else if exact[name] == nil {
                    exact[name] = index
                }
            }
        }
        self.loaded = loaded
        self.contexts = contexts
        self.exact = exact
        self.wildcards = wildcards
        // Connections start in the first context. It holds no reference to this object, but every `SecureConnection` does;
        // `deinit` protects a connection that does not.
        unsafe spoor_ctx_set_server_name_callback(
            contexts[0].pointer, chooseByName, Unmanaged.passUnretained(self).toOpaque())
    }

    deinit {
        unsafe spoor_ctx_set_server_name_callback(contexts[0].pointer, nil, nil)
    }

    private static func context(
        of identity: LoadedIdentity, _ loaded: LoadedConfiguration
    ) throws(TLSConfigurationError) -> SecureContext {
        let context = try SecureContext(.server, versions: loaded.minimumVersion ... .tls13)
        try context.use(identity)
        try context.bindSessions(to: "spoor")
        unsafe SSL_CTX_set_alpn_select_cb(context.pointer, chooseProtocol, nil)
        switch loaded.clientCertificates {
        case .none: break
        case .requested(let roots):
            try context.trust(roots, as: .server)
            unsafe SSL_CTX_set_verify(context.pointer, SSL_VERIFY_PEER, nil)
        case .required(let roots):
            try context.trust(roots, as: .server)
            unsafe SSL_CTX_set_verify(
                context.pointer, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
        }
        return context
    }

    /// The first certificate of each identity, as a value.
    var certificates: [TLSCertificate] { loaded.identities.map { $0.chain[0].value() } }

    /// The context that connections start in, and keep if no other matches.
    var initial: SecureContext { contexts[0] }

    /// Returns the context for `name`; nil if no identity has that name.
    func context(for name: String) -> SecureContext? {
        let name = name.lowercased()
        if let index = exact[name] { return contexts[index] }
        // RFC 9525 §6.3: the wildcard matches exactly one label.
        guard let dot = name.firstIndex(of: "."), dot > name.startIndex else { return nil }
        return wildcards[String(name[name.index(after: dot)...])].map { contexts[$0] }
    }
}

/// SSL_CTX_set_tlsext_servername_callback(3): switches the connection to the context of the requested name.
private func chooseByName(
    _ ssl: OpaquePointer?, _: UnsafeMutablePointer<Int32>?, _ argument: UnsafeMutableRawPointer?
) -> Int32 {
    guard let argument = unsafe argument,
        let text = unsafe SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name)
    else { return SSL_TLSEXT_ERR_NOACK }
    let contexts = unsafe Unmanaged<ServerContexts>.fromOpaque(argument).takeUnretainedValue()
    let name = unsafe String(cString: text)
    // RFC 6066 §3 leaves open how to treat an unknown name: the first identity is used, because the client verifies
    // the certificate anyway.
    guard let context = contexts.context(for: name) else { return SSL_TLSEXT_ERR_NOACK }
    unsafe SSL_set_SSL_CTX(ssl, context.pointer)
    return SSL_TLSEXT_ERR_OK
}

/// SSL_CTX_set_alpn_select_cb(3), RFC 7301 §3.2: selects `http/1.1`, else `http/1.0`, or nothing, which is a fatal
/// alert.
///
/// Both names stand for the supported protocol; curl offers only the older one with `--http1.0`. The callback is not
/// called for a client that offers no protocols.
private func chooseProtocol(
    _: OpaquePointer?, _ chosen: UnsafeMutablePointer<UnsafePointer<UInt8>?>?,
    _ chosenLength: UnsafeMutablePointer<UInt8>?, _ offered: UnsafePointer<UInt8>?,
    _ offeredLength: UInt32, _: UnsafeMutableRawPointer?
) -> Int32 {
    let list = unsafe UnsafeBufferPointer(start: offered, count: Int(offeredLength))
    for known in ["http/1.1", "http/1.0"] {
        var index = 0
        while index < list.count {
            let length = unsafe Int(list[index])
            let end = index + 1 + length
            guard end <= list.count else { break }
            if unsafe list[index + 1..<end].elementsEqual(known.utf8) {
                unsafe chosen?.pointee = unsafe offered?.advanced(by: index + 1)
                unsafe chosenLength?.pointee = UInt8(length)
                return SSL_TLSEXT_ERR_OK
            }
            index = end
        }
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL
}

/// The configuration of a server with the contents of its files, from which contexts are created again without reading
/// files.
struct LoadedConfiguration: Sendable {
    /// Whether clients present certificates, and the roots that these must be issued under.
    enum ClientCertificates {
        case none
        case requested(LoadedRoots)
        case required(LoadedRoots)
    }

    let identities: [LoadedIdentity]
    let clientCertificates: ClientCertificates
    let minimumVersion: TLSVersion

    /// Reads all files; blocks.
    init(_ configuration: TLSServerConfiguration) throws(TLSConfigurationError) {
        var identities: [LoadedIdentity] = []
        for source in configuration.identities { identities.append(try LoadedIdentity(source)) }
        guard !identities.isEmpty else { throw .noIdentity }
        self.identities = identities
        clientCertificates =
            switch configuration.clientCertificates {
            case .none: .none
            case .requested(let roots): .requested(try LoadedRoots(roots))
            case .required(let roots): .required(try LoadedRoots(roots))
            }
        minimumVersion = configuration.minimumVersion
    }
}
