import HTTPTypes
import SpoorHTTP
import SpoorHTTP1

/// Reads a connection as the driver of a server does, and adds the results to a digest.
struct ServerReader {
    private(set) var digest = Digest()
    private(set) var fault: RequestFault?
    private let limits: HTTP1Limits
    private var parser: RequestHeadParser
    private var body: BodyReader?
    private var request = Request()

    init(limits: HTTP1Limits) {
        self.limits = limits
        parser = RequestHeadParser(limits: limits)
    }

    /// Receives all bytes that are not consumed yet; returns how many of them it consumes.
    mutating func receive(_ input: Span<UInt8>) -> Int {
        var start = 0
        do throws(RequestFault) {
            while fault == nil, try step(input.extracting(start..<input.count), &start) {}
        } catch {
            fault = error
            precondition((400..<600).contains(error.status.code))
            precondition(!error.description.isEmpty)
        }
        return start
    }

    private mutating func step(_ rest: Span<UInt8>, _ start: inout Int) throws(RequestFault) -> Bool
    {
        guard body != nil else { return try readHead(rest, &start) }
        switch try BodyReader.read(&body, rest, &start, into: &digest, RequestFault.body) {
        case .content: return true
        case .needMore: return false
        case .end: return true
        }
    }

    private mutating func readHead(
        _ rest: Span<UInt8>, _ start: inout Int
    ) throws(RequestFault) -> Bool {
        guard case .complete(let count) = try parser.parse(rest, into: &request) else {
            return false
        }
        checkLines(rest.extracting(0..<count))
        precondition(!request.method.rawValue.isEmpty && !request.target.isEmpty)
        precondition(!request.path.isEmpty)
        precondition(request.version == .http10 || request.authority != nil)
        precondition(count <= limits.maxHeadBytes + 4)
        precondition(request.headers.count <= limits.maxHeaderCount)
        start += count
        digest.add(request)
        digest.add(parser.options.rawValue)
        digest.add(parser.expectsContinue ? 1 : 0)
        body = BodyReader(BodyDecoder(request.bodyLength, limits: limits), limits: limits)
        return true
    }
}
