/// What the parsers ask of bytes beyond one at a time: eight at once, a name, a copy.
///
/// The one file of this target with unsafe code; every read here is checked against the span's bounds.
extension Span<UInt8> {
    /// The eight bytes from `offset` on, the first one lowest; the caller has seen to it that they are there.
    @inline(__always)
    func word(at offset: Int) -> UInt64 {
        precondition(offset >= 0 && offset &+ 8 <= count)
        return unsafe UInt64(
            littleEndian: bytes.unsafeLoadUnaligned(
                fromUncheckedByteOffset: offset, as: UInt64.self))
    }

    /// The four bytes from `offset` on, the first one lowest.
    @inline(__always)
    func halfWord(at offset: Int) -> UInt32 {
        precondition(offset >= 0 && offset &+ 4 <= count)
        return unsafe UInt32(
            littleEndian: bytes.unsafeLoadUnaligned(
                fromUncheckedByteOffset: offset, as: UInt32.self))
    }

    /// Whether the bytes from `offset` on are `token` but for the case of letters.
    ///
    /// `token` is in lower case, and the bytes are known to be token bytes (RFC 9110 §5.6.2): among
    /// those, setting bit 5 makes no other byte equal to a lower-case letter, a digit or `-`.
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
            if theirs | 0x2020_2020_2020_2020 != ours { return false }
            at &+= 8
        }
        if at &+ 4 <= length {
            let theirs = unsafe bytes.unsafeLoadUnaligned(
                fromUncheckedByteOffset: offset &+ at, as: UInt32.self)
            let ours = unsafe wanted.loadUnaligned(fromByteOffset: at, as: UInt32.self)
            if theirs | 0x2020_2020 != ours { return false }
            at &+= 4
        }
        while at < length {
            let theirs = unsafe bytes.unsafeLoadUnaligned(
                fromUncheckedByteOffset: offset &+ at, as: UInt8.self)
            let ours = unsafe wanted.load(fromByteOffset: at, as: UInt8.self)
            if theirs | 0x20 != ours { return false }
            at &+= 1
        }
        return true
    }
}

extension [UInt8] {
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
