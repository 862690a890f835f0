internal import CSpoorOpenSSL
internal import Glibc

/// Reading certificates and keys, with errors that name the source and what is wrong with it.
extension PEMSource {
    /// The maximum size of a file; larger than any bundle of authorities, so that a larger file is a wrong path.
    private static let maxBytes = 16 << 20

    /// Returns all certificates, in order; other objects between them are skipped.
    func certificates() throws(TLSConfigurationError) -> [X509Certificate] {
        var found: [X509Certificate] = []
        try unsafe withBIO { (bio, _) throws(TLSConfigurationError) in
            while let certificate = unsafe PEM_read_bio_X509(bio, nil, rejectPassphrase, nil) {
                unsafe found.append(X509Certificate(adopting: certificate))
            }
            // pem(3): the end of the text is reported as the error that no further start line was found.
            guard ErrorQueue.lastReason == PEM_R_NO_START_LINE else {
                throw .certificateInvalid(description, reason: ErrorQueue.takeText())
            }
            ErrorQueue.clear()
        }
        guard !found.isEmpty else { throw .noCertificate(description) }
        return found
    }

    /// Returns the first private key.
    func privateKey() throws(TLSConfigurationError) -> PrivateKey {
        var found: PrivateKey?
        try unsafe withBIO { (bio, hasKeyLine) throws(TLSConfigurationError) in
            if let key = unsafe PEM_read_bio_PrivateKey(bio, nil, rejectPassphrase, nil) {
                unsafe found = PrivateKey(adopting: key)
                return
            }
            switch ErrorQueue.lastReason {
            case PEM_R_NO_START_LINE: throw .noPrivateKey(description)
            case PEM_R_BAD_PASSWORD_READ, PEM_R_PROBLEMS_GETTING_PASSWORD,
                PEM_R_BAD_DECRYPT:
                throw .privateKeyEncrypted(description)
            default:
                let reason = ErrorQueue.takeText()
                throw hasKeyLine()
                    ? .privateKeyInvalid(description, reason: reason) : .noPrivateKey(description)
            }
        }
        guard let found else { throw .noPrivateKey(description) }
        return found
    }

    /// The time stamp of the source's file; nil for memory and for a file that does not exist.
    var stamp: FileStamp? {
        guard case .file(let path) = self else { return nil }
        return FileStamp(of: path)
    }

    private func withBIO(
        _ read: (OpaquePointer, _ hasKeyLine: () -> Bool) throws(TLSConfigurationError) -> Void
    ) throws(TLSConfigurationError) {
        var bytes = try contents()
        // The bytes may be a key, so leave no copy of them in freed memory. Bytes that the caller passed in belong to
        // the caller.
        defer { if case .file = self { unsafe OPENSSL_cleanse(&bytes, bytes.count) } }
        ErrorQueue.clear()
        defer { ErrorQueue.clear() }
        // BIO_new_mem_buf(3) does not accept an empty text.
        guard !bytes.isEmpty else { return }
        try unsafe bytes.span.withUnsafeBytes { (memory) throws(TLSConfigurationError) in
            let made = unsafe BIO_new_mem_buf(memory.baseAddress, Int32(clamping: memory.count))
            guard let bio = unsafe made else { throw .library(ErrorQueue.takeText()) }
            defer { unsafe BIO_free_all(bio) }
            try unsafe read(bio) { bytes.contains("PRIVATE KEY-----".utf8) }
        }
    }

    private func contents() throws(TLSConfigurationError) -> [UInt8] {
        switch self {
        case .bytes(let bytes): return bytes
        case .file(let path):
            let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
            guard file >= 0 else { throw Self.unreadable(path) }
            defer { close(file) }
            var bytes = [UInt8](repeating: 0, count: 16 << 10)
            var count = 0
            defer { unsafe OPENSSL_cleanse(&bytes, bytes.count) }
            while true {
                let got = unsafe bytes.withUnsafeMutableBytes {
                    unsafe read(file, $0.baseAddress?.advanced(by: count), $0.count - count)
                }
                if got < 0, errno == EINTR { continue }
                guard got >= 0 else { throw Self.unreadable(path) }
                guard got > 0 else { return Array(bytes[..<count]) }
                count += got
                guard count < Self.maxBytes else {
                    throw .fileUnreadable(path, reason: "it has more than \(Self.maxBytes) bytes")
                }
                if count == bytes.count { bytes.append(contentsOf: repeatElement(0, count: count)) }
            }
        }
    }

    private static func unreadable(_ path: String) -> TLSConfigurationError {
        let reason = unsafe String(cString: strerror(errno))
        return .fileUnreadable(path, reason: reason)
    }
}

/// Rejects a request for the passphrase of an encrypted key; OpenSSL's default would be to prompt on the terminal.
private func rejectPassphrase(
    _: UnsafeMutablePointer<CChar>?, _: Int32, _: Int32, _: UnsafeMutableRawPointer?
) -> Int32 { -1 }

/// The owner of one of OpenSSL's private keys.
@safe final class PrivateKey: @unchecked Sendable {
    // Unchecked, because OpenSSL shares keys among threads and nothing here changes one; safe, because the object
    // lives as long as its owner.

    let pointer: OpaquePointer

    /// Takes ownership of a reference.
    init(adopting pointer: OpaquePointer) {
        unsafe self.pointer = unsafe pointer
    }

    deinit {
        unsafe EVP_PKEY_free(pointer)
    }
}

/// The attributes that show whether a file has changed: its inode number, size and times.
struct FileStamp: Hashable, Sendable {
    private let device: UInt64
    private let inode: UInt64
    private let size: Int64
    private let written: [Int]
    private let changed: [Int]

    /// Returns nil if there is no such file.
    init?(of path: String) {
        var found = Glibc.stat()
        guard unsafe stat(path, &found) == 0 else { return nil }
        device = UInt64(found.st_dev)
        inode = UInt64(found.st_ino)
        size = Int64(found.st_size)
        written = [found.st_mtim.tv_sec, found.st_mtim.tv_nsec]
        // The change time also covers a change of permissions and a file that was moved into place with an old
        // modification time.
        changed = [found.st_ctim.tv_sec, found.st_ctim.tv_nsec]
    }

    /// The time of the last change of the file or its attributes, in seconds since the Unix epoch.
    var changedAt: Int64 { Int64(changed[0]) }
}

/// An identity that was read and checked: a chain in order, and the key of its first certificate.
struct LoadedIdentity: Sendable {
    let chain: [X509Certificate]
    let key: PrivateKey
    let chainSource: PEMSource
    let keySource: PEMSource
    /// The names that it is presented for, in lower case.
    let serverNames: [String]

    init(_ identity: TLSIdentity) throws(TLSConfigurationError) {
        chainSource = identity.chain
        keySource = identity.key
        chain = try chainSource.certificates()
        key = try keySource.privateKey()
        for (certificate, next) in zip(chain, chain.dropFirst()) {
            guard next.hasIssued(certificate) else {
                throw .chainOutOfOrder(
                    chainSource.description, subject: certificate.subject, next: next.subject)
            }
        }
        guard unsafe X509_check_private_key(chain[0].pointer, key.pointer) == 1 else {
            ErrorQueue.clear()
            throw .keyMismatch(
                certificate: chainSource.description, privateKey: keySource.description)
        }
        serverNames = chain[0].alternativeNames().dns + identity.names.map { $0.lowercased() }
    }
}

/// The trust roots as they were read.
enum LoadedRoots: Sendable {
    /// The trust roots of the operating system, which OpenSSL loads itself.
    case system
    case certificates([X509Certificate], from: PEMSource)

    init(_ roots: TLSTrustRoots) throws(TLSConfigurationError) {
        switch roots.source {
        case .system: self = .system
        case .pem(let source): self = .certificates(try source.certificates(), from: source)
        }
    }
}
