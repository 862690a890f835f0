import SpoorHTTP

/// Walks over a section of fields, notes where names and values lie, and stops wherever the bytes end.
///
/// What it finds depends on the bytes alone, not on the pieces in which they come; a byte is looked
/// at once, however many pieces there are. What is accepted depends on the kind of the message, see ``MessageKind``.
struct FieldSectionScanner: Sendable {
    /// How far the section has got.
    enum Progress: Equatable {
        /// The empty line behind the last field was read; ``position`` is behind it.
        case end
        /// The bytes ended, or the bound was reached.
        case needMore
        /// The section is refused.
        case fault(FieldFault)
    }

    /// A field that was just read, in offsets into the input.
    struct Line {
        var nameStart: Int
        var nameEnd: Int
        var valueStart: Int
        var valueEnd: Int

        @inline(__always) var nameCount: Int { nameEnd &- nameStart }
        @inline(__always) var valueCount: Int { valueEnd &- valueStart }
        @inline(__always) var value: Range<Int> { valueStart..<valueEnd }
    }

    /// The next byte to look at.
    private(set) var position: Int
    private var lineStart: Int
    /// Where the name of the line ends; -1 before that is known, -2 between lines.
    private var colon = betweenLines

    private let kind: MessageKind
    /// Whether the line goes over more than one line of text.
    private var isLineFolded = false
    /// Whether any line of the section is folded (RFC 9112 §5.2): the values of its entries hold line ends then, and the
    /// section is to be read again after ``unfolding(_:)``.
    private(set) var hasFoldedLines = false

    private static let inName = -1
    private static let betweenLines = -2

    /// Starts at the first byte of a section.
    init(at position: Int, of kind: MessageKind = .request) {
        self.position = position
        self.kind = kind
        lineStart = position
    }

    /// Reads lines to the end of the section, and no further than `bound`.
    ///
    /// - Parameters:
    ///   - origin: What the offsets of the entries count from.
    ///   - countMax: How many entries there may be.
    ///   - noted: The lengths of the names that `note` cares for, as bits.
    ///   - note: Is called for each field with such a name, in order, unless it is folded.
    @inline(__always)
    mutating func scan<Fault: Error>(
        _ input: Span<UInt8>, bound: Int, origin: Int, countMax: Int,
        into entries: inout [Fields.Entry], noted: UInt64, _ note: (Line) throws(Fault) -> Void
    ) throws(Fault) -> Progress {
        // The shortest line is a name of one byte, a colon and its line end.
        let lineBytesMin = kind == .request ? 4 : 3
        let room = min(countMax &- entries.count, max(0, bound &- position) / lineBytesMin &+ 1)
        guard room >= 0 else { return .fault(.tooMany) }
        var progress = Progress.needMore
        try entries.append(addingCapacity: room) { output throws(Fault) in
            while true {
                if colon < 0 {
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
                let line = trimmed(input, to: end)
                output.append(
                    Fields.Entry(
                        nameStart: line.nameStart &- origin, nameCount: line.nameCount,
                        valueStart: line.valueStart &- origin, valueCount: line.valueCount))
                colon = Self.betweenLines
                position = end &+ (input[end] == 0x0D ? 2 : 1)
                if isLineFolded {
                    isLineFolded = false
                    hasFoldedLines = true
                    continue
                }
                if noted &>> UInt64(min(line.nameCount, 63)) & 1 != 0 { try note(line) }
            }
        }
        return progress
    }

    /// A line that does not start with a name: the end of the section, or a fault.
    private mutating func startOddly(_ input: Span<UInt8>, bound: Int) -> Progress {
        switch input[position] {
        case 0x0D:
            guard position &+ 1 < bound else { return .needMore }
            guard input[position &+ 1] == 0x0A else { return .fault(.bareCR) }
            position &+= 2
            return .end
        case 0x0A:
            guard kind == .response else { return .fault(.bareLF) }
            position &+= 1
            return .end
        case 0x20, 0x09: return .fault(.lineFolded)
        case 0x3A: return .fault(.nameMissing)
        default: return .fault(.nameInvalid)
        }
    }

    /// Goes on to the colon; gives what there is instead if it is not there.
    @inline(__always)
    private mutating func scanName(_ input: Span<UInt8>, bound: Int) -> Progress? {
        var at = position
        if colon == Self.betweenLines { lineStart = at }
        while true {
            at = input.endOfRun(from: at, to: bound, RunScan.endOfWord)
            guard at < bound else { break }
            let byte = input[at]
            if byte == 0x3A, at > lineStart {
                colon = at
                position = at &+ 1
                return nil
            }
            guard ByteSet.token.contains(byte) else {
                if at == lineStart { return startOddly(input, bound: bound) }
                return .fault(Self.fault(inName: byte))
            }
            at &+= 1
        }
        if at > lineStart { colon = Self.inName }
        position = at
        return .needMore
    }

    private static func fault(inName byte: UInt8) -> FieldFault {
        switch byte {
        case 0x20, 0x09: .blankBeforeColon
        case 0x0D, 0x0A: .colonMissing
        default: .nameInvalid
        }
    }

    /// Goes on to the end of the line, in a response to the end of its last continuation (RFC 9112 §5.2); nil if it is not
    /// there.
    @inline(__always)
    private mutating func scanLines(
        _ input: Span<UInt8>, bound: Int, _ progress: inout Progress
    ) -> Int? {
        guard let end = scanValue(input, bound: bound, &progress) else { return nil }
        guard kind == .response else { return end }
        return scanContinuations(input, behind: end, bound: bound, &progress)
    }

    @inline(never)
    private mutating func scanContinuations(
        _ input: Span<UInt8>, behind end: Int, bound: Int, _ progress: inout Progress
    ) -> Int? {
        var end = end
        while true {
            let next = end &+ (input[end] == 0x0D ? 2 : 1)
            guard next < bound else {
                // The line may go on: it is looked at again when the next byte is there.
                position = end
                progress = .needMore
                return nil
            }
            guard Self.isBlank(input[next]) else { return end }
            isLineFolded = true
            position = next
            guard let nextEnd = scanValue(input, bound: bound, &progress) else { return nil }
            end = nextEnd
        }
    }

    /// Goes on to the line end, and gives its place; nil if it is not there.
    @inline(__always)
    private mutating func scanValue(
        _ input: Span<UInt8>, bound: Int, _ progress: inout Progress
    ) -> Int? {
        var at = position
        while true {
            at = input.endOfRun(from: at, to: bound, RunScan.endOfValue)
            guard at < bound else { break }
            let byte = input[at]
            if byte == 0x0D {
                guard at &+ 1 < bound else { break }
                if input[at &+ 1] == 0x0A { return at }
                progress = .fault(.bareCR)
                return nil
            }
            guard byte == 0x09 else {
                if byte == 0x0A, kind == .response { return at }
                progress = .fault(byte == 0x0A ? .bareLF : .valueInvalid)
                return nil
            }
            at &+= 1
        }
        position = at
        progress = .needMore
        return nil
    }

    /// A copy of a section in which each fold, the blanks around it included, is one space (RFC 9112 §5.2).
    static func unfolding(_ section: Span<UInt8>) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(section.count)
        var at = 0
        while at < section.count {
            guard section[at] == 0x0D || section[at] == 0x0A else {
                output.append(section[at])
                at &+= 1
                continue
            }
            let next = at &+ (section[at] == 0x0D ? 2 : 1)
            guard next < section.count, isBlank(section[next]) else {
                output.append(literal: "\r\n")
                at = next
                continue
            }
            while let last = output.last, isBlank(last) { output.removeLast() }
            output.append(0x20)
            at = next
            while at < section.count, isBlank(section[at]) { at &+= 1 }
        }
        return output
    }

    /// The line without the blanks around its value (RFC 9110 §5.5).
    @inline(__always)
    private func trimmed(_ input: Span<UInt8>, to end: Int) -> Line {
        var start = colon &+ 1
        var end = end
        // One space before and none behind is what nearly all peers send.
        if end &- start > 1, input[start] == 0x20 { start &+= 1 }
        while start < end, Self.isBlank(input[start]) { start &+= 1 }
        while end > start, Self.isBlank(input[end &- 1]) { end &-= 1 }
        return Line(nameStart: lineStart, nameEnd: colon, valueStart: start, valueEnd: end)
    }

    @inline(__always)
    static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}
