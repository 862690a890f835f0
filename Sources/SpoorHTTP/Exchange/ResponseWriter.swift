public import HTTPTypes
import SpoorText

/// The response of an exchange: its head until it is sent, then its body.
///
/// Status and headers can be set until the first byte of the body is written, by the handler and by every middleware
/// around it.
public struct ResponseWriter {
    package let exchange: Exchange

    /// A larger body is written in pieces of this many bytes: otherwise a complete copy would be in the send buffer
    /// while the peer is slow.
    static let maxPieceBytes = 64 << 10

    /// The status; 200 unless set.
    ///
    /// Setting it counts as a response: a handler that sets the status and writes nothing sends it with an empty
    /// body. A ``Response`` without its own status is sent with it. After the head was sent it is the status that was
    /// sent; setting it then has no effect, and is logged at debug level.
    public var status: HTTPResponse.Status {
        get { exchange.state.value.responseStatus }
        nonmutating set {
            if exchange.state.value.isOpen {
                exchange.state.value.responseStatus = newValue
                exchange.state.value.isResponseStatusSet = true
            } else if newValue != exchange.state.value.responseStatus {
                exchange.transport.logIgnored(.status(newValue), for: exchange)
            }
        }
    }

    /// The headers.
    ///
    /// Headers of a ``Response`` are combined with them: see ``Response/headers``. After the head was sent they are
    /// those that were sent; changing them then has no effect, and is logged at debug level with the names.
    public var headers: Headers {
        get { exchange.state.value.responseHeaders }
        nonmutating _modify {
            if exchange.state.value.isOpen {
                yield &exchange.state.value.responseHeaders
            } else {
                var changed = exchange.state.value.responseHeaders
                yield &changed
                exchange.logIgnored(changed)
            }
        }
    }

    /// Whether the head was sent, so that status and headers are final.
    public var isHeadSent: Bool {
        switch exchange.state.value.phase {
        case .open: false
        case .streaming, .ending, .complete: true
        }
    }

    /// Whether the complete response was sent: its last byte was passed to the kernel, or is in the send buffer while
    /// more pipelined requests are available.
    public var isComplete: Bool { exchange.state.value.phase == .complete }

    /// The number of body bytes sent so far, without framing; 0 for `HEAD`.
    ///
    /// After ``Exchange/upgrade(to:headers:atShutdown:)`` or ``Exchange/openTunnel(headers:atShutdown:)``: the number
    /// of bytes of the other protocol that were sent.
    public var bodyBytesSent: Int {
        exchange.state.value.bodyBytesSent + (exchange.state.value.duplexCounts?.sent ?? 0)
    }

    /// The error that the handler threw, or that of the connection; nil without a failure.
    public var failure: (any Error)? { exchange.state.value.outcome.failure }

    /// Sends a response: head and body in one write, or a body that is produced while it is sent.
    ///
    /// Headers of the response are combined with those that were set on the exchange: see ``Response/headers``. A
    /// response without its own status is sent with ``status``.
    ///
    /// - Throws: ``ResponseStateError/headAlreadySent`` if a response was started, ``HeaderError`` for a header that
    ///   must not be sent, ``ResponseStateError/statusNotFinal(_:)`` for a status below 200, or the error of the
    ///   connection.
    public func send(_ response: Response) async throws {
        guard let progress = try sendWithoutWaiting(response) else {
            return try await sendSlowPath(response)
        }
        if progress == .mustDrain { try await drain() }
    }

    /// Sends a complete response as far as possible without waiting; returns nil if it must be sent by
    /// ``sendSlowPath(_:)``.
    @usableFromInline
    package func sendWithoutWaiting(_ response: borrowing Response) throws -> SendProgress? {
        guard let wire = exchange.wireIfOnEventLoop, response.opaqueStream == nil else {
            return nil
        }
        if exchange.isResponseObserved { return try sendObserved(copy response, on: wire) }
        if response.body.count > Self.maxPieceBytes, (response.explicitStatus ?? status).hasBody {
            return nil
        }
        try apply(response, on: wire)
        let progress = try wire.send(
            response.body, contentType: response.contentType, for: exchange)
        exchange.didSendHead()
        return progress
    }

    /// Notifies the observers of a complete response, which they may change, and sends it like
    /// ``sendWithoutWaiting(_:)``.
    @inline(never)
    private func sendObserved(
        _ response: Response, on wire: any ExchangeWire
    ) throws -> SendProgress? {
        try apply(response, on: wire)
        setContentType(of: response)
        var body = OutgoingBody(.complete(response.body))
        exchange.willSend(&body)
        if let failure = body.failure {
            exchange.state.value.beginChanges().hasTransformFailed = true
            throw failure
        }
        try checkIsFinal(status)
        guard case .complete(let content) = body.content else { return nil }
        if content.count > Self.maxPieceBytes, status.hasBody {
            exchange.state.value.beginChanges().unsentBody = content
            return nil
        }
        let progress = try wire.send(content, contentType: nil, for: exchange)
        exchange.didSendHead()
        return progress
    }

    /// Sends a complete response after changing to the event loop, or in pieces.
    @usableFromInline
    package func sendSlowPath(_ response: Response) async throws {
        guard let wire = exchange.wireIfOnEventLoop else {
            return try await exchange.onEventLoop { _ in try await send(response) }
        }
        try await sendInPieces(response, on: wire)
    }

    /// Waits until the kernel has accepted the end of the response.
    @usableFromInline
    package func drain() async throws {
        try await exchange.onEventLoop { try await $0.drain(for: exchange) }
    }

    /// Checks a response, and sets its status and headers on the exchange.
    private func apply(_ response: borrowing Response, on wire: any ExchangeWire) throws {
        guard exchange.state.value.isOpen else { throw exchange.notOpenError() }
        // Checked before anything of the response is applied, so that none of its headers is sent with the error.
        if let name = response.headers.rejectedName { throw HeaderError(name: name) }
        try checkIsFinal(response.explicitStatus ?? status)
        if !response.headers.isEmpty { try wire.checkHandlerTimeout() }
        if let status = response.explicitStatus { exchange.state.value.responseStatus = status }
        if !exchange.state.value.responseHeaders.isEmpty, response.contentType != nil,
            !response.hasUsualContentType
        {
            exchange.state.value.responseHeaders.remove(.contentType)
        }
        if !response.headers.isEmpty {
            exchange.state.value.responseHeaders.merge(with: response.headers)
        }
        if exchange.isObserved {
            exchange.state.value.responseContentType = response.contentType
        }
    }

    private func setContentType(of response: Response) {
        guard let type = response.contentType,
            !exchange.state.value.responseHeaders.contains(.contentType)
        else { return }
        exchange.state.value.responseHeaders[.contentType] = type
    }

    /// Sends a response in pieces: its body is too long to be copied into the send buffer, or is a stream.
    private func sendInPieces(_ response: Response, on wire: any ExchangeWire) async throws {
        let body: Response.Body
        if let changes = exchange.state.value.changes, let unsent = changes.unsentBody {
            // The observers were notified of it, and have changed it.
            changes.unsentBody = nil
            body = unsent
        } else {
            try apply(response, on: wire)
            setContentType(of: response)
            if let stream = response.stream {
                try await stream.source.write(to: self)
                return try await finish()
            }
            body = response.body
        }
        try sendHead(bodyLength: body.count, on: wire)
        switch body {
        case .none: break
        case .text(let text): try await write(text)
        case .bytes(let bytes): try await write(bytes)
        }
        try await finish()
    }

    /// Sends the head now, for a body that will be written in pieces.
    ///
    /// - Parameter bodyLength: The number of bytes that will be written, sent as `Content-Length`; if nil, the header
    ///   `Content-Length` is used, and without one the body is chunked.
    /// - Throws: ``ResponseStateError/bodyLengthInvalid`` for a negative length, or a `Content-Length` that is not a
    ///   decimal number (RFC 9110 §8.6), or as ``send(_:)``.
    public func start(bodyLength: Int? = nil) async throws {
        try await exchange.onEventLoop { wire in
            try begin(bodyLength: bodyLength, on: wire)
        }
    }

    private func begin(bodyLength: Int? = nil, on wire: any ExchangeWire) throws {
        guard exchange.state.value.isOpen else { throw exchange.notOpenError() }
        try checkIsFinal(status)
        guard isLengthValid(bodyLength) else { throw ResponseStateError.bodyLengthInvalid }
        var length = bodyLength
        if exchange.isResponseObserved {
            let allowsBody = status.allowsBody
            length = notifyObservers(bodyLength: bodyLength)
            try checkIsFinal(status)
            if allowsBody, !status.allowsBody {
                exchange.state.value.beginChanges().isBodyOmitted = true
            }
        }
        try sendHead(bodyLength: length, on: wire)
    }

    private func sendHead(bodyLength: Int?, on wire: any ExchangeWire) throws {
        try wire.sendHead(bodyLength: bodyLength, for: exchange)
        exchange.didSendHead()
    }

    /// Notifies the observers of a body that will be written in pieces, sets up its transforms, and returns the number
    /// of bytes that will be sent, if known.
    @inline(never)
    private func notifyObservers(bodyLength: Int?) -> Int? {
        let length = bodyLength ?? headers[.contentLength].flatMap { Int($0) }
        var body = OutgoingBody(.streamed(count: length))
        exchange.willSend(&body)
        guard !body.transforms.isEmpty, status.allowsBody else { return bodyLength }
        let transforms = BodyPipeline(
            body.transforms, announcedCount: length,
            mayBeOmitted: exchange.request.knownMethod == .head)
        exchange.state.value.beginChanges().responseTransforms = transforms
        exchange.state.value.responseHeaders.remove(.contentLength)
        return transforms.outputCount
    }

    /// Throws if a status cannot end an exchange (RFC 9110 §15.2).
    private func checkIsFinal(_ status: HTTPResponse.Status) throws(ResponseStateError) {
        if status.code < 200 { throw .statusNotFinal(status) }
    }

    /// Returns whether a length, or the header that replaces it, can be sent: an invalid one must not silently become
    /// a chunked body.
    private func isLengthValid(_ bodyLength: Int?) -> Bool {
        if let bodyLength { return bodyLength >= 0 }
        guard !exchange.state.value.responseHeaders.isEmpty,
            let field = exchange.state.value.responseHeaders[.contentLength]
        else { return true }
        return field.utf8.allSatisfy { $0.isDigit } && Int(field) != nil
    }

    /// Writes a piece of the body; the first one sends the head, chunked unless ``start(bodyLength:)`` was called.
    ///
    /// Small pieces are buffered; see ``flush()``. Waits while the peer is slow (back-pressure).
    ///
    /// - Throws: ``ResponseStateError/bodyAlreadyComplete``, ``ResponseStateError/bodyTooLong`` if more is written
    ///   than was announced, ``ResponseStateError/bodyNotAllowed(_:)``, or the error of the connection.
    public func write(_ bytes: [UInt8]) async throws {
        try await exchange.onEventLoop { wire in
            try openBody(for: bytes.count, on: wire)
            if isBodyOmitted { return }
            guard let transforms = exchange.state.value.changes?.responseTransforms else {
                return try await writePieces(of: bytes, on: wire)
            }
            if bytes.isEmpty { return }
            try transforms.feed(bytes)
            try await writeOutput(of: transforms, on: wire)
        }
    }

    private func writePieces(of bytes: [UInt8], on wire: any ExchangeWire) async throws {
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

    /// Writes what the transforms have made of the bytes that were fed.
    private func writeOutput(
        of transforms: BodyPipeline, on wire: any ExchangeWire
    ) async throws {
        while case .bytes(let bytes) = try transforms.next() {
            try await writePieces(of: bytes, on: wire)
        }
    }

    /// Writes a text as UTF-8; see ``write(_:)-([UInt8])``.
    public func write(_ text: String) async throws {
        try await exchange.onEventLoop { wire in
            try openBody(for: text.utf8.count, on: wire)
            if isBodyOmitted { return }
            if text.utf8.count > Self.maxPieceBytes || isTransformed {
                return try await write(Array(text.utf8))
            }
            if try wire.write(text.utf8Span.span, for: exchange) == .mustDrain {
                try await wire.drain(for: exchange)
            }
        }
    }

    /// Flushes the bytes written so far to the kernel, for example after each server-sent event.
    public func flush() async throws {
        try await exchange.onEventLoop { wire in
            if !isHeadSent { try begin(on: wire) }
            if let transforms = exchange.state.value.changes?.responseTransforms, !isComplete {
                transforms.flush()
                try await writeOutput(of: transforms, on: wire)
            }
            if try wire.flush(for: exchange) == .mustDrain {
                try await wire.drain(for: exchange)
            }
        }
    }

    /// Ends the response: sends the head with an empty body if it was not sent yet, else ends the body.
    ///
    /// Called automatically when a handler that has set the status or written something returns; a second call does
    /// nothing.
    ///
    /// - Parameter trailers: The trailers; sent only if the body is chunked (RFC 9110 §6.5), and logged at debug
    ///   level otherwise.
    /// - Throws: ``ResponseStateError/bodyTooShort`` if less was written than announced, or the error of the
    ///   connection.
    public func finish(trailers: Headers? = nil) async throws {
        try await exchange.onEventLoop { wire in
            let progress: SendProgress
            switch exchange.state.value.phase {
            case .open:
                guard exchange.state.value.isOpen else { throw exchange.notOpenError() }
                if trailers?.isEmpty == false {
                    exchange.transport.logIgnored(.trailers, for: exchange)
                }
                return try await send(Response())
            case .streaming:
                var trailers = trailers
                if let transforms = exchange.state.value.changes?.responseTransforms {
                    try transforms.end(trailers: trailers ?? Headers())
                    try await writeOutput(of: transforms, on: wire)
                    trailers = transforms.trailers
                }
                progress = try wire.finish(trailers: trailers, for: exchange)
            case .ending, .complete:
                return
            }
            if progress == .mustDrain { try await wire.drain(for: exchange) }
        }
    }

    /// Whether what is written is discarded, because an observer has set a status that allows no body.
    package var isBodyOmitted: Bool { exchange.state.value.changes?.isBodyOmitted ?? false }

    /// Whether the body passes transforms before it is sent.
    package var isTransformed: Bool { exchange.state.value.changes?.responseTransforms != nil }

    /// Prepares for a piece of the given number of bytes: sends the head if needed.
    private func openBody(for count: Int, on wire: any ExchangeWire) throws {
        if count > 0, !status.allowsBody, !isBodyOmitted {
            throw ResponseStateError.bodyNotAllowed(status)
        }
        switch exchange.state.value.phase {
        case .open: try begin(on: wire)
        case .streaming: break
        case .ending, .complete: throw ResponseStateError.bodyAlreadyComplete
        }
    }
}

extension Exchange {
    /// The response: its head until it is sent, then its body.
    public var response: ResponseWriter { ResponseWriter(exchange: self) }
}

extension HTTPResponse.Status {
    /// Whether a response with this status may have a body, unless the request method forbids it (RFC 9110 §6.4.1,
    /// §15.3.6).
    package var allowsBody: Bool { code != 204 && code != 205 && code != 304 }

    /// Whether the status is final and allows a body.
    fileprivate var hasBody: Bool { code >= 200 && allowsBody }
}
