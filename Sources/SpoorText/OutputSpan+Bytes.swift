/// What encoders and serialisers write: runs of bytes, and numbers with the highest or the lowest byte first.
///
/// Each method checks the room once and then copies.
extension OutputSpan<UInt8> {
    /// Appends a copy of the bytes; there must be room for them.
    @inlinable @inline(__always)
    package mutating func append(copying bytes: Span<UInt8>) {
        unsafe withUnsafeMutableBufferPointer { buffer, count in
            let end = count + bytes.count
            precondition(end <= buffer.count, "no room was reserved for these bytes")
            unsafe bytes.withUnsafeBytes { source in
                unsafe UnsafeMutableRawBufferPointer(
                    rebasing: UnsafeMutableRawBufferPointer(buffer)[count..<end]
                )
                .copyMemory(from: source)
            }
            count = end
        }
    }

    /// Appends the UTF-8 of a text; there must be room for it.
    @inlinable @inline(__always)
    package mutating func append(utf8Of text: String) {
        let isDone: Bool? = unsafe text.utf8.withContiguousStorageIfAvailable { bytes in
            append(copying: unsafe bytes.span)
            return true
        }
        // Not on Linux, where every text is contiguous.
        if isDone == nil { for byte in text.utf8 { append(byte) } }
    }

    /// Appends a number, its highest byte first; there must be room for it.
    @inlinable @inline(__always)
    package mutating func append(bigEndian number: some FixedWidthInteger & BitwiseCopyable) {
        append(bytesOf: number.bigEndian)
    }

    /// Appends a number, its lowest byte first; there must be room for it.
    @inlinable @inline(__always)
    package mutating func append(littleEndian number: some FixedWidthInteger & BitwiseCopyable) {
        append(bytesOf: number.littleEndian)
    }

    @inlinable @inline(__always)
    mutating func append<Number: FixedWidthInteger & BitwiseCopyable>(bytesOf number: Number) {
        unsafe withUnsafeMutableBufferPointer { buffer, count in
            let end = count + MemoryLayout<Number>.size
            precondition(end <= buffer.count, "no room was reserved for this number")
            unsafe UnsafeMutableRawBufferPointer(buffer).storeBytes(
                of: number, toByteOffset: count, as: Number.self)
            count = end
        }
    }
}
