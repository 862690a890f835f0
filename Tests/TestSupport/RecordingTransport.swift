package import SpoorHTTP
import SpoorText

/// A wire that is none: keeps what an exchange sends, and hands out the request body it was given.
package final class RecordingTransport: ExchangeWire {
    /// What was sent of the body so far.
    package private(set) var body: [UInt8] = []
    /// The `Content-Type` that came with a whole response.
    package private(set) var contentType: String?
    /// How many bytes were given at once, at the most.
    package private(set) var longestPiece = 0
    /// How often a head was sent.
    package private(set) var headCount = 0
    /// Whether the response was ended.
    package private(set) var isFinished = false
    /// Changes of the response that had no effect.
    package private(set) var ignored: [IgnoredChange] = []
    /// Pieces of the request's body that are still to come.
    package var requestBody: [[UInt8]]
    /// Thrown by the next call that sends, as when the peer is gone.
    package var fault: (any Error)?
    /// Thrown while the end of a response waits for the kernel, which takes nothing at once then.
    package var drainFault: (any Error)?

    /// Whether pieces of a body wait in a buffer until the end, so that they can be discarded.
    package var buffersPieces = false

    /// What has interrupted the exchange, as if the wire had seen it.
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
