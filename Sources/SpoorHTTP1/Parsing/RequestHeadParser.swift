package import SpoorHTTP

/// An incremental parser for request heads (RFC 9112 §2–§5).
///
/// It is passed all bytes that were received and not yet consumed, returns "need more" as a normal result, and
/// remembers how far it has scanned. The result depends only on the bytes, not on the pieces. After a head it is
/// ready for the next one; after a fault every call throws that fault again.
package struct RequestHeadParser: Sendable {
    /// The progress of a head.
    package enum Progress: Sendable, Equatable {
        /// More input is needed; call again with more bytes after the same ones.
        case needMore
        /// The request has the complete head; contains the number of consumed bytes.
        case complete(bytesConsumed: Int)
    }

    /// The part of the head at which the input ended the last time.
    enum Stage {
        case beforeLine, method, target, version, headers
    }

    /// The limits.
    package let limits: HTTP1Limits
    /// The connection options of the last head.
    package private(set) var options = ConnectionOptions()
    /// Whether the client waits for `100 Continue` before it sends the body of the last head (RFC 9110 §10.1.1).
    package internal(set) var expectsContinue = false
    /// The fault that was thrown: the start of the next head is unknown.
    private var fault: RequestFault?

    var stage = Stage.beforeLine
    var position = 0
    var lineStart = 0
    var methodEnd = 0
    /// The position of the first `?` of the target.
    var queryMark: Int?
    var targetEnd = 0
    private var scanner = HeaderSectionScanner(at: 0)
    private var framing = FramingHeaders()
    private var hostCount = 0

    /// The maximum length of a method: the registered ones have at most 17 letters.
    static let maxMethodBytes = 32
    /// The maximum number of ignored empty lines before a request line (RFC 9112 §2.2 requires at least one).
    static let maxEmptyLines = 2

    /// Creates a parser for the heads of one connection.
    package init(limits: HTTP1Limits = HTTP1Limits()) {
        self.limits = limits
    }

    /// Parses the next bytes.
    ///
    /// - Parameters:
    ///   - input: All bytes that were received and not yet consumed.
    ///   - request: Receives the head; the same one in every call until the head is complete.
    /// - Throws: The reason for which the request is rejected. Every later call throws it again.
    package mutating func parse(
        _ input: Span<UInt8>, into request: inout Request
    ) throws(RequestFault) -> Progress {
        if let fault { throw fault }
        do throws(RequestFault) {
            return try parseNext(input, into: &request)
        } catch {
            fault = error
            throw error
        }
    }

    @inline(__always)
    private mutating func parseNext(
        _ input: Span<UInt8>, into request: inout Request
    ) throws(RequestFault) -> Progress {
        if stage != .headers {
            guard try parseLine(input, into: &request) else { return .needMore }
            // Keeps the memory, and is cheaper than removing all.
            request.head.entries.removeLast(request.head.entries.count)
            scanner = HeaderSectionScanner(at: position)
            stage = .headers
        }
        guard try parseHeaders(input, into: &request) else { return .needMore }
        let end = scanner.position
        try finish(input.extracting(lineStart..<end), into: &request)
        stage = .beforeLine
        position = 0
        framing = FramingHeaders()
        hostCount = 0
        return .complete(bytesConsumed: end)
    }

    /// Parses the rest of a head that was rejected for its meaning, such as a missing `Host`, so that the request can
    /// be shown.
    ///
    /// A request with a major version other than 1 is parsed as HTTP/1.1. The parser must not be used again.
    ///
    /// - Parameters:
    ///   - input: The bytes in which the fault was found.
    ///   - request: The request that was passed to ``parse(_:into:)``; receives the headers, and no body.
    /// - Returns: Whether the head is complete and its headers are well-formed.
    package mutating func completeRejectedHead(
        _ input: Span<UInt8>, into request: inout Request
    ) -> Bool {
        if stage == .version {
            guard skipUnsupportedVersion(input, into: &request) else { return false }
        }
        guard stage == .headers else { return false }
        request.head.entries.removeLast(request.head.entries.count)
        var scanner = HeaderSectionScanner(at: position)
        let limit = lineStart &+ min(limits.maxHeadBytes, .max &- lineStart)
        let progress = scanner.scan(
            input, bound: min(input.count, limit), origin: lineStart,
            maxCount: limits.maxHeaderCount, into: &request.head.entries, nameLengths: 0
        ) { _ in }
        guard progress == .end else { return false }
        request.bodyLength = .none
        request.head.bytes.replaceAll(copying: input.extracting(lineStart..<scanner.position))
        return true
    }

    // MARK: Headers

    /// Parses headers to the end of the section; returns false if the input ends before.
    @inline(__always)
    private mutating func parseHeaders(
        _ input: Span<UInt8>, into request: inout Request
    ) throws(RequestFault) -> Bool {
        let limit = lineStart &+ min(limits.maxHeadBytes, .max &- lineStart)
        let bound = min(input.count, limit)
        let version = request.version
        var scanner = scanner
        var framing = framing
        let progress = try scanner.scan(
            input, bound: bound, origin: lineStart, maxCount: limits.maxHeaderCount,
            into: &request.head.entries, nameLengths: KnownHeader.requestNameLengths
        ) { line throws(RequestFault) in
            if line.isNamed(.host, in: input) {
                try recordHost(input, line)
            } else if line.isNamed(.expect, in: input) {
                if version == .http11 { try recordExpectation(input, line) }
            } else {
                do throws(FramingFault) {
                    try framing.record(input, line)
                } catch {
                    throw .framing(error)
                }
            }
        }
        self.scanner = scanner
        self.framing = framing
        switch progress {
        case .end:
            return true
        case .needMore:
            if bound == limit { throw .header(.tooLarge) }
            return false
        case .fault(let fault):
            throw .header(fault)
        }
    }

    private mutating func recordHost(
        _ input: Span<UInt8>, _ line: HeaderSectionScanner.Line
    ) throws(RequestFault) {
        hostCount &+= 1
        guard hostCount == 1 else { throw .hostRepeated }
        // RFC 9112 §3.2: empty if the target has no authority.
        guard line.valueCount == 0 || AuthorityGrammar.isValid(input, line.value) else {
            throw .hostInvalid
        }
    }

    private mutating func recordExpectation(
        _ input: Span<UInt8>, _ line: HeaderSectionScanner.Line
    ) throws(RequestFault) {
        guard line.valueCount == 12, input.isToken("100-continue", at: line.valueStart) else {
            throw .expectationUnknown
        }
        expectsContinue = true
    }

    /// Evaluates the headers that depend on each other, and makes the only copy of the head.
    @inline(__always)
    private mutating func finish(
        _ head: Span<UInt8>, into request: inout Request
    ) throws(RequestFault) {
        let version = request.version
        guard hostCount == 1 || version == .http10 else { throw .hostMissing }
        do {
            request.bodyLength = try framing.bodyLength(for: version)
        } catch {
            throw .framing(error)
        }
        options = framing.connectionOptions(for: version)
        expectsContinue = expectsContinue && request.bodyLength != .none
        request.head.bytes.replaceAll(copying: head)
    }
}
