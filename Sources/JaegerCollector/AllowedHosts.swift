import HTTPTypes
import SpoorHTTP
import SpoorMiddleware
import SpoorNetworking

/// Answers only requests whose `Host` is one of this machine's loopback names or is allowed by name.
///
/// Without this, any web page could read the traces: a name that the page's owner points at 127.0.0.1 (DNS rebinding)
/// makes the collector a part of the page's own site in the eyes of the browser. Others are refused with 403.
struct AllowedHosts: Middleware {
    private let names: Set<String>

    /// - Parameter names: Names that are allowed beside `localhost`, names below it, 127.0.0.0/8 and `::1`; without port,
    ///   in either case, IPv6 addresses with or without brackets. What is no host (``isHost(_:)``) is ignored.
    init(_ names: [String] = []) {
        self.names = Set(names.filter(Self.isHost).map(Self.normalized))
    }

    /// Whether a text is a name or a numeric address, without scheme, port and path, that a request may have in `Host`.
    static func isHost(_ text: String) -> Bool {
        if address(text) != nil { return true }
        let name = text.hasSuffix(".") ? text.dropLast() : text[...]
        return !name.isEmpty
            && name.utf8.allSatisfy { byte in
                isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                    || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
                    || byte == UInt8(ascii: ".")
            }
    }

    func intercept(_ exchange: Exchange, next: Next) async throws {
        // A request of HTTP/1.0 may have none; browsers always send one.
        if let authority = exchange.request.authority, !allows(authority) {
            throw HTTPError(
                .forbidden,
                "Host “\(authority)” is not allowed: this collector listens on loopback and answers to localhost and "
                    + "127.0.0.1; start it with --allow-host NAME to allow another name")
        }
        try await next(exchange)
    }

    /// Whether requests for a host, with or without a port, are answered.
    func allows(_ authority: String) -> Bool {
        guard let host = Self.host(of: authority) else { return false }
        let name = Self.normalized(host)
        return name == "localhost" || name.hasSuffix(".localhost") || names.contains(name)
            || Self.address(host)?.isLoopback == true
    }

    /// The host without the port; nil for what is no host.
    private static func host(of authority: String) -> String? {
        let end: String.Index
        if authority.hasPrefix("[") {
            guard let bracket = authority.firstIndex(of: "]") else { return nil }
            end = authority.index(after: bracket)
        } else {
            end = authority.firstIndex(of: ":") ?? authority.endIndex
        }
        let port = authority[end...]
        guard port.isEmpty || port.first == ":" && port.dropFirst().utf8.allSatisfy(isDigit)
        else { return nil }
        return authority[..<end].isEmpty ? nil : String(authority[..<end])
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    /// The address that is written in numbers, IPv6 with or without brackets; nil for a name.
    private static func address(_ host: String) -> SocketAddress? {
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        let literal = isBracketed ? String(host.dropFirst().dropLast()) : host
        return SocketAddress(host: literal, port: 0)
    }

    /// An address in the one form in which it is printed; a name in lower case, without the dot of the root.
    private static func normalized(_ host: String) -> String {
        if let address = address(host) { return address.host }
        let name = host.lowercased()
        return name.hasSuffix(".") ? String(name.dropLast()) : name
    }
}
