package import HTTPTypes
package import SpoorHTTP

/// What a server's connection does next, as a value: who may read or write, and whether it is kept (RFC 9112 §9).
///
/// It decides and does nothing; whoever drives the connection executes the small actions that it returns. One exchange
/// at a time: ``begin(version:method:bodyLength:options:expectsContinue:)``, the body and the response in any order, ``end()``.
package struct ServerConnectionState: Sendable {
    /// What is to be done when the handler asks for body.
    package enum ReadAction: Sendable, Equatable {
        /// Send `100 Continue`, unless body has come already, then decode.
        case sendContinue
        /// Decode what came, or receive more.
        case decode
        /// Nothing: the body is read, or there is none.
        case end
    }

    /// What is to be done when the response is complete.
    package enum NextAction: Sendable, Equatable {
        /// Read the next request; it may have come already.
        case readRequest
        /// Read the rest of the body away, up to so many bytes, then ask again; close if there is more.
        case drainBody(bytesMax: Int)
        /// Close. If `lingers`, the peer may still be sending: shut down the sending side and read on for
        /// a moment, so that the response is not lost to a reset (RFC 9112 §9.6).
        case close(lingers: Bool)
        /// Leave the byte stream to the handler: another protocol, or a tunnel, starts behind the head.
        case handOver
    }

    private enum BodyState {
        case complete, awaitingContinue, unread, reading
    }

    /// Whether the server is shutting down: responses that begin from now on say `Connection: close`.
    package var isDraining = false
    /// Whether the request is HEAD, whose response has no body.
    package private(set) var isHead = false

    private let limits: HTTP1Limits
    private var version = Request.Version.http11
    private var options = ConnectionOptions()
    private var isConnect = false
    private var bodyLength = Request.BodyLength.none
    private var bodyState = BodyState.complete
    private var responseBegan = false
    private var closes = false
    private var handsOver = false

    /// The state of a fresh connection.
    package init(limits: HTTP1Limits = HTTP1Limits()) {
        self.limits = limits
    }

    /// A request's head has come; what matters of it, so that the head need not be copied.
    package mutating func begin(
        version: Request.Version, method: KnownMethod?, bodyLength: Request.BodyLength,
        options: ConnectionOptions, expectsContinue: Bool
    ) {
        self.version = version
        isHead = if case .head = method { true } else { false }
        isConnect = if case .connect = method { true } else { false }
        self.bodyLength = bodyLength
        self.options = options
        bodyState =
            bodyLength == .none ? .complete : expectsContinue ? .awaitingContinue : .unread
        responseBegan = false
        handsOver = false
        closes = !isPersistentForPeer
    }

    /// Whether the peer takes the connection for one that is kept after this exchange (RFC 9112 §9.3).
    package var isPersistentForPeer: Bool {
        !options.contains(.close) && (version == .http11 || options.contains(.keepAlive))
    }

    /// Whether the connection closes after this exchange, as far as is known.
    package var closesAfterwards: Bool { closes }

    // MARK: The body

    /// Whether the body was read to its end, or there is none.
    package var isBodyComplete: Bool { bodyState == .complete }

    /// The handler asks for body.
    package mutating func readBody() -> ReadAction {
        switch bodyState {
        case .complete: return .end
        case .reading: return .decode
        case .unread:
            bodyState = .reading
            return .decode
        case .awaitingContinue:
            bodyState = .reading
            // Behind the head of the response an interim one has no place; that head said close.
            return responseBegan ? .decode : .sendContinue
        }
    }

    /// The body broke its framing or its bound: nobody knows where the next request starts.
    package mutating func bodyFailed() {
        closes = true
    }

    /// The last byte of the body was read.
    package mutating func bodyEnded() {
        bodyState = .complete
    }

    // MARK: The response

    /// The response begins: decides how it is framed, and whether the connection is kept.
    ///
    /// - Parameters:
    ///   - bodyLength: How many bytes of body there are; nil if that is known at the end only.
    ///   - fields: The response's own: `Connection: close` closes; `Content-Length` tells the length of a body that is
    ///     not there (HEAD, 304) or that is streamed with none announced; all else that frames is disregarded.
    package mutating func startResponse(
        _ status: HTTPResponse.Status, bodyLength: Int?, fields: borrowing Fields
    ) -> MessageFraming {
        responseBegan = true
        let code = status.code
        let own = OwnFraming(fields)
        handsOver =
            code == 101 && options.contains(.upgrade)
            || isConnect && (200..<300).contains(code)
        if handsOver {
            closes = true
            return MessageFraming(
                length: .none, sendsBody: false, connection: code == 101 ? .upgrade : .implied)
        }
        var framing = length(code, bodyLength: bodyLength, own: own)
        closes =
            closes || isDraining || own.closes || framing.length == .untilClose || code < 200
            || leavesTooMuchUnread
        framing.connection = connection(upgrades: own.upgrades)
        return framing
    }

    /// RFC 9112 §9.3, RFC 9110 §7.8: a response with `Upgrade`, such as a 426, has the option as well.
    private func connection(upgrades: Bool) -> MessageFraming.Connection {
        if upgrades { return closes ? .upgradeAndClose : .upgrade }
        return closes ? .close : version == .http10 ? .keepAlive : .implied
    }

    /// RFC 9110 §8.6, §15.2, §15.3.5, §15.3.6, §15.4.5; RFC 9112 §6.1–§6.3.
    private func length(_ code: Int, bodyLength: Int?, own: OwnFraming) -> MessageFraming {
        // An interim status cannot end an exchange: what is sent instead is a 500 without a body.
        if code < 200 { return MessageFraming(length: .bytes(0), sendsBody: false) }
        if code == 204 { return MessageFraming(length: .none, sendsBody: false) }
        if code == 304 {
            return MessageFraming(
                length: own.length.map { .bytes($0) } ?? .none, sendsBody: false)
        }
        if code == 205 { return MessageFraming(length: .bytes(0), sendsBody: false) }
        var length = bodyLength
        if length == nil || isHead && length == 0 { length = own.length ?? length }
        if let length, length >= 0 {
            return MessageFraming(length: .bytes(length), sendsBody: !isHead)
        }
        let unknown: MessageFraming.Length = version == .http11 ? .chunked : .untilClose
        // What HEAD gets of a body of unknown length says nothing of it, and leaves the connection as it is.
        if isHead, unknown == .untilClose { return MessageFraming(length: .none, sendsBody: false) }
        return MessageFraming(length: unknown, sendsBody: !isHead)
    }

    /// Whether the body will not be read to its end: the peer waits for a 100 that never comes, or has
    /// announced more than is drained.
    private var leavesTooMuchUnread: Bool {
        switch bodyState {
        case .complete, .reading: false
        case .awaitingContinue: true
        case .unread:
            if case .bytes(let count) = bodyLength { count > limits.drainBytesMax } else { false }
        }
    }

    /// The response is complete.
    ///
    /// After ``NextAction/drainBody(bytesMax:)`` call ``bodyEnded()`` and ask again.
    package mutating func end() -> NextAction {
        if handsOver { return .handOver }
        if closes { return .close(lingers: bodyState != .complete) }
        guard bodyState == .complete else { return .drainBody(bytesMax: limits.drainBytesMax) }
        return .readRequest
    }
}
