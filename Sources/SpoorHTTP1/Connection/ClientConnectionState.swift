package import HTTPTypes
package import SpoorHTTP

/// What a client's connection does next, as a value: whether a head is the last one, how its body ends, and
/// whether the connection can be used again (RFC 9112 §6.3, §9.3).
package struct ClientConnectionState: Sendable {
    /// What the head that came means.
    package enum HeadAction: Sendable {
        /// Another head follows; `100 Continue` asks for the body that was held back.
        case interim
        /// The final head: its body is read with this decoder, which is complete if there is none.
        case final(BodyDecoder)
        /// The bytes behind the head are of another protocol, or of a tunnel.
        case handOver
    }

    private let limits: HTTP1Limits
    private var isHead = false
    private var isConnect = false
    private var asksUpgrade = false
    private var interimCount = 0
    /// Whether the connection can be used again once the exchange is complete, as far as is known.
    package private(set) var keepsAlive = true

    /// The state of a fresh connection.
    package init(limits: HTTP1Limits = HTTP1Limits()) {
        self.limits = limits
    }

    /// A request begins: decides how it is framed.
    ///
    /// - Parameters:
    ///   - bodyLength: `.unknown` is sent chunked, which only an HTTP/1.1 server understands.
    ///   - fields: The request's own: `Connection: close` closes, `Connection: upgrade` beside `Upgrade` asks for
    ///     another protocol; all else that frames is disregarded.
    package mutating func startRequest(
        _ method: HTTPRequest.Method, bodyLength: Request.BodyLength, fields: borrowing Fields
    ) -> MessageFraming {
        let own = OwnFraming(fields)
        isHead = method == .head
        isConnect = method == .connect
        asksUpgrade = own.upgrades
        interimCount = 0
        keepsAlive = !own.closes
        let length: MessageFraming.Length =
            switch bodyLength {
            case .bytes(let count): .bytes(count)
            case .unknown: .chunked
            // RFC 9110 §8.6: said aloud where a body would be usual.
            case .none: method == .post || method == .put || method == .patch ? .bytes(0) : .none
            }
        return MessageFraming(
            length: length, connection: own.closes ? .close : own.upgrades ? .upgrade : .implied)
    }

    /// A head has come.
    ///
    /// - Throws: The cause for which the response is refused.
    package mutating func receive(
        _ head: borrowing ResponseHead
    ) throws(ResponseFault) -> HeadAction {
        if announcesWhereNoneMayBe(head) { keepsAlive = false }
        if head.isInterim {
            interimCount &+= 1
            guard interimCount <= limits.interimResponsesMax else { throw .tooManyInterims }
            return .interim
        }
        if head.status.code == 101 {
            guard asksUpgrade else { throw .switchUnasked }
            keepsAlive = false
            return .handOver
        }
        if isConnect, (200..<300).contains(head.status.code) {
            keepsAlive = false
            return .handOver
        }
        keepsAlive =
            keepsAlive && !head.options.contains(.close)
            && (head.version == .http11 || head.options.contains(.keepAlive))
        switch head.bodyLength(isHead: isHead, isConnect: isConnect) {
        case .none: return .final(BodyDecoder(.none, limits: limits))
        case .bytes(let count): return .final(BodyDecoder(.bytes(count), limits: limits))
        case .chunked: return .final(BodyDecoder(.unknown, limits: limits))
        case .untilClose:
            keepsAlive = false
            return .final(BodyDecoder(untilCloseWith: limits))
        }
    }

    /// Whether 1xx or 204 tells of a body, which it never has (RFC 9112 §6.3): who writes that may send one too, so
    /// nothing that follows is taken for an answer to another request.
    private func announcesWhereNoneMayBe(_ head: borrowing ResponseHead) -> Bool {
        guard head.status.code < 200 || head.status.code == 204 else { return false }
        switch head.announced {
        case .none, .untilClose, .bytes(0): return false
        case .bytes, .chunked: return true
        }
    }
}
