import HTTPTypes
import SpoorHTTP
import SpoorText

/// An incremental parser for response heads (RFC 9112 §4, §5); the counterpart of ``RequestHeadParser`` for clients.
///
/// ``MessageKind`` lists the accepted deviations from the strict grammar.
package struct ResponseHeadParser: Sendable {
    /// The progress of a head.
    package typealias Progress = RequestHeadParser.Progress

    /// The limits.
    package let limits: HTTP1Limits

    /// The fault that was thrown: the start of the next head is unknown.
    private var fault: ResponseFault?
    private var isInHeaders = false
    private var position = 0
    private var scanner = HeaderSectionScanner(at: 0, of: .response)
    private var framing = FramingHeaders(of: .response)

    /// Creates a parser for the heads of one connection.
    package init(limits: HTTP1Limits = HTTP1Limits()) {
        self.limits = limits
    }

    /// Parses the next bytes.
    ///
    /// - Parameters:
    ///   - input: All bytes that were received and not yet consumed.
    ///   - head: Receives the head; the same one in every call until it is complete.
    /// - Throws: The reason for which the response is rejected. Every later call throws it again.
    package mutating func parse(
        _ input: Span<UInt8>, into head: inout ResponseHead
    ) throws(ResponseFault) -> Progress {
        if let fault { throw fault }
        do throws(ResponseFault) {
            return try parseNext(input, into: &head)
        } catch {
            fault = error
            throw error
        }
    }

    @inline(__always)
    private mutating func parseNext(
        _ input: Span<UInt8>, into head: inout ResponseHead
    ) throws(ResponseFault) -> Progress {
        if !isInHeaders {
            let bound = min(input.count, limits.maxStartLineBytes)
            guard try parseLine(input, bound: bound, into: &head) else {
                if bound == limits.maxStartLineBytes { throw .lineTooLong }
                return .needMore
            }
            head.headers.removeAll()
            scanner = HeaderSectionScanner(at: position, of: .response)
            isInHeaders = true
        }
        guard try parseHeaders(input, into: &head) else { return .needMore }
        let end = scanner.position
        if scanner.hasFoldedLines {
            try parseUnfolded(input.extracting(0..<end), into: &head)
        } else {
            head.headers.bytes.append(copying: input.extracting(0..<end))
        }
        do {
            head.announced = try framing.responseBodyLength(for: head.version)
        } catch {
            throw .framing(error)
        }
        head.options = framing.connectionOptions(for: head.version)
        isInHeaders = false
        position = 0
        framing = FramingHeaders(of: .response)
        return .complete(bytesConsumed: end)
    }

    /// Parses a complete head again, after unfolding its folded headers.
    private mutating func parseUnfolded(
        _ input: Span<UInt8>, into head: inout ResponseHead
    ) throws(ResponseFault) {
        let unfolded = HeaderSectionScanner.unfolding(input)
        // Unfolding never makes a line longer; the status line is not folded.
        let lineEnd = unfolded.firstIndex(of: .lineFeed).map { $0 + 1 } ?? unfolded.count
        head.headers.removeAll()
        scanner = HeaderSectionScanner(at: lineEnd, of: .response)
        framing = FramingHeaders(of: .response)
        guard try parseHeaders(unfolded.span, into: &head) else { throw .header(.lineFolded) }
        head.headers.bytes = unfolded
    }

    private mutating func parseHeaders(
        _ input: Span<UInt8>, into head: inout ResponseHead
    ) throws(ResponseFault) -> Bool {
        let bound = min(input.count, limits.maxHeadBytes)
        let progress: HeaderSectionScanner.Progress
        do {
            progress = try scanner.scan(
                input, bound: bound, origin: 0, maxCount: limits.maxHeaderCount,
                into: &head.headers.entries, nameLengths: KnownHeader.responseNameLengths
            ) { line throws(FramingFault) in
                try framing.record(input, line)
            }
        } catch {
            throw .framing(error)
        }
        switch progress {
        case .end:
            return true
        case .needMore:
            if bound == limits.maxHeadBytes { throw .header(.tooLarge) }
            return false
        case .fault(let fault):
            throw .header(fault)
        }
    }
}

// MARK: - The status line

extension ResponseHeadParser {
    /// Parses `status-line = HTTP-version SP status-code SP [ reason-phrase ]`; returns false if the input ends
    /// before its end.
    ///
    /// The second space may be missing if there is no reason phrase, as many servers send it.
    private mutating func parseLine(
        _ input: Span<UInt8>, bound: Int, into head: inout ResponseHead
    ) throws(ResponseFault) -> Bool {
        while position < min(bound, 12) {
            try Self.check(input[position], at: position)
            position &+= 1
        }
        guard position >= 12 else { return false }
        if position == 12 {
            guard bound > 12 else { return false }
            guard input[12] == .space || input[12] == .carriageReturn || input[12] == .lineFeed
            else {
                throw .lineMalformed
            }
            guard input[5] == .digitOne else { throw .versionUnsupported }
            head.version = input[7] == .digitZero ? .http10 : .http11
            var code = 0
            for at in 9..<12 { code = code &* 10 &+ Int(input[at] &- .digitZero) }
            guard code >= 100 else { throw .statusInvalid }
            head.status = HTTPResponse.Status(code: code)
        }
        return try skipReason(input, bound: bound)
    }

    private static func check(_ byte: UInt8, at offset: Int) throws(ResponseFault) {
        switch offset {
        case 0..<8:
            guard HTTPVersion.mayHave(byte, at: offset) else { throw .versionMalformed }
        case 8:
            guard byte == .space else { throw .lineMalformed }
        default:
            guard byte.isDigit else { throw .statusInvalid }
        }
    }

    private mutating func skipReason(
        _ input: Span<UInt8>, bound: Int
    ) throws(ResponseFault) -> Bool {
        var at = position
        while at < bound {
            let byte = input[at]
            if byte == .carriageReturn {
                guard at &+ 1 < bound else { break }
                guard input[at &+ 1] == .lineFeed else { throw .header(.bareCR) }
                position = at &+ 2
                return true
            }
            if byte == .lineFeed {
                position = at &+ 1
                return true
            }
            guard byte == .tab || byte >= .space && byte != .delete else { throw .lineMalformed }
            at &+= 1
        }
        position = at
        return false
    }
}
