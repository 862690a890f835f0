import CSpoorOpenSSL
import SpoorHTTP
import Synchronization
import Testing

@testable import SpoorTLS

/// Creates a client's records one by one with the keys of its connection (RFC 8446 §5.2), for partial messages that
/// OpenSSL never writes.
///
/// The connection's own OpenSSL must not write at the same time, because it would use the same sequence numbers.
struct RecordScript {
    enum Content: UInt8 {
        case handshake = 22
        case applicationData = 23
    }

    private var secret: [UInt8]
    private var sequence: UInt64 = 0

    /// The client traffic secrets in hexadecimal digits, by connection.
    private static let secrets = Mutex<[UInt: String]>([:])

    /// Records the secrets of connections that this client creates from now on (SSL_CTX_set_keylog_callback(3)).
    static func listen(to client: TLSClient) {
        unsafe SSL_CTX_set_keylog_callback(client.context.pointer) { ssl, line in
            guard let line = unsafe line else { return }
            let words = unsafe String(cString: line).split(separator: " ")
            guard words.count == 3, words[0] == "CLIENT_TRAFFIC_SECRET_0" else { return }
            let key = UInt(bitPattern: ssl)
            RecordScript.secrets.withLock { $0[key] = String(words[2]) }
        }
    }

    /// Takes over the writing side of a connection whose handshake is done and that has written nothing yet.
    init(_ stream: TLSStream) throws {
        #expect(stream.info.cipherSuite == "TLS_AES_128_GCM_SHA256")
        let key = unsafe UInt(bitPattern: stream.connection.pointer)
        let text = try #require(Self.secrets.withLock { $0.removeValue(forKey: key) })
        secret = stride(from: 0, to: text.utf8.count, by: 2).compactMap { start in
            UInt8(text.dropFirst(start).prefix(2), radix: 16)
        }
        #expect(secret.count == 32)
    }

    /// Returns the next record, encrypted.
    mutating func record(_ type: Content, _ content: [UInt8]) throws -> [UInt8] {
        let length = UInt16(content.count + 17)
        let head = [23, 3, 3, UInt8(length >> 8), UInt8(truncatingIfNeeded: length)]
        var nonce = derived("iv", count: 12)
        for index in 0..<8 {
            nonce[4 + index] ^= UInt8(truncatingIfNeeded: sequence >> (56 - 8 * UInt64(index)))
        }
        sequence += 1
        let context = unsafe EVP_CIPHER_CTX_new()
        defer { unsafe EVP_CIPHER_CTX_free(context) }
        let inner = content + [type.rawValue]
        var sealed = [UInt8](repeating: 0, count: inner.count)
        var tag = [UInt8](repeating: 0, count: 16)
        var count: Int32 = 0
        let results = unsafe [
            EVP_EncryptInit_ex(
                context, EVP_aes_128_gcm(), nil, derived("key", count: 16), nonce),
            EVP_EncryptUpdate(context, nil, &count, head, Int32(head.count)),
            EVP_EncryptUpdate(context, &sealed, &count, inner, Int32(inner.count)),
            EVP_EncryptFinal_ex(context, &tag, &count),
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, &tag),
        ]
        try #require(results == [1, 1, 1, 1, 1])
        return head + sealed + tag
    }

    /// Switches to the next keys, as after a key update (RFC 8446 §7.2).
    mutating func updateKeys() {
        secret = derived("traffic upd", count: 32)
        sequence = 0
    }

    /// `HKDF-Expand-Label` without context (RFC 8446 §7.1), for which one step of the hash is sufficient.
    private func derived(_ label: String, count: Int) -> [UInt8] {
        let name = Array("tls13 \(label)".utf8)
        let info = [0, UInt8(count), UInt8(name.count)] + name + [0, 1]
        var output = [UInt8](repeating: 0, count: 32)
        var outputCount = 0
        _ = unsafe EVP_Q_mac(
            nil, "HMAC", nil, "SHA256", nil, secret, secret.count, info, info.count, &output,
            output.count, &outputCount)
        return Array(output.prefix(count))
    }
}
