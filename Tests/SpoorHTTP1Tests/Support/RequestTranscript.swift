import SpoorHTTP

@testable import SpoorHTTP1

/// The messages that a server parses from the bytes of one connection, piece by piece.
///
/// Content is joined, so that transcripts of the same bytes in other pieces are equal.
struct RequestTranscript: Equatable, CustomStringConvertible {
    enum Event: Equatable, TranscriptEvent {
        case head(Head)
        case content([UInt8])
        case end(trailers: String)
        case fault(RequestFault)

        var contentBytes: [UInt8]? { if case .content(let bytes) = self { bytes } else { nil } }
    }

    struct Head: Equatable {
        var line: String
        var version: Request.Version
        var path: String
        var query: String?
        var authority: String?
        var form: Request.TargetForm
        var headers: String
        var bodyLength: Request.BodyLength
        var options: ConnectionOptions
        var expectsContinue: Bool
    }

    private(set) var events: [Event] = []
    /// The received bytes that belong to no message yet.
    private(set) var rest: [UInt8] = []

    init(
        _ input: [UInt8], _ splitting: Splitting = .whole, limits: HTTP1Limits = HTTP1Limits()
    ) {
        var reader = Reader(limits: limits)
        for piece in splitting(input) {
            reader.receive(piece)
        }
        events = reader.events
        rest = reader.isLost ? [] : reader.buffer
    }

    init(_ text: String, _ splitting: Splitting = .whole, limits: HTTP1Limits = HTTP1Limits()) {
        self.init(bytes(text), splitting, limits: limits)
    }

    /// The fault, if the transcript ends with one.
    var fault: RequestFault? {
        if case .fault(let fault)? = events.last { return fault }
        return nil
    }

    var heads: [Head] {
        events.compactMap { if case .head(let head) = $0 { head } else { nil } }
    }

    /// The bodies of the complete messages.
    var bodies: [String] {
        var bodies: [String] = []
        var content: [UInt8] = []
        for event in events {
            switch event {
            case .content(let bytes): content = bytes
            case .end:
                bodies.append(String(decoding: content, as: UTF8.self))
                content = []
            case .head, .fault: break
            }
        }
        return bodies
    }

    var description: String { events.map { "\($0)" }.joined(separator: "\n") + "\nrest: \(rest)" }
}

/// The reading side of a server, as the connection drives it.
private struct Reader {
    let limits: HTTP1Limits
    var parser: RequestHeadParser
    var body: BodyReader?
    var request = Request()
    var buffer: [UInt8] = []
    var events: [RequestTranscript.Event] = []
    var isLost = false

    init(limits: HTTP1Limits) {
        self.limits = limits
        parser = RequestHeadParser(limits: limits)
    }

    mutating func receive(_ piece: [UInt8]) {
        guard !isLost else { return }
        buffer.append(contentsOf: piece)
        do {
            while try step() {}
        } catch {
            events.append(.fault(error))
            isLost = true
        }
    }

    private mutating func step() throws(RequestFault) -> Bool {
        guard body != nil else { return try stepHead() }
        switch try events.read(&body, from: &buffer, RequestFault.body) {
        case .content: break
        case .needMore: return false
        case .end(let trailers): events.append(.end(trailers: trailers))
        }
        return true
    }

    private mutating func stepHead() throws(RequestFault) -> Bool {
        let received = buffer
        guard case .complete(let count) = try parser.parse(received.span, into: &request) else {
            return false
        }
        buffer.removeSubrange(..<count)
        events.append(
            .head(
                .init(
                    line: request.description, version: request.version, path: request.path,
                    query: request.query, authority: request.authority,
                    form: request.targetForm, headers: request.headers.description,
                    bodyLength: request.bodyLength, options: parser.options,
                    expectsContinue: parser.expectsContinue)))
        body = BodyReader(BodyDecoder(request.bodyLength, limits: limits))
        return true
    }
}
