import SpoorHTTP
import SpoorText

/// Byte operations of parsers and serialisers on more than one byte: runs, names, copies.
///
/// The only file of this target with unsafe code; every access is checked once against the bounds of its span.
extension Span<UInt8> {
    /// Returns the first index from `start` at which a run ends, or `end` if it does not end before.
    ///
    /// `scan` is one of ``RunScan``: it processes sixteen bytes per step. A step may read bytes after `end`.
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

    /// Returns the last bytes, fewer than sixteen, padded with zeros: zero ends every run.
    @inline(never)
    private func lastBytes(from offset: Int) -> SIMD16<UInt8> {
        let rest = count &- offset
        var halves = SIMD2<UInt64>(0, 0)
        if count >= 8 {
            // The last eight bytes, and as many before them as are needed.
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

    /// Returns the eight bytes from `offset`, the first one in the lowest byte.
    @inline(__always)
    func word(at offset: Int) -> UInt64 {
        precondition(offset >= 0 && offset &+ 8 <= count)
        return unsafe UInt64(
            littleEndian: bytes.unsafeLoadUnaligned(
                fromUncheckedByteOffset: offset, as: UInt64.self))
    }

    /// Returns whether the bytes from `offset` equal `token`, ignoring the case of letters.
    ///
    /// `token` is in lower case, and none of the bytes is a control: then setting bit 5 makes no other byte equal to
    /// a lower-case letter, a digit or `-`.
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

/// A literal of up to eight bytes in the form of ``Span/word(at:)``, for matching by one comparison.
///
/// With a literal as argument it is computed at compile time.
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

    /// Returns whether a word starts with the literal.
    @inline(__always)
    func begins(_ word: UInt64) -> Bool { word & mask == value }
}

extension UInt64 {
    /// Creates a word of the same byte, eight times.
    @inline(__always)
    init(repeatingByte byte: UInt8) {
        self = UInt64(byte) &* 0x0101_0101_0101_0101
    }
}

extension SIMDMask<SIMD16<Int8>> {
    /// 255 for true lanes, 0 for false ones.
    @inline(__always)
    var bytes: SIMD16<UInt8> { unsafe unsafeBitCast(self, to: SIMD16<UInt8>.self) }
}

extension [UInt8] {
    /// Replaces the contents by a copy of these bytes, in the same memory if it is large enough.
    @inline(__always)
    mutating func replaceAll(copying span: Span<UInt8>) {
        // A client mostly sends heads of the same length.
        if count == span.count {
            unsafe withUnsafeMutableBytes { target in
                unsafe span.withUnsafeBytes { unsafe target.copyMemory(from: $0) }
            }
            return
        }
        if !isEmpty { removeAll(keepingCapacity: true) }
        append(copying: span)
    }

    /// Appends a copy of the bytes.
    @inline(__always)
    mutating func append(copying span: Span<UInt8>) {
        unsafe span.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }

    /// Appends the bytes of a literal.
    @inline(__always)
    mutating func append(literal: StaticString) {
        unsafe append(
            contentsOf: UnsafeBufferPointer(
                start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }
}

extension OutputSpan<UInt8> {
    /// Appends the bytes of a literal; the free capacity must suffice.
    @inline(__always)
    mutating func append(literal: StaticString) {
        let bytes = unsafe UnsafeBufferPointer(
            start: literal.utf8Start, count: literal.utf8CodeUnitCount)
        append(copying: unsafe bytes.span)
    }
}
