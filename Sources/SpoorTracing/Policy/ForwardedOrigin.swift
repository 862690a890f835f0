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
        let elements = Self.elements(headers, by: wanted)
        var chosen: ForwardedElement?
        for element in elements.suffix(Self.maxHops).reversed() {
            chosen = element
            guard let address = element.client?.address,
                trusted.contains(where: { $0.contains(address.unmapped) })
            else { break }
        }
        guard let chosen else { return nil }
        client = chosen.client.flatMap { $0.isUnknown ? nil : $0.name }
        host = chosen.host
        scheme = chosen.scheme
    }

    private static func elements(_ headers: Headers, by wanted: ProxyHeaders) -> [ForwardedElement]
    {
        let others = wanted == .forwarded ? [] : headers.xForwarded
        return others.isEmpty && wanted != .xForwarded ? headers.forwarded : others
    }
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
