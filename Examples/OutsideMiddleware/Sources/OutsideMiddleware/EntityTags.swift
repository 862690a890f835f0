import HTTPTypes
public import Spoor

/// Adds an `ETag` to complete responses, and responds with 304 to a client that has the same representation (RFC 9110
/// §8.8.3, §13.1.2).
///
/// Streamed responses have none, because a tag must be known before their first byte is sent.
public struct EntityTags: SyncMiddleware {
    /// Creates the middleware.
    public init() {}

    /// Only the step before the head of the response is sent.
    public var observedSteps: ExchangeSteps { .responseWillBeSent }

    /// Adds the tag, and compares it with those of the client.
    public func responseWillBeSent(_ exchange: Exchange, body: inout OutgoingBody) {
        guard exchange.response.status == .ok,
            exchange.request.method == .get || exchange.request.method == .head,
            case .complete(let content) = body.content
        else { return }
        let tag = exchange.response.headers[.eTag] ?? Self.tag(of: content)
        exchange.response.headers[.eTag] = tag
        guard let known = exchange.request.headers[.ifNoneMatch], Self.matches(tag, known) else {
            return
        }
        exchange.response.status = .notModified
        body.replace(with: .none)
    }

    /// Returns a strong tag: the length, and a hash of the bytes (FNV-1a, 64 bits).
    private static func tag(of body: Response.Body) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func add(_ bytes: some Sequence<UInt8>) {
            for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        }
        switch body {
        case .none: break
        case .text(let text): add(text.utf8)
        case .bytes(let bytes): add(bytes)
        }
        return "\"\(body.count)-\(String(hash, radix: 16))\""
    }

    /// Returns whether a list of tags has one that matches by the weak comparison (RFC 9110 §8.8.3.2).
    private static func matches(_ tag: String, _ list: String) -> Bool {
        func opaque(_ tag: Substring) -> Substring { tag.hasPrefix("W/") ? tag.dropFirst(2) : tag }
        return list.split(separator: ",").contains { element in
            let element = element.drop { $0 == " " || $0 == "\t" }
            let end = element.lastIndex { $0 != " " && $0 != "\t" }
            guard let end else { return false }
            let known = element[...end]
            return known == "*" || opaque(known) == opaque(Substring(tag))
        }
    }
}
