import SpoorHTTP

/// Walks over the lines of a section of fields, a line a step, and stops wherever the bytes end.
///
/// What it finds depends on the bytes alone, not on the pieces in which they come; a byte is looked
/// at once, however many pieces there are.
struct FieldSectionScanner: Sendable {
    /// What one step came to.
    enum Step: Equatable {
        /// A field: see ``name`` and ``value``.
        case field
        /// The empty line behind the last field; ``position`` is behind it.
        case end
        /// The bytes ended, or the bound was reached.
        case needMore
        /// The section is refused.
        case fault(FieldFault)
    }

    /// The next byte to look at.
    private(set) var position: Int
    /// The name of the last field.
    var name: Range<Int> { lineStart..<colon }
    /// The value of the last field, without the blanks around it.
    var value: Range<Int> { valueStart..<valueEnd }

    private(set) var lineStart: Int
    private(set) var colon = -1
    private(set) var valueStart = 0
    private(set) var valueEnd = 0
    private var isBetweenLines = true

    /// Starts at the first byte of a section.
    init(at position: Int) {
        self.position = position
        lineStart = position
    }

    /// Goes on to the end of a line, and no further than `bound`.
    @inline(__always)
    mutating func step(_ input: Span<UInt8>, bound: Int) -> Step {
        if isBetweenLines {
            guard position < bound else { return .needMore }
            let first = input[position]
            if !ByteSet.token.contains(first) { return startOddly(first, input, bound: bound) }
            lineStart = position
            colon = -1
            isBetweenLines = false
        }
        if colon < 0 {
            let fault = scanName(input, bound: bound)
            if let fault { return .fault(fault) }
            if colon < 0 { return .needMore }
        }
        return scanValue(input, bound: bound)
    }

    /// A line that does not start with a name: the end of the section, or a fault.
    private mutating func startOddly(_ first: UInt8, _ input: Span<UInt8>, bound: Int) -> Step {
        switch first {
        case 0x0D:
            guard position &+ 1 < bound else { return .needMore }
            guard input[position &+ 1] == 0x0A else { return .fault(.bareCR) }
            position &+= 2
            return .end
        case 0x0A: return .fault(.bareLF)
        case 0x20, 0x09: return .fault(.lineFolded)
        case 0x3A: return .fault(.nameMissing)
        default: return .fault(.nameInvalid)
        }
    }

    /// Goes on to the colon, if it is there.
    @inline(__always)
    private mutating func scanName(_ input: Span<UInt8>, bound: Int) -> FieldFault? {
        var at = position
        while at < bound {
            if at &+ 8 <= bound {
                let end = WordScan.endOfWord(input.word(at: at))
                if end == 0 {
                    at &+= 8
                    continue
                }
                at &+= WordScan.index(end)
            }
            let byte = input[at]
            if byte == 0x3A {
                colon = at
                position = at &+ 1
                return nil
            }
            guard ByteSet.token.contains(byte) else { return Self.fault(inName: byte) }
            at &+= 1
        }
        position = at
        return nil
    }

    private static func fault(inName byte: UInt8) -> FieldFault {
        switch byte {
        case 0x20, 0x09: .blankBeforeColon
        case 0x0D, 0x0A: .colonMissing
        default: .nameInvalid
        }
    }

    /// Goes on to the end of the line, if it is there.
    @inline(__always)
    private mutating func scanValue(_ input: Span<UInt8>, bound: Int) -> Step {
        var at = position
        while at < bound {
            if at &+ 8 <= bound {
                let end = WordScan.endOfValue(input.word(at: at))
                if end == 0 {
                    at &+= 8
                    continue
                }
                at &+= WordScan.index(end)
            }
            let byte = input[at]
            if byte == 0x0D {
                guard at &+ 1 < bound else { break }
                guard input[at &+ 1] == 0x0A else { return .fault(.bareCR) }
                trim(input, to: at)
                position = at &+ 2
                isBetweenLines = true
                return .field
            }
            if byte != 0x09, byte < 0x20 || byte == 0x7F {
                return .fault(byte == 0x0A ? .bareLF : .valueInvalid)
            }
            at &+= 1
        }
        position = at
        return .needMore
    }

    /// Leaves the blanks around the value out (RFC 9110 §5.5).
    @inline(__always)
    private mutating func trim(_ input: Span<UInt8>, to end: Int) {
        var start = colon &+ 1
        var end = end
        while start < end, Self.isBlank(input[start]) { start &+= 1 }
        while end > start, Self.isBlank(input[end &- 1]) { end &-= 1 }
        valueStart = start
        valueEnd = end
    }

    @inline(__always)
    static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}
