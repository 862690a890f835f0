internal import CSpoorOpenSSL
internal import SpoorHTTP

/// The contexts of a server's identities, and which of them is for which name.
///
/// Immutable: a reload makes others, with other keys for the tickets, and a stream keeps those it
/// began with.
final class ServerContexts: Sendable {
    /// What they were made of.
    let material: ServerMaterial
    private let contexts: [SecureContext]
    private let exact: [String: Int]
    /// `*.example.com` under `example.com`.
    private let wildcards: [String: Int]

    init(_ material: ServerMaterial) throws(TLSConfigurationError) {
        var contexts: [SecureContext] = []
        var (exact, wildcards) = ([String: Int](), [String: Int]())
        for identity in material.identities {
            contexts.append(try Self.context(of: identity, material))
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
        self.material = material
        self.contexts = contexts
        self.exact = exact
        self.wildcards = wildcards
        // Connections begin in the first context. It does not own us, but every `SecureConnection` does; the deinitialiser is for
        // one that would not.
        unsafe spoor_ctx_set_server_name_callback(
            contexts[0].pointer, chooseByName, Unmanaged.passUnretained(self).toOpaque())
    }

    deinit {
        unsafe spoor_ctx_set_server_name_callback(contexts[0].pointer, nil, nil)
    }

    private static func context(
        of identity: LoadedIdentity, _ material: ServerMaterial
    ) throws(TLSConfigurationError) -> SecureContext {
        let context = try SecureContext(.server, versions: material.minimumVersion ... .tls13)
        try context.use(identity)
        try context.bindSessions(to: "spoor")
        unsafe SSL_CTX_set_alpn_select_cb(context.pointer, chooseProtocol, nil)
        switch material.clientCertificates {
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
    var certificates: [TLSCertificate] { material.identities.map { $0.chain[0].value() } }

    /// Where connections begin, and stay if nothing fits better.
    var initial: SecureContext { contexts[0] }

    /// What is shown to a client that asks for `name`; nil if nothing is for that name.
    func context(for name: String) -> SecureContext? {
        let name = name.lowercased()
        if let index = exact[name] { return contexts[index] }
        // RFC 9525 §6.3: the wildcard stands for exactly one label.
        guard let dot = name.firstIndex(of: "."), dot > name.startIndex else { return nil }
        return wildcards[String(name[name.index(after: dot)...])].map { contexts[$0] }
    }
}

/// SSL_CTX_set_tlsext_servername_callback(3): moves the connection to the context of its name.
private func chooseByName(
    _ ssl: OpaquePointer?, _: UnsafeMutablePointer<Int32>?, _ argument: UnsafeMutableRawPointer?
) -> Int32 {
    guard let argument = unsafe argument,
        let text = unsafe SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name)
    else { return SSL_TLSEXT_ERR_NOACK }
    let contexts = unsafe Unmanaged<ServerContexts>.fromOpaque(argument).takeUnretainedValue()
    let name = unsafe String(cString: text)
    // RFC 6066 §3 leaves it to us what an unknown name gets: the first identity, for the client
    // judges the certificate anyhow.
    guard let context = contexts.context(for: name) else { return SSL_TLSEXT_ERR_NOACK }
    unsafe SSL_set_SSL_CTX(ssl, context.pointer)
    return SSL_TLSEXT_ERR_OK
}

/// SSL_CTX_set_alpn_select_cb(3), RFC 7301 §3.2: chooses `http/1.1`, else `http/1.0`, or nothing at all, which is
/// a fatal alert.
///
/// Both name the protocol that is spoken here, and curl offers only the older name with `--http1.0`. A client that
/// offers nothing gets no question.
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

/// All that a server's configuration names, as it was read once: enough to make contexts again
/// without its files.
struct ServerMaterial: Sendable {
    /// Whether clients show certificates, and from whom these must come.
    enum ClientCertificates {
        case none
        case requested(LoadedRoots)
        case required(LoadedRoots)
    }

    let identities: [LoadedIdentity]
    let clientCertificates: ClientCertificates
    let minimumVersion: TLSVersion

    /// Reads everything; this blocks for files.
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
