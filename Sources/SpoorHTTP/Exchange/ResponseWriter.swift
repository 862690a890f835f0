public import HTTPTypes
import SpoorText

/// The response of an exchange: its head until that is sent, then its body.
///
/// Status and fields can be set until the first byte of the body is written, by the handler and by
/// every middleware around it.
public struct ResponseWriter {
    package let exchange: Exchange

    /// What is longer is written bit by bit, in bytes: a copy of it all would stand in the send buffer while the peer is slow.
    static let maxPieceBytes = 64 << 10

    /// The status; 200 unless set.
    ///
    /// Setting it is an answer: a handler that sets the status and writes nothing sends it with an empty body. A ``Response``
    /// that has no status of its own is sent with it. After the head was sent it is the one that was sent; setting it has no
    /// effect then, and is logged at debug level.
    public var status: HTTPResponse.Status {
        get { exchange.state.value.responseStatus }
        nonmutating set {
            if exchange.state.value.isOpen {
                exchange.state.value.responseStatus = newValue
                exchange.state.value.isResponseStatusSet = true
            } else if newValue != exchange.state.value.responseStatus {
                exchange.transport.noteIgnored(.status(newValue), for: exchange)
            }
        }
    }

    /// The fields of the head.
    ///
    /// Headers of a ``Response`` combine with them: see ``Response/headers``. After the head was sent they are those that were
    /// sent; changing them has no effect then, and is logged at debug level with the names.
    public var headers: Headers {
        get { exchange.state.value.responseHeaders }
        nonmutating _modify {
            if exchange.state.value.isOpen {
                yield &exchange.state.value.responseHeaders
            } else {
                var changed = exchange.state.value.responseHeaders
                yield &changed
                exchange.noteIgnored(changed)
            }
        }
    }

    /// Whether the head is out, so that status and fields are decided.
    public var isHeadSent: Bool {
        switch exchange.state.value.phase {
        case .open: false
        case .streaming, .ending, .complete: true
        }
    }

    /// Whether the response has been sent whole: its last byte is handed to the kernel, or stands complete in
    /// the send buffer while more pipelined requests are at hand.
    public var isComplete: Bool { exchange.state.value.phase == .complete }

    /// How many bytes of body were sent so far, without framing; 0 for `HEAD`.
    ///
    /// After ``Exchange/upgrade(to:headers:)`` or ``Exchange/openTunnel(headers:)``: how many bytes of the other protocol were
    /// sent.
    public var bodyBytesSent: Int {
        exchange.state.value.bodyBytesSent + (exchange.state.value.duplexCounts?.sent ?? 0)
    }

    /// What the handler threw, or how the connection failed; nil when all went well.
    public var failure: (any Error)? { exchange.state.value.outcome.failure }

    /// Sends a whole response: head and body in one write.
    ///
    /// Headers of the response combine with those that were set on the exchange: see ``Response/headers``. A response without
    /// a status of its own is sent with ``status``.
    ///
    /// - Throws: ``ResponseStateError/headAlreadySent`` when a response was begun, ``HeaderError`` for a field
    ///   that must not be sent, or the connection's fault.
    public func send(_ response: Response) async throws {
        guard let progress = try sendAtOnce(response) else {
            return try await sendElsewhere(response)
        }
        if progress == .mustDrain { try await drain() }
    }

    /// Sends a whole response as far as this can be done without waiting; nil if that is not to be tried.
    @usableFromInline
    package func sendAtOnce(_ response: borrowing Response) throws -> SendProgress? {
        guard let wire = exchange.wireIfOnEventLoop else { return nil }
        if response.body.count > Self.maxPieceBytes, (response.explicitStatus ?? status).hasBody {
            return nil
        }
        try take(response)
        exchange.did(.responding)
        let progress = try wire.send(
            response.body, contentType: response.contentType, for: exchange)
        exchange.did(.responseBegun)
        return progress
    }

    /// Sends a whole response on the wire's own thread, or bit by bit.
    @usableFromInline
    package func sendElsewhere(_ response: Response) async throws {
        guard exchange.wireIfOnEventLoop != nil else {
            return try await exchange.onEventLoop { _ in try await send(response) }
        }
        try await sendInPieces(response)
    }

    /// Waits until the kernel has taken the end of the response.
    @usableFromInline
    package func drain() async throws {
        try await exchange.onEventLoop { try await $0.drain(for: exchange) }
    }

    private func take(_ response: borrowing Response) throws {
        guard exchange.state.value.isOpen else { throw exchange.notOpenError() }
        // Before anything of the response is taken, so that none of its fields is sent with the error.
        if let name = response.headers.refusedName { throw HeaderError(name: name) }
        if let status = response.explicitStatus { exchange.state.value.responseStatus = status }
        if !exchange.state.value.responseHeaders.isEmpty, response.contentType != nil,
            !response.hasUsualContentType
        {
            exchange.state.value.responseHeaders.remove(.contentType)
        }
        if !response.headers.isEmpty {
            exchange.state.value.responseHeaders.combine(with: response.headers)
        }
        if exchange.state.value.isObserved {
            exchange.state.value.responseContentType = response.contentType
        }
    }

    /// Sends a body that is too long to stand in the send buffer beside itself.
    private func sendInPieces(_ response: Response) async throws {
        try take(response)
        if let type = response.contentType,
            exchange.state.value.responseHeaders[.contentType] == nil
        {
            exchange.state.value.responseHeaders[.contentType] = type
        }
        try await start(bodyLength: response.body.count)
        switch response.body {
        case .none: break
        case .text(let text): try await write(text)
        case .bytes(let bytes): try await write(bytes)
        }
        try await finish()
    }

    /// Sends an interim response ahead of the final one, such as `103 Early Hints` (RFC 8297), at once.
    ///
    /// Nothing is sent to clients of HTTP/1.0, which know none (RFC 9110 §15.2).
    ///
    /// - Parameters:
    ///   - status: 102 to 199. `100 Continue` goes out by itself when the body is asked for, and 101 with
    ///     ``Exchange/upgrade(to:headers:atShutdown:)``.
    ///   - fields: The fields of this head; those set on the exchange wait for the final one.
    /// - Throws: ``ResponseStateError/headAlreadySent``, ``ResponseStateError/statusNotInterim``, or as ``send(_:)``.
    public func sendInterim(
        _ status: HTTPResponse.Status, headers: Headers = Headers()
    ) async throws {
        try await exchange.onEventLoop { wire in
            guard exchange.state.value.isOpen else { throw exchange.notOpenError() }
            guard (102..<200).contains(status.code) else {
                throw ResponseStateError.statusNotInterim
            }
            let progress = try wire.sendInterim(status, headers: headers, for: exchange)
            if progress == .mustDrain { try await wire.drain(for: exchange) }
        }
    }

    /// Sends the head now, for a body that will be written in pieces.
    ///
    /// - Parameter bodyLength: How many bytes will be written, sent as `Content-Length`; if nil, what the field
    ///   `Content-Length` says, and chunked without one.
    /// - Throws: ``ResponseStateError/bodyLengthInvalid`` for a length below zero, or a `Content-Length` that is no decimal
    ///   number (RFC 9110 §8.6), or as ``send(_:)``.
    public func start(bodyLength: Int? = nil) async throws {
        try await exchange.onEventLoop { wire in
            try begin(bodyLength: bodyLength, on: wire)
        }
    }

    private func begin(bodyLength: Int? = nil, on wire: any ExchangeWire) throws {
        guard exchange.state.value.isOpen else { throw exchange.notOpenError() }
        guard isLengthSound(bodyLength) else { throw ResponseStateError.bodyLengthInvalid }
        exchange.did(.responding)
        try wire.sendHead(bodyLength: bodyLength, for: exchange)
        exchange.did(.responseBegun)
    }

    /// Whether a length, or the field that stands for it, can be sent: what cannot must not become a chunked body in silence.
    private func isLengthSound(_ bodyLength: Int?) -> Bool {
        if let bodyLength { return bodyLength >= 0 }
        guard !exchange.state.value.responseHeaders.isEmpty,
            let field = exchange.state.value.responseHeaders[.contentLength]
        else { return true }
        return field.utf8.allSatisfy { $0.isDigit } && Int(field) != nil
    }

    /// Writes a piece of the body; the first one sends the head, chunked unless ``start(bodyLength:)`` was called.
    ///
    /// Small pieces are gathered; see ``flush()``. Waits while the peer is slow.
    ///
    /// - Throws: ``ResponseStateError/bodyAlreadyComplete``, ``ResponseStateError/bodyTooLong`` when more is written than
    ///   was announced, ``ResponseStateError/bodyNotAllowed(_:)``, or the connection's fault.
    public func write(_ bytes: [UInt8]) async throws {
        try await exchange.onEventLoop { wire in
            try openBody(for: bytes.count, on: wire)
            var start = 0
            repeat {
                let end = min(start + Self.maxPieceBytes, bytes.count)
                let piece = bytes.span.extracting(start..<end)
                if try wire.write(piece, for: exchange) == .mustDrain {
                    try await wire.drain(for: exchange)
                }
                start = end
            } while start < bytes.count
        }
    }

    /// Writes a text as UTF-8; see ``write(_:)-([UInt8])``.
    public func write(_ text: String) async throws {
        try await exchange.onEventLoop { wire in
            if text.utf8.count > Self.maxPieceBytes { return try await write(Array(text.utf8)) }
            try openBody(for: text.utf8.count, on: wire)
            if try wire.write(text.utf8Span.span, for: exchange) == .mustDrain {
                try await wire.drain(for: exchange)
            }
        }
    }

    /// Hands what was written to the kernel now, as server-sent events want it.
    public func flush() async throws {
        try await exchange.onEventLoop { wire in
            if !isHeadSent { try begin(on: wire) }
            if try wire.flush(for: exchange) == .mustDrain {
                try await wire.drain(for: exchange)
            }
        }
    }

    /// Ends the response: sends the head if it is still open (with an empty body), else ends the body.
    ///
    /// Called by itself when a handler returns that has set the status or written something; a second call does nothing.
    ///
    /// - Parameter trailers: Headers after the body; sent only if it is chunked (RFC 9110 §6.5), and logged at debug level
    ///   if they are not.
    /// - Throws: ``ResponseStateError/bodyTooShort`` when less was written than announced, or the connection's fault.
    public func finish(trailers: Headers? = nil) async throws {
        try await exchange.onEventLoop { wire in
            let progress: SendProgress
            switch exchange.state.value.phase {
            case .open:
                guard exchange.state.value.isOpen else { throw exchange.notOpenError() }
                if trailers?.isEmpty == false {
                    exchange.transport.noteIgnored(.trailers, for: exchange)
                }
                exchange.did(.responding)
                progress = try wire.send(.none, contentType: nil, for: exchange)
                exchange.did(.responseBegun)
            case .streaming:
                progress = try wire.finish(trailers: trailers, for: exchange)
            case .ending, .complete:
                return
            }
            if progress == .mustDrain { try await wire.drain(for: exchange) }
        }
    }

    /// Makes ready for a piece of so many bytes.
    private func openBody(for count: Int, on wire: any ExchangeWire) throws {
        if count > 0, !status.allowsBody { throw ResponseStateError.bodyNotAllowed(status) }
        switch exchange.state.value.phase {
        case .open: try begin(on: wire)
        case .streaming: break
        case .ending, .complete: throw ResponseStateError.bodyAlreadyComplete
        }
    }
}

/// A response used against its order; the handler's fault.
public enum ResponseStateError: Error, Equatable {
    /// The head is out: a second response cannot be sent.
    case headAlreadySent
    /// The body was ended before.
    case bodyAlreadyComplete
    /// More bytes were written than announced.
    case bodyTooLong
    /// Fewer bytes were written than announced.
    case bodyTooShort
    /// Bytes were written for a response whose status has no body: 204, 205 or 304 (RFC 9110 §6.4.1, §15.3.6).
    case bodyNotAllowed(HTTPResponse.Status)
    /// The length that was given is below zero, or the field `Content-Length` has no decimal number.
    case bodyLengthInvalid
    /// A status that is no interim one, or one that goes out by itself.
    case statusNotInterim
    /// A status below 200, which cannot be that of a response: 500 is sent in its place.
    case statusNotFinal
}

extension ResponseStateError: CustomStringConvertible {
    /// What the handler did, and what it should do.
    public var description: String {
        switch self {
        case .headAlreadySent:
            "the head of a response has already been sent, and an exchange has one response: "
                + "send it once, or check response.isHeadSent before"
        case .bodyAlreadyComplete:
            "the response has already ended, so nothing can be written after it: write before "
                + "finish() or send(_:), and not in a task that outlives the handler"
        case .bodyTooLong:
            "more bytes were written than start(bodyLength:) or Content-Length announced: announce "
                + "the exact length, or leave it out for a chunked body"
        case .bodyTooShort:
            "fewer bytes were written than start(bodyLength:) or Content-Length announced, so the "
                + "connection must close: announce the exact length, or leave it out for a chunked body"
        case .bodyNotAllowed(let status):
            "bytes were written, but a response with status \(status.code) has no body: write nothing, or set "
                + "another status"
        case .bodyLengthInvalid:
            "start(bodyLength:) or Content-Length announced a length that is below zero or no decimal "
                + "number: announce the exact length, or leave it out for a chunked body"
        case .statusNotFinal:
            "the status of a response is below 200, which ends no exchange: send an interim response with "
                + "sendInterim(_:fields:), and 101 with upgrade(to:)"
        case .statusNotInterim:
            "an interim response has a status from 102 to 199: send any other with send(_:), "
                + "101 with upgrade(to:); 100 is sent when the body is read"
        }
    }
}

extension Exchange {
    /// The response: its head until it is sent, then its body.
    public var response: ResponseWriter { ResponseWriter(exchange: self) }
}

extension HTTPResponse.Status {
    /// Whether a response of this status may have a body, unless the request forbids it (RFC 9110 §6.4.1, §15.3.6).
    fileprivate var allowsBody: Bool { code != 204 && code != 205 && code != 304 }

    /// Whether that is so, and the status is final.
    fileprivate var hasBody: Bool { code >= 200 && allowsBody }
}
