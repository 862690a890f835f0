import HTTPTypes
import SpoorHTTP

@testable import SpoorHTTP1

/// The messages that a client parses from the bytes of one connection, piece by piece; content is joined.
struct ResponseTranscript: Equatable, CustomStringConvertible {
    enum Event: Equatable, TranscriptEvent {
        case interim(Int)
        case head(code: Int, version: Request.Version, headers: String, options: ConnectionOptions)
        case content([UInt8])
        case end(trailers: String, keepsAlive: Bool)
        case handOver
        case fault(ResponseFault)

        var contentBytes: [UInt8]? { if case .content(let bytes) = self { bytes } else { nil } }
    }

    private(set) var events: [Event] = []
    /// The received bytes that belong to no message yet.
    private(set) var rest: [UInt8] = []

    private var parser: ResponseHeadParser
    private var machine: ClientConnectionMachine
    private var head = ResponseHead()
    private var body: BodyReader?
    private var isOver = false
    private let limits: HTTP1Limits

    /// Parses responses to requests of these methods, in order, and then the close.
    init(
        _ input: [UInt8], to methods: [HTTPRequest.Method] = [.get],
        _ splitting: Splitting = .whole, headers: Headers = Headers(),
        limits: HTTP1Limits = HTTP1Limits()
    ) {
        parser = ResponseHeadParser(limits: limits)
        machine = ClientConnectionMachine(limits: limits)
        self.limits = limits
        var methods = methods[...]
        begin(&methods, headers)
        for piece in splitting(input) where fault == nil {
            rest.append(contentsOf: piece)
            guard !isOver else { continue }
            do {
                while try step() {
                    if case .end? = events.last { begin(&methods, headers) }
                }
            } catch {
                fail(error)
            }
        }
        close()
    }

    private mutating func begin(_ methods: inout ArraySlice<HTTPRequest.Method>, _ headers: Headers)
    {
        guard let method = methods.popFirst() else {
            isOver = true
            return
        }
        // Bytes after the last response of a connection are parsed as if they belonged to another one.
        if case .closed = machine.state { machine = ClientConnectionMachine(limits: limits) }
        do {
            machine.startRequest(
                method, try RequestDirectives(method, bodyLength: .none, headers: headers))
            _ = machine.handle(.requestSent)
        } catch {
            isOver = true
        }
    }

    private mutating func fail(_ fault: ResponseFault) {
        events.append(.fault(fault))
        isOver = true
        rest = []
    }

    private mutating func close() {
        guard !isOver, let body else { return }
        do {
            try body.closedByPeer()
            end(trailers: "")
        } catch {
            fail(.body(error))
        }
    }

    private mutating func end(trailers: String) {
        let keepsAlive = machine.keepsAlive
        events.append(.end(trailers: trailers, keepsAlive: keepsAlive))
        if machine.handle(.responseEnded) != (keepsAlive ? .release : .close) {
            fail(.body(.incomplete))
        }
    }

    private mutating func step() throws(ResponseFault) -> Bool {
        guard !isOver else { return false }
        guard body != nil else { return try stepHead() }
        switch try events.read(&body, from: &rest, ResponseFault.body) {
        case .content: break
        case .needMore: return false
        case .end(let trailers): end(trailers: trailers)
        }
        return true
    }

    private mutating func stepHead() throws(ResponseFault) -> Bool {
        let received = rest
        guard case .complete(let count) = try parser.parse(received.span, into: &head) else {
            return false
        }
        rest.removeSubrange(..<count)
        switch try machine.receive(head) {
        case .interim:
            events.append(.interim(head.status.code))
        case .final(let decoder, _):
            events.append(
                .head(
                    code: head.status.code, version: head.version,
                    headers: head.headers.description, options: head.options))
            body = BodyReader(decoder)
        case .handOver:
            events.append(.handOver)
            isOver = true
        }
        return true
    }

    var fault: ResponseFault? {
        if case .fault(let fault)? = events.last { return fault }
        return nil
    }

    var content: String {
        events.map {
            if case .content(let bytes) = $0 { String(decoding: bytes, as: UTF8.self) } else { "" }
        }
        .joined()
    }

    var description: String { events.map { "\($0)" }.joined(separator: "\n") }

    static func == (one: ResponseTranscript, other: ResponseTranscript) -> Bool {
        one.events == other.events && one.rest == other.rest
    }
}
