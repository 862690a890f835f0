/// The authority of a URL or the value of a `Host` header, split at its delimiters (RFC 3986 §3.2).
///
/// Nothing is decoded or rejected here: the client validates what it connects to, the server what it accepts.
package struct Authority: Equatable, Sendable {
    /// The syntactic form of a host (RFC 3986 §3.2.2).
    package enum Form: Sendable {
        /// A registered name; it is not checked whether such a name can be registered.
        case name
        /// Dotted IPv4.
        case ipv4
        /// Text in brackets, or after an opening bracket without a closing one.
        case ipv6
    }

    /// The user information: the text before the last `@`; nil if there is none.
    package let userInfo: Substring?
    /// Host and port, unchanged.
    package let hostAndPort: Substring
    /// The host, without the brackets of an IPv6 address.
    package let host: Substring
    /// The syntactic form of the host.
    package let form: Form
    /// Whether an opening bracket has a closing one; true without brackets.
    package let isClosed: Bool
    /// The text after the host: empty, or in a valid authority the port after its colon.
    package let afterHost: Substring

    /// Splits an authority into its parts.
    package init(_ text: Substring) {
        let rest = Self.hostAndPort(of: text)
        hostAndPort = rest
        let start = rest.startIndex
        userInfo = start > text.startIndex ? text[..<text.utf8.index(before: start)] : nil
        guard rest.utf8.first == .leftBracket else {
            let end = rest.utf8.firstIndex(of: .colon) ?? rest.endIndex
            host = rest[..<end]
            afterHost = rest[end...]
            form = IPAddress(host.utf8)?.family == .ipv4 ? .ipv4 : .name
            isClosed = true
            return
        }
        let inner = rest[rest.utf8.index(after: start)...]
        let end = inner.utf8.firstIndex(of: .rightBracket)
        host = inner[..<(end ?? inner.endIndex)]
        afterHost = end.map { inner[inner.utf8.index(after: $0)...] } ?? inner[inner.endIndex...]
        form = .ipv6
        isClosed = end != nil
    }

    /// The port, 0…65535; nil if there is none, or if the text after the colon is not a port.
    package var port: UInt16? {
        let digits = afterHost.dropFirst()
        guard afterHost.utf8.first == .colon, digits.utf8.allSatisfy(\.isDigit) else { return nil }
        return UInt16(digits)
    }

    /// Returns host and port, without parsing either.
    package static func hostAndPort(of text: Substring) -> Substring {
        // On UTF-8 bytes: iterating over characters costs more than the rest of a span.
        guard let at = text.utf8.lastIndex(of: .at) else { return text }
        return text[text.utf8.index(after: at)...]
    }

    /// Returns the bytes of host and port, without parsing either.
    package static func hostAndPort(of bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard let at = bytes.lastIndex(of: .at) else { return bytes }
        return bytes[(at + 1)...]
    }

    /// Returns the default port of a scheme (RFC 9110 §4.2.1, §4.2.2); nil for schemes other than `http` and `https`.
    package static func defaultPort(ofScheme scheme: some StringProtocol) -> UInt16? {
        switch scheme.lowercased() {
        case "http": 80
        case "https": 443
        default: nil
        }
    }
}
