import HTTPTypes
import SpoorHTTP
import SpoorHTTP1

/// The requests of a connection, with their bodies; inputs of odd length have small limits.
func fuzzRequestHead(_ input: Span<UInt8>) {
    var reader = ServerReader(limits: input.count & 1 == 0 ? .loose : .tight)
    _ = reader.receive(input)
}

/// A chunked body with its trailers; inputs of odd length have small limits.
func fuzzChunkedBody(_ input: Span<UInt8>) {
    let limits = input.count & 1 == 0 ? HTTP1Limits.loose : .tight
    var decoder = BodyDecoder(.unknown, limits: limits)
    var trailers = Headers()
    var body: [UInt8] = []
    do throws(BodyFault) {
        let progress = try decoder.decode(input, appendingTo: &body, trailers: &trailers)
        if case .needMore = progress { precondition(trailers.isEmpty) }
        precondition(body.count == decoder.bytesReceived && body.count <= limits.maxBodyBytes)
        guard case .end(let count) = progress else { return }
        precondition(decoder.isComplete && count >= 5 && count <= input.count)
        precondition(input[count - 1] == 0x0A && input[count - 2] == 0x0D)
        precondition(!trailers.contains(.contentLength) && !trailers.contains(.authorization))
        var digest = Digest()
        digest.add(trailers)
        checkEncoding(of: body, trailers)
    } catch {
        precondition(!error.description.isEmpty)
    }
}

/// Stops the process if the parsed, serialized and parsed again body differs.
private func checkEncoding(of body: [UInt8], _ trailers: Headers) {
    var encoder = BodyEncoder(MessageFraming(length: .chunked))
    var output: [UInt8] = []
    var again: [UInt8] = []
    var trailersAgain = Headers()
    var decoder = BodyDecoder(.unknown, limits: .loose)
    do {
        try encoder.append(body.span, to: &output)
        try encoder.finish(trailers: trailers, to: &output)
        let progress = try decoder.decode(
            output.span, appendingTo: &again, trailers: &trailersAgain)
        precondition(progress == .end(bytesConsumed: output.count))
    } catch {
        preconditionFailure("refused what was written: \(error)")
    }
    precondition(again == body && trailersAgain == trailers)
}

/// The responses of a connection until its end; the first byte selects the request and small limits.
func fuzzResponse(_ input: Span<UInt8>) {
    guard !input.isEmpty else { return }
    var reader = ClientReader(
        limits: input[0] & 0x80 == 0 ? .loose : .tight, answering: input[0])
    _ = reader.receive(input.extracting(1..<input.count))
    reader.close()
}

/// The same bytes whole and in pieces, with equal results; the first two bytes select the target and how the input is cut.
func fuzzPieces(_ input: Span<UInt8>) {
    guard input.count > 2 else { return }
    let limits = input[0] & 0x80 == 0 ? HTTP1Limits.loose : .tight
    let bytes = input.extracting(2..<input.count)
    if input[0] & 0x40 == 0 {
        var whole = ServerReader(limits: limits)
        let consumed = whole.receive(bytes)
        var pieced = ServerReader(limits: limits)
        let consumedInPieces = inPieces(bytes, seed: input[1]) { pieced.receive($0) }
        precondition(pieced.fault == whole.fault, "another fault in pieces")
        precondition(pieced.digest == whole.digest, "other findings in pieces")
        precondition(whole.fault != nil || consumed == consumedInPieces, "another end in pieces")
    } else {
        var whole = ClientReader(limits: limits, answering: input[0])
        let consumed = whole.receive(bytes)
        whole.close()
        var pieced = ClientReader(limits: limits, answering: input[0])
        let consumedInPieces = inPieces(bytes, seed: input[1]) { pieced.receive($0) }
        pieced.close()
        precondition(pieced.fault == whole.fault, "another fault in pieces")
        precondition(pieced.digest == whole.digest, "other findings in pieces")
        precondition(whole.fault != nil || consumed == consumedInPieces, "another end in pieces")
    }
}

/// Passes the bytes in pieces of one to `seed` bytes, or byte by byte; returns how many were consumed.
private func inPieces(
    _ bytes: Span<UInt8>, seed: UInt8, _ receive: (Span<UInt8>) -> Int
) -> Int {
    var state = UInt64(seed) &+ 1
    let longest = seed < 64 ? 1 : UInt64(seed) / 16
    var start = 0
    var end = 0
    while end < bytes.count {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        end = min(bytes.count, end + 1 + Int(state >> 33 % longest))
        start += receive(bytes.extracting(start..<end))
    }
    return start
}

extension ClientReader {
    /// Returns a reader of responses to the request that the lowest bits select.
    fileprivate init(limits: HTTP1Limits, answering byte: UInt8) {
        let first: HTTPRequest.Method =
            switch byte & 3 {
            case 1: .head
            case 2: .connect
            default: .get
            }
        self.init(limits: limits, first: first, requestsUpgrade: byte & 3 == 3)
    }
}
