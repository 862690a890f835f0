import HTTPTypes
import SpoorHTTP
import SpoorMiddleware
import SpoorText

/// Allows only requests whose `Host` is one of this machine's loopback names or an allowed name.
///
/// Other requests are rejected with 403. Without this check any web page could read the traces by DNS rebinding: when
/// the host name of the page resolves to 127.0.0.1, the browser treats the collector as the same origin.
struct AllowedHosts: Middleware {
    private let names: Set<String>
    private let addresses: Set<IPAddress>

    /// - Parameter hosts: Names and addresses that are allowed in addition to `localhost`, its subdomains, 127.0.0.0/8
    ///   and `::1`; without port, case-insensitive, IPv6 addresses with or without brackets. Texts that are not a host
    ///   (``isHost(_:)``) are ignored.
    init(_ hosts: [String] = []) {
        addresses = Set(hosts.compactMap(Self.address))
        names = Set(hosts.filter(Self.isName).map { Self.normalized($0[...]) })
    }

    /// Returns whether a text is a name or a numeric address, without scheme, port and path, that is valid in `Host`.
    static func isHost(_ text: String) -> Bool { address(text) != nil || isName(text) }

    private static func isName(_ text: String) -> Bool {
        let name = text.hasSuffix(".") ? text.dropLast() : text[...]
        return address(text) == nil && !name.isEmpty
            && name.utf8.allSatisfy {
                $0.isDigit || $0.isLetter || $0 == .hyphen || $0 == .underscore || $0 == .dot
            }
    }

    func intercept(_ exchange: Exchange, next: Next) async throws {
        // A request of HTTP/1.0 may have no `Host`; browsers always send one.
        if let authority = exchange.request.authority, !allows(authority) {
            throw HTTPError(
                .forbidden,
                "Host “\(authority)” is not allowed: this collector listens on loopback and accepts only localhost and "
                    + "127.0.0.1; start it with --allow-host NAME to allow another name")
        }
        try await next(exchange)
    }

    /// Returns whether requests for a host, with or without a port, are allowed.
    func allows(_ authority: String) -> Bool {
        let parts = Authority(authority[...])
        guard parts.userInfo == nil, parts.isClosed, Self.isPort(parts.afterHost) else {
            return false
        }
        if let address = IPAddress(parts.host.utf8)?.unmapped {
            // Only IPv6 addresses may be in brackets (RFC 3986 §3.2.2).
            guard parts.form == .ipv4 || parts.host.utf8.contains(.colon) else { return false }
            return address.isLoopback || addresses.contains(address)
        }
        guard parts.form == .name else { return false }
        let name = Self.normalized(parts.host)
        return name == "localhost" || name.hasSuffix(".localhost") || names.contains(name)
    }

    /// Returns whether the text after a host is empty or a port, which may be empty (RFC 3986 §3.2.3).
    private static func isPort(_ text: Substring) -> Bool {
        text.isEmpty || text.utf8.first == .colon && text.utf8.dropFirst().allSatisfy(\.isDigit)
    }

    /// Returns a numeric address, IPv6 with or without brackets; nil for a name.
    private static func address(_ host: String) -> IPAddress? {
        guard host.utf8.first == .leftBracket else { return IPAddress(host)?.unmapped }
        let parts = Authority(host[...])
        guard parts.isClosed, parts.afterHost.isEmpty, parts.host.utf8.contains(.colon) else {
            return nil
        }
        return IPAddress(parts.host.utf8)?.unmapped
    }

    /// Returns a name in lower case, without a trailing dot.
    private static func normalized(_ name: Substring) -> String {
        (name.hasSuffix(".") ? name.dropLast() : name).lowercased()
    }
}
