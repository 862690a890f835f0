import HTTPTypes
import SpoorHTTP
import SpoorText

/// The origin of a request as reported by trusted proxies: client, host and scheme.
///
/// It is read from `X-Forwarded-For`, `-Host` and `-Proto`, or from `Forwarded` (RFC 7239), as selected by
/// ``ProxyHeaders``. Both are lists to which each proxy appends an element, so they are read from the end: the client
/// is the last element that is not itself a trusted proxy. Elements before it may be forged by the client.
struct ForwardedOrigin: Equatable {
    /// The client as seen by the proxy next to it: an address without port, or an obfuscated name (RFC 7239 §6.3).
    var client: String?
    /// The host that the client requested, with an optional port.
    var host: String?
    /// The scheme of the client's request, in lower case.
    var scheme: String?

    /// The maximum number of proxies that are followed.
    private static let maxHops = 32

    /// Reads the headers of a request; nil if the peer is not a trusted proxy, or sent none of the headers.
    init?(_ exchange: Exchange, trusted: [PeerNetwork], by wanted: ProxyHeaders) {
        guard !trusted.isEmpty, trusted.contains(where: { $0.contains(exchange.connection.peer) })
        else { return nil }
        self.init(exchange.request.headers, trusted: trusted, by: wanted)
    }

    init?(_ headers: Headers, trusted: [PeerNetwork], by wanted: ProxyHeaders) {
        if wanted != .forwarded, let text = headers[.xForwardedFor] {
            let clients = Self.elements(text)
            let hosts = Self.elements(headers[.xForwardedHost] ?? "")
            let schemes = Self.elements(headers[.xForwardedProto] ?? "")
            self.init(
                hops: clients.enumerated().suffix(Self.maxHops).map { index, client in
                    // The lists grow at the end, but not always together.
                    let back = clients.count - index
                    return [
                        "for": client, "host": Self.element(hosts, back),
                        "proto": Self.element(schemes, back),
                    ].compactMapValues { $0 }
                }, trusted: trusted)
        } else if wanted != .xForwarded, let text = headers[.forwarded] {
            self.init(hops: Self.hops(forwarded: text), trusted: trusted)
        } else {
            return nil
        }
    }

    private init?(hops: [[String: String]], trusted: [PeerNetwork]) {
        var chosen: [String: String]?
        for hop in hops.reversed() {
            chosen = hop
            guard let address = hop["for"].flatMap(Self.address),
                let ip = IPAddress(ofPeer: address), trusted.contains(where: { $0.contains(ip) })
            else { break }
        }
        guard let chosen else { return nil }
        client = chosen["for"].flatMap(Self.address)
        host = chosen["host"]
        scheme = chosen["proto"]?.lowercased()
    }

    /// Returns the element at a distance from the end, or the first if there are fewer.
    private static func element(_ elements: [String], _ back: Int) -> String? {
        elements.isEmpty ? nil : elements[max(0, elements.count - back)]
    }

    private static func elements(_ text: String) -> [String] {
        split(text, at: UInt8(ascii: ","))
    }

    /// Returns the pairs of each element (RFC 7239 §4), with their names in lower case.
    private static func hops(forwarded text: String) -> [[String: String]] {
        elements(text).suffix(maxHops).map { element in
            var pairs: [String: String] = [:]
            for pair in split(element, at: UInt8(ascii: ";")) {
                let parts = pair.split(separator: "=", maxSplits: 1)
                guard parts.count == 2 else { continue }
                pairs[parts[0].lowercased()] = unquoted(parts[1])
            }
            return pairs
        }
    }

    /// Splits a list at separators outside of quotes and removes blanks around the parts; empty parts are dropped.
    private static func split(_ text: String, at separator: UInt8) -> [String] {
        var parts: [[UInt8]] = [[]]
        var isQuoted = false
        var isEscaped = false
        for byte in text.utf8 {
            if byte == separator, !isQuoted {
                parts.append([])
                continue
            }
            if byte == UInt8(ascii: "\""), !isEscaped { isQuoted.toggle() }
            isEscaped = isQuoted && byte == UInt8(ascii: "\\") && !isEscaped
            parts[parts.count - 1].append(byte)
        }
        return parts.map { String(decoding: $0.trimmingBlanks, as: UTF8.self) }.filter {
            !$0.isEmpty
        }
    }

    /// Returns the value of a quoted string (RFC 9110 §5.6.4), or the token unchanged.
    private static func unquoted(_ text: Substring) -> String {
        guard text.utf8.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") else {
            return String(text)
        }
        var value: [UInt8] = []
        var isEscaped = false
        for byte in text.utf8.dropFirst().dropLast() {
            if byte == UInt8(ascii: "\\"), !isEscaped {
                isEscaped = true
                continue
            }
            isEscaped = false
            value.append(byte)
        }
        return String(decoding: value, as: UTF8.self)
    }

    /// Returns a node (RFC 7239 §6) without its port; nil for `unknown`.
    private static func address(_ node: String) -> String? {
        guard !node.isEmpty, node.lowercased() != "unknown" else { return nil }
        // A bare IPv6 address, as in X-Forwarded-For.
        if IPAddress(ofPeer: node) != nil { return node }
        return String(Authority(node[...]).host)
    }
}

extension HTTPField.Name {
    fileprivate static let forwarded = named("Forwarded")
    fileprivate static let xForwardedFor = named("X-Forwarded-For")
    fileprivate static let xForwardedHost = named("X-Forwarded-Host")
    fileprivate static let xForwardedProto = named("X-Forwarded-Proto")

    /// Returns a header name; the constants above are valid tokens.
    private static func named(_ name: String) -> HTTPField.Name { HTTPField.Name(name) ?? .via }
}

/// The headers by which trusted proxies report the client, host and scheme of a request.
///
/// A proxy must set or remove all headers that are read: those that it only forwards may be forged by the client.
public enum ProxyHeaders: Sendable, Hashable {
    /// `X-Forwarded-For`, with `-Host` and `-Proto`, as most proxies send it; `Forwarded` if it is absent.
    case xForwardedFirst
    /// Only `X-Forwarded-For`, with `-Host` and `-Proto`.
    case xForwarded
    /// Only `Forwarded` (RFC 7239).
    case forwarded
}
