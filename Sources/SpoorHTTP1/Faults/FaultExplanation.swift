import SpoorHTTP
import SpoorText

/// Explains a protocol fault for logs and errors: the code of the fault, the received bytes, and what was expected.
///
/// Parsers record nothing for it. When a fault has occurred, the bytes that it concerns are located in the receive
/// buffer, which still contains them.
enum FaultExplanation {
    /// The maximum number of consecutive bytes of a message that are shown.
    static let maxShownBytes = 40
    /// The maximum number of lines that are shown, if a fault concerns several.
    private static let maxShownLines = 2

    /// Returns the text of a fault.
    ///
    /// - Parameters:
    ///   - code: The fault as a dotted name.
    ///   - received: The received bytes that are not consumed: a head from its first byte, or the part of a body's
    ///     framing that could not be parsed. May be empty.
    static func text(
        _ code: String, _ meaning: FaultMeaning, received: Span<UInt8>, of kind: MessageKind
    ) -> String {
        switch meaning {
        case .explained(let reason): return "\(code): \(reason)"
        case .unexpected(let location, let expected):
            let found = shown(received, location, of: kind)
            return found.isEmpty
                ? "\(code): expected \(expected)"
                : "\(code): received \(found); expected \(expected)"
        }
    }

    /// Returns the bytes that a fault concerns, quoted and escaped; empty if they are not available.
    private static func shown(
        _ received: Span<UInt8>, _ location: FaultLocation, of kind: MessageKind
    ) -> String {
        guard !received.isEmpty else { return "" }
        switch location {
        case .unread:
            return quoted(received, 0..<received.count)
        case .startLine(let part):
            let start = startOfHead(received, of: kind)
            let focus = focus(in: received, from: start, part)
            return quoted(received, start..<received.count, around: focus)
                + guess(received.extracting(start..<received.count), of: kind)
        case .headerLine(let fault):
            let headers = endOfLine(received, from: startOfHead(received, of: kind))
            return malformedLine(received, from: headers, fault, of: kind)
        case .trailerLine(let fault):
            return malformedLine(received, from: startOfTrailers(received), fault, of: kind)
        case .headers(let names):
            let headers = endOfLine(received, from: startOfHead(received, of: kind))
            return lines(in: received, from: headers, named: names)
        }
    }

    // MARK: Lines

    /// Returns the start of the first line of a head: empty lines may precede a request line (RFC 9112 §2.2).
    private static func startOfHead(_ bytes: Span<UInt8>, of kind: MessageKind) -> Int {
        var at = 0
        guard kind == .request else { return at }
        while at &+ 2 < bytes.count, bytes[at] == .carriageReturn, bytes[at &+ 1] == .lineFeed {
            at &+= 2
        }
        return at
    }

    /// Returns the start of the trailer section in the rest of a chunked body: after the end of a chunk and the line
    /// of the last chunk, if present.
    private static func startOfTrailers(_ bytes: Span<UInt8>) -> Int {
        var at = 0
        if bytes.count > 2, bytes[0] == .carriageReturn, bytes[1] == .lineFeed { at = 2 }
        var digitsEnd = at
        while digitsEnd < bytes.count, bytes[digitsEnd] == .digitZero { digitsEnd &+= 1 }
        guard digitsEnd > at, digitsEnd < bytes.count, bytes[digitsEnd] != .colon,
            !ByteSet.token.contains(bytes[digitsEnd])
        else { return at }
        return endOfLine(bytes, from: digitsEnd)
    }

    /// Returns the index after the next LF, or the end of the bytes.
    private static func endOfLine(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var at = start
        while at < bytes.count {
            at &+= 1
            if bytes[at &- 1] == .lineFeed { break }
        }
        return at
    }

    /// Returns a line without its line end.
    private static func content(_ bytes: Span<UInt8>, _ line: Range<Int>) -> Range<Int> {
        var end = line.upperBound
        if end > line.lowerBound, bytes[end &- 1] == .lineFeed { end &-= 1 }
        if end > line.lowerBound, bytes[end &- 1] == .carriageReturn { end &-= 1 }
        return line.lowerBound..<end
    }

    /// Returns the first malformed line of a section; the line before the section if none is malformed there.
    private static func malformedLine(
        _ bytes: Span<UInt8>, from start: Int, _ fault: HeaderFault, of kind: MessageKind
    ) -> String {
        var scanner = HeaderSectionScanner(at: start, of: kind)
        var entries: [Headers.Entry] = []
        let progress = scanner.scan(
            bytes, bound: bytes.count, origin: 0, maxCount: bytes.count, into: &entries,
            nameLengths: 0
        ) { _ in }
        var lineStart = startOfHead(bytes, of: kind)
        if case .fault = progress { lineStart = scanner.lineStart }
        let line = lineStart..<endOfLine(bytes, from: lineStart)
        let isAboutLineEnd = fault == .bareCR || fault == .bareLF
        return quoted(
            bytes, isAboutLineEnd ? line : content(bytes, line),
            around: offendingByte(in: bytes, line, fault))
    }

    /// Returns the index of the byte that makes a line malformed.
    private static func offendingByte(
        in bytes: Span<UInt8>, _ line: Range<Int>, _ fault: HeaderFault
    ) -> Int {
        let found: Int?
        switch fault {
        case .valueInvalid:
            found = content(bytes, line).first {
                bytes[$0] < .space && bytes[$0] != .tab || bytes[$0] == .delete
            }
        case .bareCR:
            found = line.first {
                bytes[$0] == .carriageReturn && $0 &+ 1 < bytes.count
                    && bytes[$0 &+ 1] != .lineFeed
            }
        case .bareLF: found = line.last
        case .nameInvalid, .blankBeforeColon:
            found = line.first { !ByteSet.token.contains(bytes[$0]) }
        case .nameMissing, .colonMissing, .lineFolded, .tooMany, .tooLarge: found = nil
        }
        return found ?? line.lowerBound
    }

    /// Returns the lines of a head with one of these names, including their continuations.
    private static func lines(
        in bytes: Span<UInt8>, from start: Int, named names: [KnownHeader]
    ) -> String {
        var found: [String] = []
        var at = start
        while at < bytes.count {
            var end = endOfLine(bytes, from: at)
            while end < bytes.count, bytes[end].isBlank { end = endOfLine(bytes, from: end) }
            let line = content(bytes, at..<end)
            guard !line.isEmpty else { break }
            if names.contains(where: { isNamed($0, bytes, line) }) {
                guard found.count < maxShownLines else {
                    found.append("…")
                    break
                }
                found.append(quoted(bytes, line))
            }
            at = end
        }
        return found.joined(separator: ", ")
    }

    private static func isNamed(
        _ header: KnownHeader, _ bytes: Span<UInt8>, _ line: Range<Int>
    ) -> Bool {
        let colon = line.lowerBound &+ header.name.utf8CodeUnitCount
        return colon < line.upperBound && bytes[colon] == .colon
            && bytes.isToken(header.name, at: line.lowerBound)
    }

    /// Returns the position in the first line of the part that the fault concerns.
    private static func focus(
        in bytes: Span<UInt8>, from start: Int, _ part: FaultLocation.Part
    ) -> Int {
        let line = content(bytes, start..<endOfLine(bytes, from: start))
        guard part != .beginning, let methodEnd = line.first(where: { bytes[$0] == .space }) else {
            return start
        }
        let target = methodEnd &+ 1..<line.upperBound
        let targetEnd = target.first { !ByteSet.target.contains(bytes[$0]) }
        return min(part == .target ? targetEnd ?? start : (targetEnd ?? start) &+ 1, bytes.count)
    }

    // MARK: Text

    /// Returns bytes as quoted text, at most ``maxShownBytes`` of them; bytes that are not printable ASCII are
    /// escaped.
    ///
    /// - Parameter focus: A byte that must be among those shown.
    static func quoted(
        _ bytes: Span<UInt8>, _ range: Range<Int>, around focus: Int? = nil
    ) -> String {
        var start = range.lowerBound
        if let focus, focus &- start > maxShownBytes &- 8 { start = focus &- maxShownBytes / 2 }
        let end = min(range.upperBound, start &+ maxShownBytes)
        var text = start > range.lowerBound ? "…\"" : "\""
        for index in start..<max(start, end) {
            switch bytes[index] {
            case .carriageReturn: text += "\\r"
            case .lineFeed: text += "\\n"
            case .quote: text += "\\\""
            case .backslash: text += "\\\\"
            case UInt8.space..<UInt8.delete:
                text.unicodeScalars.append(Unicode.Scalar(bytes[index]))
            default:
                let digits = String(bytes[index], radix: 16)
                text += digits.utf8.count == 1 ? "\\x0\(digits)" : "\\x\(digits)"
            }
        }
        return text + (end < range.upperBound ? "\"…" : "\"")
    }

    /// Returns the protocol that the peer seems to use, if it is recognizable.
    private static func guess(_ bytes: Span<UInt8>, of kind: MessageKind) -> String {
        // RFC 8446 §5.1: content type and legacy version of a record.
        if bytes.count > 2, (0x14...0x17).contains(bytes[0]), bytes[1] == 3 {
            return kind == .response
                ? ", which looks like TLS: use https"
                : ", which looks like TLS on a port without it"
        }
        if begins(bytes, "SSH-") { return ", which looks like SSH" }
        if begins(bytes, "PRI * HTTP/2")
            || begins(bytes, "\0\0") && bytes.count > 3 && bytes[3] == 4
        {
            return ", which looks like HTTP/2"
        }
        if begins(bytes, "<") { return ", which looks like HTML or XML without a head" }
        return ""
    }

    private static func begins(_ bytes: Span<UInt8>, _ text: String) -> Bool {
        let wanted = text.utf8Span.span
        guard bytes.count >= wanted.count else { return false }
        for index in wanted.indices where bytes[index] != wanted[index] { return false }
        return true
    }
}

extension ResponseFault {
    /// Returns the fault as text: its code, the received bytes and what was expected instead, or the limit that was
    /// exceeded.
    ///
    /// - Parameters:
    ///   - received: The received bytes that are not consumed.
    ///   - limits: The limits that were applied.
    package func explanation(received: Span<UInt8>, limits: HTTP1Limits) -> String {
        FaultExplanation.text(
            description, FaultMeaning(self, limits), received: received, of: .response)
    }
}

extension RequestFault {
    /// Returns the fault as text: its code, the received bytes and what was expected instead, or the limit that was
    /// exceeded.
    ///
    /// - Parameters:
    ///   - received: The received bytes that are not consumed.
    ///   - limits: The limits that were applied.
    package func explanation(received: Span<UInt8>, limits: HTTP1Limits) -> String {
        FaultExplanation.text(
            description, FaultMeaning(self, limits), received: received, of: .request)
    }
}
