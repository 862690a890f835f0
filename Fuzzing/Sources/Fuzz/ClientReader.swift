import HTTPTypes
import SpoorHTTP
import SpoorHTTP1

/// Reads a connection as the driver of a client does, and adds the results to a digest.
struct ClientReader {
    private(set) var digest = Digest()
    private(set) var fault: ResponseFault?
    /// Whether further bytes do not belong to any response.
    private(set) var isOver = false
    private let limits: HTTP1Limits
    private var parser: ResponseHeadParser
    private var machine: ClientConnectionMachine
    private var body: BodyReader?
    private var head = ResponseHead()
    private var requestCount = 0

    /// - Parameter first: The method of the first request; those after it are GET.
    init(limits: HTTP1Limits, first: HTTPRequest.Method, requestsUpgrade: Bool) {
        self.limits = limits
        parser = ResponseHeadParser(limits: limits)
        machine = ClientConnectionMachine(limits: limits)
        begin(first, requestsUpgrade ? [.connection: "upgrade", .upgrade: "echo"] : Headers())
    }

    private mutating func begin(_ method: HTTPRequest.Method, _ headers: Headers = Headers()) {
        requestCount += 1
        do throws(RequestSerializingError) {
            machine.startRequest(
                method, try RequestDirectives(method, bodyLength: .none, headers: headers))
            _ = machine.handle(.requestSent)
        } catch {
            preconditionFailure("a sound request was refused: \(error)")
        }
    }

    /// Receives all bytes that are not consumed yet; returns how many of them it consumes.
    mutating func receive(_ input: Span<UInt8>) -> Int {
        var start = 0
        do throws(ResponseFault) {
            while fault == nil, !isOver, try step(input.extracting(start..<input.count), &start) {}
        } catch {
            fail(error)
        }
        return start
    }

    /// Handles the end of the stream.
    mutating func close() {
        guard fault == nil, !isOver, let body else { return }
        do throws(BodyFault) {
            try body.close(into: &digest)
        } catch {
            fail(.body(error))
        }
    }

    private mutating func fail(_ error: ResponseFault) {
        fault = error
        precondition(!error.description.isEmpty)
    }

    private mutating func step(
        _ rest: Span<UInt8>, _ start: inout Int
    ) throws(ResponseFault) -> Bool {
        guard body != nil else { return try readHead(rest, &start) }
        switch try BodyReader.read(&body, rest, &start, into: &digest, ResponseFault.body) {
        case .content: return true
        case .needMore: return false
        case .end:
            finish()
            return !isOver
        }
    }

    private mutating func finish() {
        digest.add(machine.keepsAlive ? 1 : 0)
        let action = machine.handle(.responseEnded)
        precondition(action == (machine.keepsAlive ? .release : .close))
        guard machine.keepsAlive, requestCount < 4 else {
            isOver = true
            return
        }
        begin(.get)
    }

    private mutating func readHead(
        _ rest: Span<UInt8>, _ start: inout Int
    ) throws(ResponseFault) -> Bool {
        guard case .complete(let count) = try parser.parse(rest, into: &head) else { return false }
        checkHeaders(head.headers)
        precondition((100...999).contains(head.status.code) && count <= limits.maxHeadBytes)
        precondition(head.headers.count <= limits.maxHeaderCount)
        start += count
        digest.add(head.status.code)
        digest.add(head.options.rawValue)
        digest.add(head.headers)
        switch try machine.receive(head) {
        case .interim:
            precondition(head.status.code < 200)
        case .final(let decoder, _):
            body = BodyReader(decoder, limits: limits)
        case .handOver:
            isOver = true
        }
        return true
    }
}
