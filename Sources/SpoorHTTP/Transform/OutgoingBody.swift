/// The body of a response whose head is about to be sent; see ``ExchangeObserver/responseWillBeSent(_:body:)``.
public struct OutgoingBody {
    /// What is known of the body.
    public enum Content: Sendable {
        /// The complete body, as transformed so far.
        case complete(Response.Body)
        /// A body that will be written in pieces, or a file, with its number of bytes if that is known.
        case streamed(count: Int?)
        /// Bytes of another protocol, after an upgrade or in a tunnel, which cannot be transformed.
        case switchedProtocol
    }

    /// The body as transformed so far.
    public private(set) var content: Content
    /// The transforms of a streamed body, in the order in which its bytes pass them.
    private(set) var transforms: [any BodyTransform] = []
    /// The first error of a transform.
    private(set) var failure: (any Error)?

    /// Creates the body of a response.
    init(_ content: Content) {
        self.content = content
    }

    /// Replaces the body; what the handler still writes of a streamed body is discarded.
    ///
    /// Does nothing after an upgrade.
    public mutating func replace(with body: Response.Body) {
        switch content {
        case .complete: content = .complete(body)
        case .streamed:
            transforms.append(Replacement(body))
            content = .streamed(count: body.count)
        case .switchedProtocol: break
        }
    }

    /// Transforms the body: immediately if it is complete, so that it is still sent in one write with its head, and
    /// otherwise while it is written.
    ///
    /// Change the headers accordingly, such as `Content-Encoding`, `ETag` or `Content-Range`; `Content-Length` is
    /// replaced automatically. A body that the status does not allow (204, 304) is not sent, whatever is appended. Does
    /// nothing after an upgrade.
    public mutating func transform(with transform: some BodyTransform) {
        switch content {
        case .complete(let body):
            guard failure == nil else { return }
            do {
                content = .complete(.bytes(try Self.transformed(body, by: transform)))
            } catch {
                failure = error
            }
        case .streamed(let count):
            transforms.append(transform)
            content = .streamed(count: transform.outputCount(forInputCount: count))
        case .switchedProtocol: break
        }
    }

    private static func transformed(
        _ body: Response.Body, by transform: some BodyTransform
    ) throws -> [UInt8] {
        let bytes = body.array
        let pipeline = BodyPipeline([transform], announcedCount: bytes.count)
        if !bytes.isEmpty { try pipeline.feed(bytes) }
        var whole: [UInt8] = []
        while true {
            switch try pipeline.next() {
            case .bytes(let more): whole.append(contentsOf: more)
            case .ended: return whole
            case .needsInput:
                // All bytes were fed; only the end of the body is missing.
                try pipeline.end(trailers: Headers())
            }
        }
    }
}

extension Response.Body {
    /// The bytes of the body.
    fileprivate var array: [UInt8] {
        switch self {
        case .none: []
        case .text(let text): Array(text.utf8)
        case .bytes(let bytes): bytes
        }
    }
}

/// Discards a body and appends another one in its place.
private struct Replacement: BodyTransform {
    private var body: [UInt8]
    private var start = 0
    private let count: Int

    init(_ body: Response.Body) {
        self.body = body.array
        count = body.count
    }

    mutating func transform(_ input: Span<UInt8>, into output: inout BodyOutput) -> Int {
        input.count
    }

    mutating func finish(into output: inout BodyOutput, trailers: inout Headers) -> Bool {
        let end = min(start + BodyOutput.maxBytes, body.count)
        output.append(contentsOf: body[start..<end])
        start = end
        return start == body.count
    }

    func outputCount(forInputCount count: Int?) -> Int? { self.count }
}
