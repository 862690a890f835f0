/// A host and a port, as they stand in a URL or a `Host` field (RFC 3986 §3.2); nothing is decoded or checked.
struct Authority: Equatable {
    /// What the text of a host is, by its form (RFC 3986 §3.2.2).
    enum Form {
        case name, ipv4, ipv6
    }

    /// The host, without the brackets of an IPv6 address.
    let host: Substring
    let form: Form
    /// The port; nil if there is none, or none that a port can be.
    let port: UInt16?
    /// What stands before the `@`; nil if there is none.
    let userInfo: Substring?
    /// Host and port as they came.
    let hostAndPort: Substring

    /// Takes an authority apart.
    init(_ text: Substring) {
        let rest = Self.hostAndPort(of: text)
        hostAndPort = rest
        let start = rest.startIndex
        userInfo = start > text.startIndex ? text[..<text.utf8.index(before: start)] : nil
        var behind: Substring
        if rest.utf8.first == UInt8(ascii: "[") {
            let inner = rest[rest.utf8.index(after: start)...]
            let end = inner.utf8.firstIndex(of: UInt8(ascii: "]")) ?? inner.endIndex
            host = inner[..<end]
            behind = inner[end...].isEmpty ? inner[end...] : inner[inner.utf8.index(after: end)...]
            form = .ipv6
        } else {
            let end = rest.utf8.firstIndex(of: UInt8(ascii: ":")) ?? rest.endIndex
            host = rest[..<end]
            behind = rest[end...]
            form = IPAddress.isIPv4(host) ? .ipv4 : .name
        }
        guard behind.utf8.first == UInt8(ascii: ":") else {
            port = nil
            return
        }
        behind = behind.dropFirst()
        port = behind.utf8.first == UInt8(ascii: "+") ? nil : UInt16(behind)
    }

    /// Host and port as they came, without a look at either.
    static func hostAndPort(of text: Substring) -> Substring {
        // As bytes: walking over characters costs more than the rest of a span.
        guard let at = text.utf8.lastIndex(of: UInt8(ascii: "@")) else { return text }
        return text[text.utf8.index(after: at)...]
    }

    /// The same of bytes.
    static func hostAndPort(of bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard let at = bytes.lastIndex(of: UInt8(ascii: "@")) else { return bytes }
        return bytes[(at + 1)...]
    }

    /// The port that a scheme has if none is given (RFC 9110 §4.2); nil for schemes that are not HTTP's.
    static func port(ofScheme scheme: some StringProtocol) -> UInt16? {
        switch scheme.lowercased() {
        case "http": 80
        case "https": 443
        default: nil
        }
    }
}
