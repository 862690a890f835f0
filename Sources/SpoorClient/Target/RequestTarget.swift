/// Where a request goes: the parts of an absolute `http` or `https` URL (RFC 9110 §4.2, RFC 3986 §3).
///
/// Small and strict: what is not plainly a URL is refused, not repaired.
struct RequestTarget: Hashable, Sendable {
    /// What connections are kept under: host in lower case, without brackets, port, and whether there is TLS.
    struct Host: Hashable, Sendable {
        let name: String
        let port: UInt16
        var isSecure = false
    }

    /// The host to connect to.
    let host: Host
    /// The host as the `Host` field has it: with brackets, and with the port unless it is the scheme's own.
    let authority: String
    /// What stands in the request line: path and query.
    let path: String

    /// Reads a URL; its fragment is left out, for it is not sent (RFC 9110 §4.2.5).
    init(_ url: String) throws(ClientError) {
        guard let scheme = url.firstRange(of: "://") else {
            throw .urlInvalid("it has no scheme")
        }
        let name = url[..<scheme.lowerBound].lowercased()
        guard name == "http" || name == "https" else { throw .schemeUnsupported(name) }
        let rest = url[scheme.upperBound...].utf8
        // RFC 3986 §2: what else there is must be percent-encoded.
        guard rest.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw .urlInvalid("it has bytes that must be percent-encoded")
        }
        let end = rest.firstIndex { "/?#".utf8.contains($0) } ?? rest.endIndex
        (host, authority) = try Self.host(
            of: Substring(rest[..<end]), isSecure: name == "https")
        let beforeFragment = Substring(rest[end...].prefix { $0 != UInt8(ascii: "#") })
        path = beforeFragment.hasPrefix("/") ? String(beforeFragment) : "/" + beforeFragment
    }

    private static func host(
        of text: Substring, isSecure: Bool
    ) throws(ClientError) -> (Host, authority: String) {
        // RFC 9110 §4.2.4: userinfo serves to disguise hosts.
        guard !text.contains("@") else { throw .urlInvalid("it has userinfo") }
        let isLiteral = text.hasPrefix("[")
        let nameEnd: Substring.Index
        if isLiteral {
            guard let bracket = text.firstIndex(of: "]") else {
                throw .urlInvalid("a bracket is missing")
            }
            nameEnd = text.index(after: bracket)
        } else {
            nameEnd = text.firstIndex(of: ":") ?? text.endIndex
        }
        let bracketed = text[..<nameEnd].lowercased()
        let name = isLiteral ? String(bracketed.dropFirst().dropLast()) : bracketed
        guard !name.isEmpty, name.utf8.allSatisfy(isLiteral ? isOfAddress : isOfName) else {
            throw .urlInvalid("it has no valid host")
        }
        let usual: UInt16 = isSecure ? 443 : 80
        let port = try port(in: text[nameEnd...], or: usual)
        let authority = port == usual ? bracketed : "\(bracketed):\(port)"
        return (Host(name: name, port: port, isSecure: isSecure), authority)
    }

    private static func port(
        in text: Substring, or usual: UInt16
    ) throws(ClientError) -> UInt16 {
        guard !text.isEmpty else { return usual }
        let digits = text.dropFirst()
        guard text.first == ":", digits.utf8.count <= 5, digits.utf8.allSatisfy(isDigit),
            let port = UInt16(digits), port > 0
        else { throw .urlInvalid("it has no valid port") }
        return port
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        byte &- 0x30 < 10
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        // Not `%`: names of the DNS are not percent-encoded, and nobody would decode it.
        isDigit(byte) || (byte | 0x20) &- 0x61 < 26 || "-._~".utf8.contains(byte)
    }

    private static func isOfAddress(_ byte: UInt8) -> Bool {
        isDigit(byte) || (byte | 0x20) &- 0x61 < 6 || ":.".utf8.contains(byte)
    }
}

extension HTTPClient {
    /// Why no request can be sent to a URL, as far as its text tells, nil if one can: for configurations,
    /// which are read long before.
    package static func refusal(ofURL text: String) -> ClientError? {
        do throws(ClientError) {
            _ = try RequestTarget(text)
            return nil
        } catch {
            return error
        }
    }
}

extension RequestTarget.Host: CustomStringConvertible {
    var description: String { name.contains(":") ? "[\(name)]:\(port)" : "\(name):\(port)" }
}
