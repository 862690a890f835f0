package import SpoorHTTP
import SpoorText

/// A transport without a connection: records what an exchange sends, and provides a request body.
package final class RecordingTransport: ExchangeWire {
    /// The bytes of the body that were sent so far.
    package private(set) var body: [UInt8] = []
    /// The `Content-Type` of a whole response.
    package private(set) var contentType: String?
    /// The maximum number of bytes that one call has sent.
    package private(set) var longestPiece = 0
    /// The number of heads that were sent.
    package private(set) var headCount = 0
    /// Whether the response was ended.
    package private(set) var isFinished = false
    /// Changes of the response that had no effect.
    package private(set) var ignored: [IgnoredChange] = []
    /// The pieces of the request body that are not received yet.
    package var requestBody: [[UInt8]]
    /// The error that the next sending call throws, as when the peer has disconnected.
    package var fault: (any Error)?
    /// The error that is thrown while the end of a response waits for the kernel, which then accepts nothing immediately.
    package var drainFault: (any Error)?

    /// Whether the pieces of a body are buffered until the end, so that they can be discarded.
    package var buffersPieces = false

    /// The interruption of the exchange, as if the transport had detected it.
    package var interruption: Interruption?

    package init(requestBody: [[UInt8]] = []) {
        self.requestBody = requestBody
    }

    /// The body as text.
    package var text: String { String(decoding: body, as: UTF8.self) }

    package var isOnEventLoop: Bool { true }

    package func interruption(of exchange: Exchange) -> Interruption? { interruption }

    package func runOnEventLoop(_ body: () async throws -> Void) async throws { try await body() }

    package func receiveBody(for exchange: Exchange) async throws -> [UInt8]? {
        requestBody.isEmpty ? nil : requestBody.removeFirst()
    }

    package func send(_ body: Response.Body, contentType: String?, for exchange: Exchange) throws
        -> SendProgress
    {
        if let fault { throw fault }
        if let name = exchange.response.headers.rejectedName { throw HeaderError(name: name) }
        headCount += 1
        self.contentType = contentType
        switch body {
        case .none: break
        case .text(let text): self.body += Array(text.utf8)
        case .bytes(let bytes): self.body += bytes
        }
        longestPiece = max(longestPiece, self.body.count)
        exchange.state.value.bodyBytesSent = self.body.count
        isFinished = true
        exchange.state.value.phase = progress == .done ? .complete : .ending
        return progress
    }

    private var progress: SendProgress { drainFault == nil ? .done : .mustDrain }

    package func sendHead(bodyLength: Int?, for exchange: Exchange) throws {
        if let fault { throw fault }
        headCount += 1
        exchange.state.value.phase = .streaming
    }

    package func write(_ bytes: Span<UInt8>, for exchange: Exchange) throws -> SendProgress {
        if let fault { throw fault }
        for index in bytes.indices { body.append(bytes[index]) }
        longestPiece = max(longestPiece, bytes.count)
        exchange.state.value.bodyBytesSent = body.count
        return .done
    }

    package func finish(trailers: Headers?, for exchange: Exchange) throws -> SendProgress {
        if let fault { throw fault }
        isFinished = true
        exchange.state.value.phase = progress == .done ? .complete : .ending
        return progress
    }

    package func discardUnsentResponse(of exchange: Exchange) {
        guard buffersPieces, exchange.state.value.phase == .streaming else { return }
        body = []
        headCount -= 1
        exchange.state.value.bodyBytesSent = 0
        exchange.state.value.phase = .open
    }

    package func logIgnored(_ change: IgnoredChange, for exchange: Exchange) {
        ignored.append(change)
    }

    package func flush(for exchange: Exchange) throws -> SendProgress { .done }

    package func drain(for exchange: Exchange) async throws {
        if let drainFault { throw drainFault }
        if exchange.state.value.phase == .ending { exchange.state.value.phase = .complete }
    }
}
