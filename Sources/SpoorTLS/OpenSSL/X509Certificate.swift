internal import CSpoorOpenSSL
internal import Glibc
internal import SpoorHTTP
internal import SpoorText

/// The owner of one of OpenSSL's certificates.
@safe final class X509Certificate: @unchecked Sendable {
    // Unchecked, because OpenSSL shares certificates among threads and nothing here changes one; safe, because the
    // object lives as long as its owner.

    let pointer: OpaquePointer

    /// Takes ownership of a reference.
    init(adopting pointer: OpaquePointer) {
        unsafe self.pointer = unsafe pointer
    }

    deinit {
        unsafe X509_free(pointer)
    }

    /// Returns whether this certificate has issued `other`, by the names and key usages of both.
    func hasIssued(_ other: X509Certificate) -> Bool {
        unsafe X509_check_issued(pointer, other.pointer) == X509_V_OK
    }

    /// The subject as text.
    var subject: String { unsafe Self.text(of: X509_get_subject_name(pointer)) }

    /// The certificate as a value.
    func value() -> TLSCertificate {
        let names = alternativeNames()
        let der = derBytes()
        return unsafe TLSCertificate(
            subject: subject, issuer: Self.text(of: X509_get_issuer_name(pointer)),
            serialNumber: serialNumber,
            notBefore: Self.seconds(of: X509_get0_notBefore(pointer)) ?? .min,
            notAfter: Self.seconds(of: X509_get0_notAfter(pointer)) ?? .min,
            dnsNames: names.dns, uris: names.uris, emailAddresses: names.emails,
            ipAddresses: names.addresses, fingerprint: Self.fingerprint(of: der), derBytes: der)
    }

    // MARK: Parts

    /// The alternative names of the subject.
    struct AlternativeNames {
        var dns: [String] = []
        var uris: [String] = []
        var emails: [String] = []
        var addresses: [String] = []
    }

    /// Returns the alternative names (RFC 5280 §4.2.1.6).
    ///
    /// A name with invalid bytes, above all NUL, is left out, because other software would read it as another name.
    func alternativeNames() -> AlternativeNames {
        var names = AlternativeNames()
        guard let list = unsafe X509_get_ext_d2i(pointer, NID_subject_alt_name, nil, nil) else {
            return names
        }
        let general = OpaquePointer(list)
        defer { unsafe spoor_general_names_free(general) }
        for index in 0..<(unsafe spoor_general_name_count(general)) {
            var bytes: UnsafePointer<UInt8>?
            var length: Int32 = 0
            let kind = unsafe spoor_general_name_at(general, index, &bytes, &length)
            guard kind >= 0, length > 0 else { continue }
            let content = unsafe Array(UnsafeBufferPointer(start: bytes, count: Int(length)))
            if kind == GEN_IPADD {
                names.addresses += IPAddress(octets: content).map { ["\($0)"] } ?? []
                continue
            }
            guard content.allSatisfy(\.isVisible) else { continue }
            let text = String(decoding: content, as: UTF8.self)
            switch kind {
            case GEN_DNS: names.dns.append(text.lowercased())
            case GEN_URI: names.uris.append(text)
            default: names.emails.append(text)
            }
        }
        return names
    }

    private var serialNumber: String {
        guard let number = unsafe ASN1_INTEGER_to_BN(X509_get0_serialNumber(pointer), nil) else {
            return ""
        }
        defer { unsafe BN_free(number) }
        guard let digits = unsafe BN_bn2hex(number) else { return "" }
        defer { unsafe CRYPTO_free(digits, nil, 0) }
        return unsafe String(cString: digits).lowercased()
    }

    private func derBytes() -> [UInt8] {
        let count = unsafe i2d_X509(pointer, nil)
        guard count > 0 else { return [] }
        return unsafe [UInt8](unsafeUninitializedCapacity: Int(count)) { buffer, filled in
            var place = buffer.baseAddress
            filled = unsafe Int(max(0, i2d_X509(pointer, &place)))
        }
    }

    private static func fingerprint(of bytes: [UInt8]) -> String {
        var digest = [UInt8](repeating: 0, count: 32)
        let isDone = unsafe EVP_Q_digest(
            nil, "SHA256", nil, bytes, bytes.count, &digest, nil)
        guard isDone == 1 else { return "" }
        let digits = Array("0123456789abcdef".utf8)
        let text = digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }

    private static func text(of name: OpaquePointer?) -> String {
        guard let name = unsafe name, let memory = unsafe BIO_new(BIO_s_mem()) else { return "" }
        defer { unsafe BIO_free_all(memory) }
        guard unsafe spoor_print_name(memory, name) >= 0 else { return "" }
        var bytes: UnsafeMutablePointer<CChar>?
        let count = unsafe spoor_bio_memory(memory, &bytes)
        let text = unsafe UnsafeRawBufferPointer(start: bytes, count: count)
        return unsafe String(decoding: text, as: UTF8.self)
    }

    private static func seconds(of time: UnsafePointer<ASN1_TIME>?) -> Int64? {
        var parts = unsafe tm()
        guard unsafe ASN1_TIME_to_tm(time, &parts) == 1 else { return nil }
        return unsafe Int64(timegm(&parts))
    }
}
