import HTTPTypes
import SpoorHTTP
import SpoorText

/// The request line: method, target and version (RFC 9112 §3).
extension RequestHeadParser {
    /// Parses the request line; returns false if the input ends before its end.
    @inline(__always)
    mutating func parseLine(
        _ input: Span<UInt8>, into request: inout Request
    ) throws(RequestFault) -> Bool {
        if stage == .beforeLine {
            request.knownMethod = nil
            guard try skipEmptyLines(input) else { return false }
            lineStart = position
            stage = .method
            queryMark = nil
            expectsContinue = false
        }
        let limit = lineStart &+ min(limits.maxStartLineBytes, .max &- lineStart)
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

    /// RFC 9112 §2.2: empty lines before the request line are ignored.
    @inline(__always)
    private mutating func skipEmptyLines(_ input: Span<UInt8>) throws(RequestFault) -> Bool {
        while true {
            guard position < input.count else { return false }
            guard input[position] == .carriageReturn else { return true }
            guard position < Self.maxEmptyLines * 2 else { throw .lineMalformed }
            guard position &+ 1 < input.count else { return false }
            guard input[position &+ 1] == .lineFeed else { throw .header(.bareCR) }
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
            guard at &- lineStart <= Self.maxMethodBytes else { throw .methodTooLong }
            position = at
            guard at < bound else { return false }
            guard input[at] == .space, at > lineStart else {
                throw at > lineStart && input[at] <= .space ? .lineMalformed : .methodInvalid
            }
            request.knownMethod = KnownMethod(whole: input.extracting(lineStart..<at))
        }
        methodEnd = at
        position = at &+ 1
        return true
    }

    /// Scans to the space after the target, and records the first `?`.
    @inline(__always)
    private mutating func parseTarget(
        _ input: Span<UInt8>, bound: Int
    ) throws(RequestFault) -> Bool {
        var at = position
        while true {
            at = input.endOfRun(from: at, to: bound, RunScan.endOfPath)
            guard at < bound else { break }
            let byte = input[at]
            if byte == .space {
                guard at > methodEnd &+ 1 else { throw .lineMalformed }
                targetEnd = at
                position = at &+ 1
                return true
            }
            if byte == .questionMark, queryMark == nil { queryMark = at }
            guard ByteSet.target.contains(byte) else {
                throw byte == .carriageReturn || byte == .lineFeed ? .lineMalformed : .targetInvalid
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
            // A wrong byte is rejected without waiting for the rest.
            for at in position..<max(position, bound) {
                try Self.checkVersion(input[at], at: at &- position)
            }
            return false
        }
        let word = input.word(at: position)
        let isEnded = input[position &+ 8] == .carriageReturn && input[position &+ 9] == .lineFeed
        if LiteralWord("HTTP/1.1").begins(word), isEnded {
            request.version = .http11
        } else {
            for offset in 0..<10 { try Self.checkVersion(input[position &+ offset], at: offset) }
            guard input[position &+ 5] == .digitOne else { throw .versionUnsupported }
            // RFC 9110 §2.5: a higher minor version is handled like the highest known one.
            request.version = input[position &+ 7] == .digitZero ? .http10 : .http11
        }
        position &+= 10
        return true
    }

    /// Skips a request line whose version is well-formed and not supported; returns false if the line has another
    /// fault.
    mutating func skipUnsupportedVersion(
        _ input: Span<UInt8>, into request: inout Request
    ) -> Bool {
        guard position &+ 10 <= input.count else { return false }
        do throws(RequestFault) {
            for offset in 0..<10 { try Self.checkVersion(input[position &+ offset], at: offset) }
            request.version = .http11
            position &+= 10
            try decideTarget(input, into: &request)
        } catch {
            return false
        }
        stage = .headers
        return true
    }

    private static func checkVersion(_ byte: UInt8, at offset: Int) throws(RequestFault) {
        let isRight =
            switch offset {
            case 8: byte == .carriageReturn
            case 9: byte == .lineFeed
            default: HTTPVersion.mayHave(byte, at: offset)
            }
        guard isRight else { throw .versionMalformed }
    }
}

/// Recognition of the common methods by their bytes; methods are case-sensitive (RFC 9110 §9.1).
extension KnownMethod {
    /// Creates the method at `offset`, if it is one of the five most frequent and followed by a space; nil for any
    /// other.
    ///
    /// At least eight bytes must follow `offset`.
    @inline(__always)
    init?(startOf input: Span<UInt8>, at offset: Int) {
        let word = input.word(at: offset)
        if LiteralWord("GET ").begins(word) {
            self = .get
        } else if LiteralWord("POST ").begins(word) {
            self = .post
        } else if LiteralWord("PUT ").begins(word) {
            self = .put
        } else if LiteralWord("HEAD ").begins(word) {
            self = .head
        } else if LiteralWord("DELETE ").begins(word) {
            self = .delete
        } else {
            return nil
        }
    }

    /// The number of bytes of the method.
    @inline(__always)
    var count: Int {
        switch self {
        case .get, .put: 3
        case .post, .head: 4
        case .trace, .patch: 5
        case .delete: 6
        case .connect, .options: 7
        }
    }

    /// Creates the method that the bytes spell; nil for any other.
    init?(whole bytes: Span<UInt8>) {
        for known in KnownMethod.allCases where known.count == bytes.count {
            let name = known.method.rawValue.utf8Span.span
            if bytes.indices.allSatisfy({ bytes[$0] == name[$0] }) {
                self = known
                return
            }
        }
        return nil
    }
}

/// The eight bytes of a version, which is case-sensitive (RFC 9112 §2.3).
///
/// `HTTP-version = "HTTP/" DIGIT "." DIGIT`
enum HTTPVersion {
    /// Returns whether a version may have that byte at that offset.
    static func mayHave(_ byte: UInt8, at offset: Int) -> Bool {
        switch offset {
        case 0: byte == UInt8(ascii: "H")
        case 1, 2: byte == UInt8(ascii: "T")
        case 3: byte == UInt8(ascii: "P")
        case 4: byte == .slash
        case 5, 7: byte.isDigit
        case 6: byte == .dot
        default: false
        }
    }
}
