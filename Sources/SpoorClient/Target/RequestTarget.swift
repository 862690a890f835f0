import SpoorText

/// The parts of an absolute `http` or `https` URL (RFC 9110 §4.2, RFC 3986 §3) that a request needs.
///
/// Every URL of the client and of the reporter's endpoints is parsed here. Unambiguous mistakes are corrected
/// (``encodedPath(_:)``); everything else that is not a URL is rejected.
struct RequestTarget: Hashable, Sendable {
    /// An origin, the key of pooled connections: host in lower case without brackets, port, and whether TLS is used.
    struct Host: Hashable, Sendable {
        /// A name, or an address as text with its zone (`fe80::1%eth0`).
        let name: String
        let port: UInt16
        var isSecure = false
    }

    /// The host to connect to.
    let host: Host
    /// The value of the `Host` header: the host, in brackets and without zone if it is an IPv6 address, and the port
    /// unless it is the scheme's default.
    let authority: String
    /// The request target: path and query.
    let path: String

    /// Parses a URL; its fragment is dropped, because it is never sent (RFC 9110 §4.2.5).
    ///
    /// - Throws: ``ClientError/urlInvalid(_:)`` or ``ClientError/schemeUnsupported(_:)``.
    init(_ url: String) throws(ClientError) {
        guard let parts = URLParts(url) else { throw .urlInvalid("it has no scheme") }
        let name = parts.scheme.lowercased()
        guard name == "http" || name == "https" else {
            guard Self.isScheme(name) else {
                throw .urlInvalid("the text before :// is not a scheme")
            }
            throw .schemeUnsupported(name)
        }
        (host, authority) = try Self.host(of: parts.authority, isSecure: name == "https")
        path = try Self.encodedPath(parts.pathAndQuery)
    }

    /// `scheme = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." )` (RFC 3986 §3.1), in lower case.
    private static func isScheme(_ name: String) -> Bool {
        guard let first = name.utf8.first, first.isLetter else { return false }
        return name.utf8.allSatisfy { $0.isDigit || $0.isLetter || "+-.".utf8.contains($0) }
    }
}

// MARK: - Authority

extension RequestTarget {
    private static func host(
        of parts: Authority, isSecure: Bool
    ) throws(ClientError) -> (Host, authority: String) {
        // RFC 9110 §4.2.4: userinfo is used to disguise hosts.
        guard parts.userInfo == nil else { throw .urlInvalid("it has userinfo") }
        guard parts.isClosed else { throw .urlInvalid("a bracket is missing") }
        let usual: UInt16 = isSecure ? 443 : 80
        let port = try port(in: parts.afterHost, or: usual)
        let name: String
        let shown: String
        if parts.form == .ipv6 {
            let (address, zone) = try address(in: parts.host)
            name = zone.map { "\(address)%\($0)" } ?? address
            shown = "[\(address)]"
        } else {
            name = try registeredName(parts.host)
            shown = name
        }
        let authority = port == usual ? shown : "\(shown):\(port)"
        return (Host(name: name, port: port, isSecure: isSecure), authority)
    }

    private static func registeredName(_ text: Substring) throws(ClientError) -> String {
        guard text.utf8.allSatisfy({ $0 < 0x80 }) else {
            throw .urlInvalid(
                "its host is not ASCII: an internationalized name is written as xn--… (RFC 5891)")
        }
        // Not `%`: DNS names are not percent-encoded, and no resolver would decode it.
        let isName = text.utf8.allSatisfy {
            $0.isDigit || $0.isLetter || "-._~".utf8.contains($0)
        }
        guard isName, !text.isEmpty else { throw .urlInvalid("it has no valid host") }
        return text.lowercased()
    }

    /// Parses an IPv6 address and its zone: `fe80::1%25eth0` (RFC 6874 §2).
    ///
    /// The zone is only for this machine: it selects the interface and is never sent (RFC 6874 §4). Interface names
    /// are case-sensitive.
    private static func address(
        in text: Substring
    ) throws(ClientError) -> (String, zone: String?) {
        let end = text.utf8.firstIndex(of: UInt8(ascii: "%")) ?? text.endIndex
        let address = text[..<end].lowercased()
        guard IPAddress(address)?.family == .ipv6 else { throw .urlInvalid("it has no valid host") }
        guard end < text.endIndex else { return (address, nil) }
        guard text[end...].hasPrefix("%25"),
            let zone = zone(in: text[end...].dropFirst(3)), !zone.isEmpty
        else {
            throw .urlInvalid("a zone is written as %25 and its name, as in [fe80::1%25eth0]")
        }
        return (address, zone)
    }

    /// Returns the decoded `ZoneID = 1*( unreserved / pct-encoded )` (RFC 6874 §2); nil if it is malformed.
    private static func zone(in text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%") {
                guard let value = PercentEncoding.hexPair(rest), value.isVisible else {
                    return nil
                }
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                let isUnreserved =
                    byte.isDigit || byte.isLetter || "-._~".utf8.contains(byte)
                guard isUnreserved else { return nil }
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Returns the port after the host; the scheme's default also if only the colon is written (RFC 3986 §3.2.3).
    private static func port(
        in text: Substring, or usual: UInt16
    ) throws(ClientError) -> UInt16 {
        guard !text.isEmpty else { return usual }
        let digits = text.dropFirst()
        guard text.utf8.first == UInt8(ascii: ":"), digits.utf8.count <= 5,
            digits.utf8.allSatisfy(\.isDigit)
        else {
            throw .urlInvalid("it has no valid port")
        }
        guard !digits.isEmpty else { return usual }
        guard let port = UInt16(digits), port > 0 else {
            throw .urlInvalid("it has no valid port")
        }
        return port
    }
}

// MARK: - Path and query

extension RequestTarget {
    /// How a byte of a path or query is handled (RFC 3986 §3.3, §3.4).
    private enum Treatment {
        /// Sent as it is.
        case plain
        /// Begins an escape, or is an error.
        case escape
        /// Has no meaning in a URL and can only stand for itself, so it is percent-encoded.
        case encoded
        /// Rejected: blanks and control bytes would break the request line, and non-ASCII text has no unique
        /// encoding.
        case rejected

        init(_ byte: UInt8) {
            switch byte {
            case .percent: self = .escape
            case UInt8(ascii: "\""), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "["),
                UInt8(ascii: "\\"), UInt8(ascii: "]"), UInt8(ascii: "^"), UInt8(ascii: "`"),
                UInt8(ascii: "{"), UInt8(ascii: "|"), UInt8(ascii: "}"):
                self = .encoded
            default: self = byte.isVisible ? .plain : .rejected
            }
        }
    }

    /// Returns the path and query as they are sent, with a leading slash.
    ///
    /// Valid escapes are kept, so that nothing is encoded twice. ``"<>[\]^`{|}``, which RFC 3986 allows in neither,
    /// are percent-encoded. A `%` without two hexadecimal digits after it is rejected: it may be a broken escape or a
    /// percent sign that should have been encoded.
    private static func encodedPath(_ sent: Substring) throws(ClientError) -> String {
        var encodedCount = 0
        var rest = sent.utf8[...]
        while let byte = rest.popFirst() {
            switch Treatment(byte) {
            case .plain: break
            case .encoded: encodedCount += 1
            case .escape:
                guard PercentEncoding.hexPair(rest) != nil else {
                    throw .urlInvalid("a % in its path or query is not followed by two hex digits")
                }
            case .rejected:
                let hex = encoded(byte).dropFirst()
                throw .urlInvalid(
                    "the byte 0x\(hex) in its path or query must be percent-encoded, as %\(hex)")
            }
        }
        let slash = sent.utf8.first == .slash ? "" : "/"
        guard encodedCount > 0 else { return slash + sent }
        var path: [UInt8] = Array(slash.utf8)
        path.reserveCapacity(sent.utf8.count + 2 * encodedCount + 1)
        for byte in sent.utf8 {
            if case .encoded = Treatment(byte) {
                PercentEncoding.append(encoded: byte, to: &path)
            } else {
                path.append(byte)
            }
        }
        return String(decoding: path, as: UTF8.self)
    }

    private static func encoded(_ byte: UInt8) -> String {
        var bytes: [UInt8] = []
        PercentEncoding.append(encoded: byte, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension RequestTarget.Host {
    /// The name that the server's certificate must contain: the host without its zone (RFC 6874 §4).
    var certificateName: String {
        guard let zone = name.utf8.firstIndex(of: UInt8(ascii: "%")) else { return name }
        return String(name[..<zone])
    }
}

extension RequestTarget.Host: CustomStringConvertible {
    var description: String { name.contains(":") ? "[\(name)]:\(port)" : "\(name):\(port)" }

    /// The origin as a URL without a path: `https://127.0.0.1:8443`.
    var origin: String { "\(isSecure ? "https" : "http")://\(self)" }
}
