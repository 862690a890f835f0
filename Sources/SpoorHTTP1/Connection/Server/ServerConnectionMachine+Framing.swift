package import HTTPTypes
package import SpoorHTTP

/// The framing of responses, and whether the connection is kept alive after them.
extension ServerConnectionMachine {
    /// Determines the framing of the response that starts, and whether the connection is kept alive.
    ///
    /// - Parameters:
    ///   - bodyLength: The number of bytes in the body; nil if it is known only at the end.
    ///   - headers: The response's own headers: `Connection: close` closes; `Content-Length` is the length of a body
    ///     that is omitted (HEAD, 304) or that is streamed without a length; other framing headers are ignored.
    ///   - maxDrainBytes: The maximum number of bytes of an unread body that are drained after the response.
    ///   - closes: Whether the server closes the connection anyway.
    package mutating func startResponse(
        _ status: HTTPResponse.Status, bodyLength: Int?, headers: borrowing Headers,
        maxDrainBytes: Int, closes: Bool
    ) -> MessageFraming {
        let code = status.code
        let own = OwnFraming(headers)
        if switchesProtocol(code) {
            closeAfterExchange()
            return MessageFraming(
                length: .none, sendsBody: false, connection: code == 101 ? .upgrade : .implied)
        }
        var framing = framing(code, bodyLength: bodyLength, own: own)
        if closes || own.closes || framing.length == .untilClose || code < 200
            || interruptions.rawValue != 0 || exceedsDrainLimit(maxDrainBytes)
        {
            closeAfterExchange()
        }
        framing.connection = connectionOption(upgrades: own.upgrades)
        return framing
    }

    /// Returns whether the bytes after a head of this status belong to another protocol, or to a tunnel.
    private func switchesProtocol(_ code: Int) -> Bool {
        if code == 101 { return request.options.contains(.upgrade) }
        guard case .connect = request.method else { return false }
        return (200..<300).contains(code)
    }

    /// RFC 9112 §9.3, RFC 9110 §7.8: a response with `Upgrade`, such as a 426, needs the connection option as well.
    private func connectionOption(upgrades: Bool) -> MessageFraming.Connection {
        let closes = if case .keepAlive = persistence { false } else { true }
        if upgrades { return closes ? .upgradeAndClose : .upgrade }
        return closes ? .close : request.version == .http10 ? .keepAlive : .implied
    }

    /// RFC 9110 §8.6, §15.2, §15.3.5, §15.3.6, §15.4.5; RFC 9112 §6.1–§6.3.
    private func framing(_ code: Int, bodyLength: Int?, own: OwnFraming) -> MessageFraming {
        // An interim status, which cannot end an exchange, has no body.
        if code < 200 { return MessageFraming(length: .bytes(0), sendsBody: false) }
        if code == 204 { return MessageFraming(length: .none, sendsBody: false) }
        if code == 304 {
            return MessageFraming(
                length: own.length.map { .bytes($0) } ?? .none, sendsBody: false)
        }
        if code == 205 { return MessageFraming(length: .bytes(0), sendsBody: false) }
        var length = bodyLength
        let isHead = if case .head = request.method { true } else { false }
        if length == nil || isHead && length == 0 { length = own.length ?? length }
        if let length, length >= 0 {
            return MessageFraming(length: .bytes(length), sendsBody: !isHead)
        }
        let unknown: MessageFraming.Length = request.version == .http11 ? .chunked : .untilClose
        // A response to HEAD with a body of unknown length has no framing headers, and the connection can be kept
        // alive.
        if isHead, unknown == .untilClose { return MessageFraming(length: .none, sendsBody: false) }
        return MessageFraming(length: unknown, sendsBody: !isHead)
    }

    /// Returns whether the body cannot be drained: it failed, the peer waits for a 100 that will not be sent, or more
    /// is announced than is drained.
    private func exceedsDrainLimit(_ maxDrainBytes: Int) -> Bool {
        guard case .handling(let body, _) = state else { return false }
        switch body {
        case .complete, .reading: return false
        case .awaitingContinue, .failed: return true
        case .unread:
            if case .bytes(let count) = request.bodyLength { return count > maxDrainBytes }
            return false
        }
    }
}
