import SpoorHTTP
import SpoorText

/// What parsers and serialisers ask of bytes beyond one at a time: runs, names, copies.
///
/// The one file of this target with unsafe code; every access is checked against the bounds of its span once.
extension Span<UInt8> {
    /// The first byte from `start` on at which a run ends, or `end` if the run goes on until there.
    ///
    /// `scan` is one of ``RunScan``: sixteen bytes a step. A step may look at bytes behind `end`.
    @inline(__always)
    func endOfRun(
        from start: Int, to end: Int, _ scan: (SIMD16<UInt8>) -> SIMD16<UInt8>
    ) -> Int {
        precondition(start >= 0 && end <= count)
        var at = start
        while at < end {
            let vector =
                at &+ 16 <= count
                ? unsafe bytes.unsafeLoadUnaligned(
                    fromUncheckedByteOffset: at, as: SIMD16<UInt8>.self)
                : lastBytes(from: at)
            let found = unsafe unsafeBitCast(scan(vector), to: SIMD2<UInt64>.self)
            let low = UInt64(littleEndian: found[0])
            let high = UInt64(littleEndian: found[1])
            if low | high != 0 {
                let index =
                    low != 0
                    ? low.trailingZeroBitCount &>> 3 : 8 &+ high.trailingZeroBitCount &>> 3
                return min(at &+ index, end)
            }
            at &+= 16
        }
        return end
    }

    /// The last bytes, fewer than sixteen, with zeros behind: zero ends every run.
    @inline(never)
    private func lastBytes(from offset: Int) -> SIMD16<UInt8> {
        let rest = count &- offset
        var halves = SIMD2<UInt64>(0, 0)
        if count >= 8 {
            // The last eight bytes, and as many before them as are asked for.
            let last = word(at: count &- 8)
            if rest > 8 {
                halves[0] = word(at: offset)
                halves[1] = last &>> UInt64(8 &* (16 &- rest))
            } else {
                halves[0] = rest == 0 ? 0 : last &>> UInt64(8 &* (8 &- rest))
            }
        } else {
            for at in offset..<count { halves[0] |= UInt64(self[at]) << UInt64(8 * (at - offset)) }
        }
        halves[0] = halves[0].littleEndian
        halves[1] = halves[1].littleEndian
        return unsafe unsafeBitCast(halves, to: SIMD16<UInt8>.self)
    }

    /// The eight bytes from `offset` on, the first one lowest.
    @inline(__always)
    func word(at offset: Int) -> UInt64 {
        precondition(offset >= 0 && offset &+ 8 <= count)
        return unsafe UInt64(
            littleEndian: bytes.unsafeLoadUnaligned(
                fromUncheckedByteOffset: offset, as: UInt64.self))
    }

    /// Whether the bytes from `offset` on are `token` but for the case of letters.
    ///
    /// `token` is in lower case, and none of the bytes is a control: then setting bit 5 makes no other byte
    /// equal to a lower-case letter, a digit or `-`.
    @inline(__always)
    func isToken(_ token: StaticString, at offset: Int) -> Bool {
        let length = token.utf8CodeUnitCount
        guard offset >= 0, offset &+ length <= count else { return false }
        let wanted = unsafe UnsafeRawPointer(token.utf8Start)
        var at = 0
        while at &+ 8 <= length {
            let theirs = unsafe bytes.unsafeLoadUnaligned(
                fromUncheckedByteOffset: offset &+ at, as: UInt64.self)
            let ours = unsafe wanted.loadUnaligned(fromByteOffset: at, as: UInt64.self)
            if theirs | UInt64(repeatingByte: .caseBit) != ours { return false }
            at &+= 8
        }
        if at &+ 4 <= length {
            let theirs = unsafe bytes.unsafeLoadUnaligned(
                fromUncheckedByteOffset: offset &+ at, as: UInt32.self)
            let ours = unsafe wanted.loadUnaligned(fromByteOffset: at, as: UInt32.self)
            if theirs | UInt32(truncatingIfNeeded: UInt64(repeatingByte: .caseBit)) != ours {
                return false
            }
            at &+= 4
        }
        while at < length {
            let theirs = unsafe self[unchecked: offset &+ at]
            let ours = unsafe wanted.load(fromByteOffset: at, as: UInt8.self)
            if theirs | .caseBit != ours { return false }
            at &+= 1
        }
        return true
    }
}

/// A text of up to eight bytes in the form that ``Span/word(at:)`` gives, so that one comparison finds it.
///
/// With a literal as argument all of it is computed by the compiler.
struct LiteralWord {
    private let value: UInt64
    private let mask: UInt64

    @inline(__always)
    init(_ literal: StaticString) {
        let count = literal.utf8CodeUnitCount
        precondition(count <= 8)
        var value: UInt64 = 0
        for at in 0..<count {
            value |= UInt64(unsafe literal.utf8Start[at]) &<< UInt64(8 &* at)
        }
        self.value = value
        mask = count == 8 ? .max : (1 &<< UInt64(8 &* count)) &- 1
    }

    /// Whether a word starts with the text.
    @inline(__always)
    func begins(_ word: UInt64) -> Bool { word & mask == value }
}

extension UInt64 {
    /// The same byte eight times.
    @inline(__always)
    init(repeatingByte byte: UInt8) {
        self = UInt64(byte) &* 0x0101_0101_0101_0101
    }
}

extension SIMDMask<SIMD16<Int8>> {
    /// 255 where the mask is true, 0 where it is not.
    @inline(__always)
    var bytes: SIMD16<UInt8> { unsafe unsafeBitCast(self, to: SIMD16<UInt8>.self) }
}

extension [UInt8] {
    /// Holds a copy of these bytes instead of what it held, in the same memory if it is large enough.
    @inline(__always)
    mutating func replaceAll(copying span: Span<UInt8>) {
        // A client sends heads of the same length most of the time.
        if count == span.count {
            unsafe withUnsafeMutableBytes { target in
                unsafe span.withUnsafeBytes { unsafe target.copyMemory(from: $0) }
            }
            return
        }
        if !isEmpty { removeAll(keepingCapacity: true) }
        append(copying: span)
    }

    /// Adds a copy of the bytes.
    @inline(__always)
    mutating func append(copying span: Span<UInt8>) {
        unsafe span.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }

    /// Adds the bytes of a literal.
    @inline(__always)
    mutating func append(literal: StaticString) {
        unsafe append(
            contentsOf: UnsafeBufferPointer(
                start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }
}

extension OutputSpan<UInt8> {
    /// Adds the bytes of a literal, for which there is room.
    @inline(__always)
    mutating func append(literal: StaticString) {
        let bytes = unsafe UnsafeBufferPointer(
            start: literal.utf8Start, count: literal.utf8CodeUnitCount)
        append(copying: unsafe bytes.span)
    }
}
