import SpoorHTTP
import SpoorText

/// Scans a section of headers, records the positions of names and values, and can stop at any byte.
///
/// The result depends only on the bytes, not on the pieces in which they arrive; each byte is scanned once, however
/// many pieces there are. ``MessageKind`` determines what is accepted.
struct HeaderSectionScanner: Sendable {
    /// The progress of a scan.
    enum Progress: Equatable {
        /// The empty line after the last header was read; ``position`` is after it.
        case end
        /// The input ended, or the limit was reached.
        case needMore
        /// The section is rejected.
        case fault(HeaderFault)
    }

    /// A header that was just read, as offsets into the input.
    struct Line {
        var nameStart: Int
        var nameEnd: Int
        var valueStart: Int
        var valueEnd: Int

        @inline(__always) var nameCount: Int { nameEnd &- nameStart }
        @inline(__always) var valueCount: Int { valueEnd &- valueStart }
        @inline(__always) var value: Range<Int> { valueStart..<valueEnd }
    }

    /// The next byte to scan.
    private(set) var position: Int
    /// The start of the line that is being read, or that has a fault.
    private(set) var lineStart: Int
    private var state = State.betweenLines

    private let kind: MessageKind
    /// Whether the current line is folded.
    private var isLineFolded = false
    /// Whether any line of the section is folded (RFC 9112 §5.2): the values of its entries then contain line ends,
    /// and the section must be parsed again after ``unfolding(_:)``.
    private(set) var hasFoldedLines = false

    /// The part of a line to which the next byte belongs.
    private enum State {
        /// The next byte is the first one of a line.
        case betweenLines
        /// The line has started, and its colon was not found yet.
        case inName
        /// The colon was found, and the end of the line was not.
        case inValue(colon: Int)

        @inline(__always) var isBeforeColon: Bool {
            if case .inValue = self { false } else { true }
        }
    }

    /// Creates a scanner at the first byte of a section.
    init(at position: Int, of kind: MessageKind = .request) {
        self.position = position
        self.kind = kind
        lineStart = position
    }

    /// Reads lines up to the end of the section, but not beyond `bound`.
    ///
    /// - Parameters:
    ///   - origin: The index that the offsets of the entries are relative to.
    ///   - maxCount: The maximum number of entries.
    ///   - nameLengths: The lengths of the names that `body` is called for, as bits.
    ///   - body: Called for each header with such a name, in order, unless it is folded.
    @inline(__always)
    mutating func scan<Fault: Error>(
        _ input: Span<UInt8>, bound: Int, origin: Int, maxCount: Int,
        into entries: inout [Headers.Entry], nameLengths: UInt64,
        _ body: (Line) throws(Fault) -> Void
    ) throws(Fault) -> Progress {
        // The shortest line is a name of one byte, a colon and its line end.
        let minLineBytes = kind == .request ? 4 : 3
        let room = min(maxCount &- entries.count, max(0, bound &- position) / minLineBytes &+ 1)
        guard room >= 0 else { return .fault(.tooMany) }
        var progress = Progress.needMore
        try entries.append(addingCapacity: room) { output throws(Fault) in
            while true {
                if state.isBeforeColon {
                    if let stop = scanName(input, bound: bound) {
                        progress = stop
                        return
                    }
                }
                guard let end = scanLines(input, bound: bound, &progress) else { return }
                guard output.freeCapacity > 0 else {
                    progress = .fault(.tooMany)
                    return
                }
                guard case .inValue(let colon) = state else { return }
                let line = trimmed(input, colon: colon, to: end)
                output.append(
                    Headers.Entry(
                        nameStart: line.nameStart &- origin, nameCount: line.nameCount,
                        valueStart: line.valueStart &- origin, valueCount: line.valueCount))
                state = .betweenLines
                position = end &+ (input[end] == .carriageReturn ? 2 : 1)
                if isLineFolded {
                    isLineFolded = false
                    hasFoldedLines = true
                    continue
                }
                if nameLengths &>> UInt64(min(line.nameCount, 63)) & 1 != 0 { try body(line) }
            }
        }
        return progress
    }

    /// Handles a line that does not start with a name: the end of the section, or a fault.
    private mutating func scanUnnamedLine(_ input: Span<UInt8>, bound: Int) -> Progress {
        switch input[position] {
        case .carriageReturn:
            guard position &+ 1 < bound else { return .needMore }
            guard input[position &+ 1] == .lineFeed else { return .fault(.bareCR) }
            position &+= 2
            return .end
        case .lineFeed:
            guard kind == .response else { return .fault(.bareLF) }
            position &+= 1
            return .end
        case .space, .tab: return .fault(.lineFolded)
        case .colon: return .fault(.nameMissing)
        default: return .fault(.nameInvalid)
        }
    }

    /// Scans to the colon; returns the progress instead if it is not found.
    @inline(__always)
    private mutating func scanName(_ input: Span<UInt8>, bound: Int) -> Progress? {
        var at = position
        if case .betweenLines = state { lineStart = at }
        while true {
            at = input.endOfRun(from: at, to: bound, RunScan.endOfWord)
            guard at < bound else { break }
            let byte = input[at]
            if byte == .colon, at > lineStart {
                state = .inValue(colon: at)
                position = at &+ 1
                return nil
            }
            guard ByteSet.token.contains(byte) else {
                if at == lineStart { return scanUnnamedLine(input, bound: bound) }
                return .fault(Self.fault(inName: byte))
            }
            at &+= 1
        }
        if at > lineStart { state = .inName }
        position = at
        return .needMore
    }

    private static func fault(inName byte: UInt8) -> HeaderFault {
        switch byte {
        case .space, .tab: .blankBeforeColon
        case .carriageReturn, .lineFeed: .colonMissing
        default: .nameInvalid
        }
    }

    /// Scans to the end of the line, in a response to the end of its last continuation (RFC 9112 §5.2); returns nil
    /// if it is not found.
    @inline(__always)
    private mutating func scanLines(
        _ input: Span<UInt8>, bound: Int, _ progress: inout Progress
    ) -> Int? {
        guard let end = scanValue(input, bound: bound, &progress) else { return nil }
        guard kind == .response else { return end }
        return scanContinuations(input, after: end, bound: bound, &progress)
    }

    @inline(never)
    private mutating func scanContinuations(
        _ input: Span<UInt8>, after end: Int, bound: Int, _ progress: inout Progress
    ) -> Int? {
        var end = end
        while true {
            let next = end &+ (input[end] == .carriageReturn ? 2 : 1)
            guard next < bound else {
                // The line may continue: it is checked again when the next byte is available.
                position = end
                progress = .needMore
                return nil
            }
            guard input[next].isBlank else { return end }
            isLineFolded = true
            position = next
            guard let nextEnd = scanValue(input, bound: bound, &progress) else { return nil }
            end = nextEnd
        }
    }

    /// Scans to the line end, and returns its index; nil if it is not found.
    @inline(__always)
    private mutating func scanValue(
        _ input: Span<UInt8>, bound: Int, _ progress: inout Progress
    ) -> Int? {
        var at = position
        while true {
            at = input.endOfRun(from: at, to: bound, RunScan.endOfValue)
            guard at < bound else { break }
            let byte = input[at]
            if byte == .carriageReturn {
                guard at &+ 1 < bound else { break }
                if input[at &+ 1] == .lineFeed { return at }
                progress = .fault(.bareCR)
                return nil
            }
            guard byte == .tab else {
                if byte == .lineFeed, kind == .response { return at }
                progress = .fault(byte == .lineFeed ? .bareLF : .valueInvalid)
                return nil
            }
            at &+= 1
        }
        position = at
        progress = .needMore
        return nil
    }

    /// Returns a copy of a section in which each fold, including its surrounding blanks, is one space (RFC 9112
    /// §5.2).
    static func unfolding(_ section: Span<UInt8>) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(section.count)
        var at = 0
        while at < section.count {
            guard section[at] == .carriageReturn || section[at] == .lineFeed else {
                output.append(section[at])
                at &+= 1
                continue
            }
            let next = at &+ (section[at] == .carriageReturn ? 2 : 1)
            guard next < section.count, section[next].isBlank else {
                output.append(literal: "\r\n")
                at = next
                continue
            }
            while let last = output.last, last.isBlank { output.removeLast() }
            output.append(.space)
            at = next
            while at < section.count, section[at].isBlank { at &+= 1 }
        }
        return output
    }

    /// Returns the line without the blanks around its value (RFC 9110 §5.5).
    @inline(__always)
    private func trimmed(_ input: Span<UInt8>, colon: Int, to end: Int) -> Line {
        var start = colon &+ 1
        var end = end
        // Nearly all peers send one space before the value and none after it.
        if end &- start > 1, input[start] == .space { start &+= 1 }
        while start < end, input[start].isBlank { start &+= 1 }
        while end > start, input[end &- 1].isBlank { end &-= 1 }
        return Line(nameStart: lineStart, nameEnd: colon, valueStart: start, valueEnd: end)
    }
}

/// The faults of a section of headers, in requests and responses (RFC 9112 §5).
package enum HeaderFault: String, Error, CaseIterable {
    /// A line that starts with a colon.
    case nameMissing
    /// A byte in a name that is not a token byte.
    case nameInvalid
    /// Blanks between name and colon, or in the name: used to hide a header from other parsers (RFC 9112 §5.1).
    case blankBeforeColon
    /// A line without a colon.
    case colonMissing
    /// A line that starts with a blank: obsolete folding, or a blank before the first header (RFC 9112 §5.2, §2.2).
    case lineFolded
    /// A control byte in a value (RFC 9110 §5.5).
    case valueInvalid
    /// A CR without its LF (RFC 9112 §2.2).
    case bareCR
    /// An LF without its CR; accepting it is allowed, but has enabled request smuggling (RFC 9112 §2.2, §11.2).
    case bareLF
    /// More headers than ``HTTP1Limits/maxHeaderCount``.
    case tooMany
    /// More bytes than ``HTTP1Limits/maxHeadBytes`` or ``HTTP1Limits/maxTrailerBytes``.
    case tooLarge
}
