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
    ///   in either case.
    init(_ names: [String] = []) {
        self.names = Set(names.map(Self.normalized))
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
        let literal = name.hasPrefix("[") ? String(name.dropFirst().dropLast()) : name
        return name == "localhost" || name.hasSuffix(".localhost") || names.contains(literal)
            || SocketAddress(host: literal, port: 0)?.isLoopback == true
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

    /// In lower case, without the dot of the root.
    private static func normalized(_ host: String) -> String {
        let name = host.lowercased()
        return name.hasSuffix(".") ? String(name.dropLast()) : name
    }
}
