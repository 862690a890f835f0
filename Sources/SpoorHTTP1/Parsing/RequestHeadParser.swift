package import SpoorHTTP

/// Reads request heads, however many pieces they come in (RFC 9112 §2–§5).
///
/// It is given everything that was received and not yet consumed, says "not enough yet" as a normal result, and
/// remembers how far it has looked. What it finds depends on the bytes alone, not on the pieces. After a
/// head it is ready for the next; after a fault it reads nothing more.
package struct RequestHeadParser: Sendable {
    /// How far a head has got.
    package enum Progress: Sendable, Equatable {
        /// Not enough yet; call again with more behind the same bytes.
        case needMore
        /// The head is in the request; so many bytes are consumed.
        case complete(bytesConsumed: Int)
    }

    /// Where the bytes ended the last time.
    enum Stage {
        case beforeLine, method, target, version, headers
    }

    /// The bounds.
    package let limits: HTTP1Limits
    /// What the last head asked of the connection.
    package private(set) var options = ConnectionOptions()
    /// Whether the last head waits for `100 Continue` before its body comes (RFC 9110 §10.1.1).
    package internal(set) var expectsContinue = false
    /// What was thrown: nobody knows where the next head starts.
    private var fault: RequestFault?

    var stage = Stage.beforeLine
    var position = 0
    var lineStart = 0
    var methodEnd = 0
    /// Where the first `?` of the target is.
    var queryMark: Int?
    var targetEnd = 0
    private var scanner = FieldSectionScanner(at: 0)
    private var framing = FramingFields()
    private var hostCount = 0

    /// The longest method that is read: those registered have at most 17 letters.
    static let maxMethodBytes = 32
    /// How many empty lines before a request line are overlooked (RFC 9112 §2.2 asks for one at the least).
    static let maxEmptyLines = 2

    /// A parser for the heads of one connection.
    package init(limits: HTTP1Limits = HTTP1Limits()) {
        self.limits = limits
    }

    /// Reads on.
    ///
    /// - Parameters:
    ///   - input: Everything that was received and not yet consumed.
    ///   - request: Gets the head; the same one in every call until the head is complete.
    /// - Throws: The cause for which the request is refused. Every later call throws it again.
    package mutating func parse(
        _ input: Span<UInt8>, into request: inout Request
    ) throws(RequestFault) -> Progress {
        if let fault { throw fault }
        do throws(RequestFault) {
            return try readOn(input, into: &request)
        } catch {
            fault = error
            throw error
        }
    }

    @inline(__always)
    private mutating func readOn(
        _ input: Span<UInt8>, into request: inout Request
    ) throws(RequestFault) -> Progress {
        if stage != .headers {
            guard try parseLine(input, into: &request) else { return .needMore }
            // Keeps the memory, and costs less than to remove all.
            request.headers.entries.removeLast(request.headers.entries.count)
            scanner = FieldSectionScanner(at: position)
            stage = .headers
        }
        guard try parseFields(input, into: &request) else { return .needMore }
        let end = scanner.position
        try finish(input.extracting(lineStart..<end), into: &request)
        stage = .beforeLine
        position = 0
        framing = FramingFields()
        hostCount = 0
        return .complete(bytesConsumed: end)
    }

    /// Reads the rest of a head that was refused for its meaning, such as a missing `Host`, so that the request can be shown.
    ///
    /// A request of another major version than 1 is read as one of HTTP/1.1. The parser is not to be used again.
    ///
    /// - Parameters:
    ///   - input: The bytes in which the fault was found.
    ///   - request: The one that was given to ``parse(_:into:)``; gets the headers, and no body.
    /// - Returns: Whether the head is whole and its fields are well-formed.
    package mutating func completeRefusedHead(
        _ input: Span<UInt8>, into request: inout Request
    ) -> Bool {
        if stage == .version {
            guard skipUnsupportedVersion(input, into: &request) else { return false }
        }
        guard stage == .headers else { return false }
        request.headers.entries.removeLast(request.headers.entries.count)
        var scanner = FieldSectionScanner(at: position)
        let limit = lineStart &+ min(limits.maxHeadBytes, .max &- lineStart)
        let progress = scanner.scan(
            input, bound: min(input.count, limit), origin: lineStart,
            maxCount: limits.maxHeaderCount, into: &request.headers.entries, noted: 0
        ) { _ in }
        guard progress == .end else { return false }
        request.bodyLength = .none
        request.headers.bytes.replaceAll(copying: input.extracting(lineStart..<scanner.position))
        return true
    }

    // MARK: Headers

    /// Reads fields to the end of the section; false if the bytes end before.
    @inline(__always)
    private mutating func parseFields(
        _ input: Span<UInt8>, into request: inout Request
    ) throws(RequestFault) -> Bool {
        let limit = lineStart &+ min(limits.maxHeadBytes, .max &- lineStart)
        let bound = min(input.count, limit)
        let version = request.version
        var scanner = scanner
        var framing = framing
        let progress = try scanner.scan(
            input, bound: bound, origin: lineStart, maxCount: limits.maxHeaderCount,
            into: &request.headers.entries, noted: NotedField.requestNameLengths
        ) { line throws(RequestFault) in
            if line.isNamed(.host, in: input) {
                try noteHost(input, line)
            } else if line.isNamed(.expect, in: input) {
                if version == .http11 { try noteExpectation(input, line) }
            } else {
                do throws(FramingFault) {
                    try framing.note(input, line)
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
            if bound == limit { throw .field(.tooLarge) }
            return false
        case .fault(let fault):
            throw .field(fault)
        }
    }

    private mutating func noteHost(
        _ input: Span<UInt8>, _ line: FieldSectionScanner.Line
    ) throws(RequestFault) {
        hostCount &+= 1
        guard hostCount == 1 else { throw .hostRepeated }
        // RFC 9112 §3.2: empty if the target has no authority.
        guard line.valueCount == 0 || AuthorityGrammar.isValid(input, line.value) else {
            throw .hostInvalid
        }
    }

    private mutating func noteExpectation(
        _ input: Span<UInt8>, _ line: FieldSectionScanner.Line
    ) throws(RequestFault) {
        guard line.valueCount == 12, input.isToken("100-continue", at: line.valueStart) else {
            throw .expectationUnknown
        }
        expectsContinue = true
    }

    /// Decides what the fields decide together, and takes the one copy of the head.
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
        request.headers.bytes.replaceAll(copying: head)
    }
}
