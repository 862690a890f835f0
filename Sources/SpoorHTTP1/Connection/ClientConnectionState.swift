package import HTTPTypes
import SpoorHTTP

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

    /// A request begins.
    package mutating func startRequest(
        _ method: HTTPRequest.Method, _ directives: RequestDirectives
    ) {
        isHead = method == .head
        isConnect = method == .connect
        asksUpgrade = directives.upgrades
        interimCount = 0
        keepsAlive = !directives.closes
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
        case .none: return .final(BodyDecoder(.none, of: .response, limits: limits))
        case .bytes(let count):
            return .final(BodyDecoder(.bytes(count), of: .response, limits: limits))
        case .chunked: return .final(BodyDecoder(.unknown, of: .response, limits: limits))
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
