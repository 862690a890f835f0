/// Host and port as they stand in a URL or a `Host` field, taken apart at their delimiters (RFC 3986 §3.2).
///
/// Nothing is decoded or refused here: what a client connects to and what a server accepts is judged by the caller.
package struct Authority: Equatable, Sendable {
    /// What the text of a host is, by its form (RFC 3986 §3.2.2).
    package enum Form: Sendable {
        /// A registered name, also one that nobody could register.
        case name
        /// Dotted IPv4.
        case ipv4
        /// Text in brackets, or after a bracket that is never closed.
        case ipv6
    }

    /// What stands before the last `@`; nil if there is none.
    package let userInfo: Substring?
    /// Host and port as they came.
    package let hostAndPort: Substring
    /// The host, without the brackets of an IPv6 address.
    package let host: Substring
    /// What the host is.
    package let form: Form
    /// Whether a bracket that opens is closed.
    package let isClosed: Bool
    /// What stands after the host: nothing, or the port after its colon in what is an authority.
    package let afterHost: Substring

    /// Takes an authority apart.
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

    /// The port, 0…65535; nil if there is none, or what stands there is no port.
    package var port: UInt16? {
        let digits = afterHost.dropFirst()
        guard afterHost.utf8.first == .colon, digits.utf8.allSatisfy(\.isDigit) else { return nil }
        return UInt16(digits)
    }

    /// Host and port as they came, without a look at either.
    package static func hostAndPort(of text: Substring) -> Substring {
        // As bytes: walking over characters costs more than the rest of a span.
        guard let at = text.utf8.lastIndex(of: .at) else { return text }
        return text[text.utf8.index(after: at)...]
    }

    /// Host and port of bytes as they came, without a look at either.
    package static func hostAndPort(of bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard let at = bytes.lastIndex(of: .at) else { return bytes }
        return bytes[(at + 1)...]
    }

    /// The port that a scheme has if none is given (RFC 9110 §4.2.1, §4.2.2); nil for schemes that are not HTTP's.
    package static func defaultPort(ofScheme scheme: some StringProtocol) -> UInt16? {
        switch scheme.lowercased() {
        case "http": 80
        case "https": 443
        default: nil
        }
    }
}
