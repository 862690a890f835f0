package import SpoorHTTP

/// Reads request heads, however many pieces they come in (RFC 9112 §2–§5).
///
/// It is given everything that was received and not yet consumed, says "not enough yet" as a normal result, and
/// remembers how far it has looked. What it finds depends on the bytes alone, not on the pieces. After a
/// head it is ready for the next; after a fault it is not to be used again.
package struct RequestHeadParser: Sendable {
    /// How far a head has got.
    package enum Progress: Sendable, Equatable {
        /// Not enough yet; call again with more behind the same bytes.
        case needMore
        /// The head is in the request; so many bytes are consumed.
        case complete(bytesConsumed: Int)
    }

    /// Where the bytes ended the last time.
    private enum Stage {
        case beforeLine, method, target, version, fields
    }

    /// The bounds.
    package let limits: HTTP1Limits
    /// What the last head asked of the connection.
    package private(set) var options = ConnectionOptions()
    /// Whether the last head waits for `100 Continue` before its body comes (RFC 9110 §10.1.1).
    package private(set) var expectsContinue = false

    private var stage = Stage.beforeLine
    private var position = 0
    private var lineStart = 0
    private var methodEnd = 0
    private var pathEnd = -1
    private var targetEnd = 0
    private var scanner = FieldSectionScanner(at: 0)
    private var framing = FramingFields()
    private var hostCount = 0

    /// The longest method that is read: those registered have at most 17 letters.
    static let methodBytesMax = 32
    /// How many empty lines before a request line are overlooked (RFC 9112 §2.2 asks for one at the least).
    static let emptyLinesMax = 2

    /// A parser for the heads of one connection.
    package init(limits: HTTP1Limits = HTTP1Limits()) {
        self.limits = limits
    }

    /// Whether part of a head has come: the peer is in the middle of something.
    package var isInHead: Bool { stage != .beforeLine }

    /// Reads on.
    ///
    /// - Parameters:
    ///   - input: Everything that was received and not yet consumed.
    ///   - request: Gets the head; the same one in every call until the head is complete.
    /// - Throws: The cause for which the request is refused.
    package mutating func parse(
        _ input: Span<UInt8>, into request: inout Request
    ) throws(RequestFault) -> Progress {
        if stage != .fields {
            guard try parseLine(input, into: &request) else { return .needMore }
            request.fields.entries.removeAll(keepingCapacity: true)
            scanner = FieldSectionScanner(at: position)
            stage = .fields
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

    // MARK: Fields

    /// Reads fields to the end of the section; false if the bytes end before.
    @inline(__always)
    private mutating func parseFields(
        _ input: Span<UInt8>, into request: inout Request
    ) throws(RequestFault) -> Bool {
        let limit = lineStart &+ min(limits.headBytesMax, .max &- lineStart)
        let bound = min(input.count, limit)
        var scanner = scanner
        while true {
            switch scanner.step(input, bound: bound) {
            case .field:
                guard request.fields.entries.count < limits.fieldCountMax else {
                    throw .field(.tooMany)
                }
                let name = scanner.name
                let value = scanner.value
                request.fields.entries.append(
                    Fields.Entry(
                        nameStart: name.lowerBound &- lineStart, nameCount: name.count,
                        valueStart: value.lowerBound &- lineStart, valueCount: value.count))
                try note(input, name: name, value: value, version: request.version)
            case .end:
                self.scanner = scanner
                return true
            case .needMore:
                self.scanner = scanner
                if bound == limit { throw .field(.tooLarge) }
                return false
            case .fault(let fault):
                throw .field(fault)
            }
        }
    }

    @inline(__always)
    private mutating func note(
        _ input: Span<UInt8>, name: Range<Int>, value: Range<Int>, version: Request.Version
    ) throws(RequestFault) {
        switch name.count {
        case 4:
            if input.isToken("host", at: name.lowerBound) {
                hostCount &+= 1
                guard hostCount == 1 else { throw .hostRepeated }
                // RFC 9112 §3.2: empty if the target has no authority.
                guard value.isEmpty || Authority.isValid(input, value) else { throw .hostInvalid }
            }
        case 6:
            if version == .http11, input.isToken("expect", at: name.lowerBound) {
                guard value.count == 12, input.isToken("100-continue", at: value.lowerBound) else {
                    throw .expectationUnknown
                }
                expectsContinue = true
            }
        default:
            do {
                try framing.note(input, name: name, value: value)
            } catch {
                throw .framing(error)
            }
        }
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
        request.fields.bytes.removeAll(keepingCapacity: true)
        request.fields.bytes.append(copying: head)
    }
}

// MARK: - The request line

extension RequestHeadParser {
    /// Reads the request line; false if the bytes end before.
    @inline(__always)
    private mutating func parseLine(
        _ input: Span<UInt8>, into request: inout Request
    ) throws(RequestFault) -> Bool {
        if stage == .beforeLine {
            guard try skipEmptyLines(input) else { return false }
            lineStart = position
            stage = .method
            pathEnd = -1
            expectsContinue = false
            request.knownMethod = nil
        }
        let limit = lineStart &+ min(limits.startLineBytesMax, .max &- lineStart)
        let bound = min(input.count, limit)
        guard try parseLine(input, bound: bound, into: &request) else {
            if bound == limit { throw .lineTooLong }
            return false
        }
        return true
    }

    @inline(__always)
    private mutating func parseLine(
        _ input: Span<UInt8>, bound: Int, into request: inout Request
    ) throws(RequestFault) -> Bool {
        if stage == .method {
            guard try parseMethod(input, bound: bound, into: &request) else { return false }
            stage = .target
        }
        if stage == .target {
            guard try parseTarget(input, bound: bound) else { return false }
            stage = .version
        }
        guard try parseVersion(input, bound: bound, into: &request) else { return false }
        try decideTarget(input, into: &request)
        return true
    }

    /// RFC 9112 §2.2: an empty line before the request line is overlooked.
    @inline(__always)
    private mutating func skipEmptyLines(_ input: Span<UInt8>) throws(RequestFault) -> Bool {
        while true {
            guard position < input.count else { return false }
            guard input[position] == 0x0D else { return true }
            guard position < Self.emptyLinesMax * 2 else { throw .lineMalformed }
            guard position &+ 1 < input.count else { return false }
            guard input[position &+ 1] == 0x0A else { throw .field(.bareCR) }
            position &+= 2
        }
    }

    @inline(__always)
    private mutating func parseMethod(
        _ input: Span<UInt8>, bound: Int, into request: inout Request
    ) throws(RequestFault) -> Bool {
        var at = position
        if at == lineStart, at &+ 8 <= bound, let known = KnownMethod(startOf: input, at: at) {
            request.knownMethod = known
            at &+= known.count
        } else {
            while at < bound, ByteSet.token.contains(input[at]) { at &+= 1 }
            guard at &- lineStart <= Self.methodBytesMax else { throw .methodTooLong }
            position = at
            guard at < bound else { return false }
            guard input[at] == 0x20, at > lineStart else {
                throw at > lineStart && input[at] <= 0x20 ? .lineMalformed : .methodInvalid
            }
            request.knownMethod = KnownMethod(whole: input.extracting(lineStart..<at))
        }
        methodEnd = at
        position = at &+ 1
        return true
    }

    /// Goes on to the space behind the target, noting the first `?`.
    @inline(__always)
    private mutating func parseTarget(
        _ input: Span<UInt8>, bound: Int
    ) throws(RequestFault) -> Bool {
        var at = position
        while at < bound {
            if at &+ 8 <= bound {
                let end = WordScan.endOfPath(input.word(at: at))
                if end == 0 {
                    at &+= 8
                    continue
                }
                at &+= WordScan.index(end)
            }
            let byte = input[at]
            if byte == 0x20 {
                guard at > methodEnd &+ 1 else { throw .lineMalformed }
                targetEnd = at
                if pathEnd < 0 { pathEnd = at }
                position = at &+ 1
                return true
            }
            if byte == 0x3F, pathEnd < 0 { pathEnd = at }
            guard ByteSet.target.contains(byte) else {
                throw byte == 0x0D || byte == 0x0A ? .lineMalformed : .targetInvalid
            }
            at &+= 1
        }
        position = at
        return false
    }

    /// `HTTP-version = "HTTP/" DIGIT "." DIGIT`, and the end of the line.
    @inline(__always)
    private mutating func parseVersion(
        _ input: Span<UInt8>, bound: Int, into request: inout Request
    ) throws(RequestFault) -> Bool {
        guard position &+ 10 <= bound else {
            // A wrong byte is not waited behind.
            for at in position..<max(position, bound) {
                try Self.checkVersion(input[at], at: at &- position)
            }
            return false
        }
        let word = input.word(at: position)
        let isEnded = input[position &+ 8] == 0x0D && input[position &+ 9] == 0x0A
        if word == Self.version11, isEnded {
            request.version = .http11
        } else {
            for offset in 0..<10 { try Self.checkVersion(input[position &+ offset], at: offset) }
            guard input[position &+ 5] == 0x31 else { throw .versionUnsupported }
            // RFC 9110 §2.5: a higher minor version is answered as the highest known.
            request.version = input[position &+ 7] == 0x30 ? .http10 : .http11
        }
        position &+= 10
        return true
    }

    /// The bytes `HTTP/1.1`.
    private static var version11: UInt64 { 0x312E_312F_5054_5448 }

    private static func checkVersion(_ byte: UInt8, at offset: Int) throws(RequestFault) {
        let isRight =
            switch offset {
            case 8: byte == 0x0D
            case 9: byte == 0x0A
            default: HTTPVersion.mayHave(byte, at: offset)
            }
        guard isRight else { throw .versionMalformed }
    }
}

// MARK: - The target

extension RequestHeadParser {
    /// Finds out which of the four forms the target has (RFC 9112 §3.2).
    @inline(__always)
    private mutating func decideTarget(
        _ input: Span<UInt8>, into request: inout Request
    ) throws(RequestFault) {
        let start = methodEnd &+ 1
        request.methodRange = 0..<methodEnd &- lineStart
        request.targetRange = start &- lineStart..<targetEnd &- lineStart
        request.queryRange =
            pathEnd < targetEnd ? pathEnd &+ 1 &- lineStart..<targetEnd &- lineStart : nil
        if input[start] == 0x2F {
            request.targetForm = .origin
            request.authorityRange = nil
            request.pathRange = start &- lineStart..<pathEnd &- lineStart
            if case .connect = request.knownMethod { throw .targetFormInvalid }
        } else {
            try decideRareTarget(input, into: &request)
        }
    }

    private mutating func decideRareTarget(
        _ input: Span<UInt8>, into request: inout Request
    ) throws(RequestFault) {
        let start = methodEnd &+ 1
        request.pathRange = 0..<0
        if case .connect = request.knownMethod {
            guard Authority.isValid(input, start..<targetEnd, port: .required) else {
                throw .targetFormInvalid
            }
            request.targetForm = .authority
            request.authorityRange = request.targetRange
            return
        }
        if input[start] == 0x2A, targetEnd == start &+ 1 {
            guard case .options = request.knownMethod else { throw .targetFormInvalid }
            request.targetForm = .asterisk
            request.authorityRange = nil
            return
        }
        let authorityStart = try Self.authorityStart(input, start..<targetEnd)
        var authorityEnd = authorityStart
        while authorityEnd < pathEnd, input[authorityEnd] != 0x2F { authorityEnd &+= 1 }
        guard Authority.isValid(input, authorityStart..<authorityEnd) else {
            throw .targetFormInvalid
        }
        request.targetForm = .absolute
        request.authorityRange = authorityStart &- lineStart..<authorityEnd &- lineStart
        request.pathRange = authorityEnd &- lineStart..<pathEnd &- lineStart
    }

    /// Where the authority of an absolute target starts: behind `http://` or `https://`.
    private static func authorityStart(
        _ input: Span<UInt8>, _ target: Range<Int>
    ) throws(RequestFault) -> Int {
        let start = target.lowerBound
        if target.count > 7, input.isToken("http", at: start), input[start &+ 4] == 0x3A,
            input[start &+ 5] == 0x2F, input[start &+ 6] == 0x2F
        {
            return start &+ 7
        }
        if target.count > 8, input.isToken("https", at: start), input[start &+ 5] == 0x3A,
            input[start &+ 6] == 0x2F, input[start &+ 7] == 0x2F
        {
            return start &+ 8
        }
        throw .targetFormInvalid
    }
}
