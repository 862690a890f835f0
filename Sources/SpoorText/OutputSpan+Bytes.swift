/// Append operations for encoders and serialisers: runs of bytes, and integers in big-endian or little-endian order.
///
/// Each method checks the capacity once and then copies.
extension OutputSpan<UInt8> {
    /// Appends a copy of the bytes; the free capacity must suffice.
    @inlinable @inline(__always)
    package mutating func append(copying bytes: Span<UInt8>) {
        unsafe withUnsafeMutableBufferPointer { buffer, count in
            let end = count + bytes.count
            precondition(end <= buffer.count, "not enough capacity reserved for these bytes")
            unsafe bytes.withUnsafeBytes { source in
                unsafe UnsafeMutableRawBufferPointer(
                    rebasing: UnsafeMutableRawBufferPointer(buffer)[count..<end]
                )
                .copyMemory(from: source)
            }
            count = end
        }
    }

    /// Appends the UTF-8 of a text; the free capacity must suffice.
    @inlinable @inline(__always)
    package mutating func append(utf8Of text: String) {
        let isDone: Bool? = unsafe text.utf8.withContiguousStorageIfAvailable { bytes in
            append(copying: unsafe bytes.span)
            return true
        }
        // Not reached on Linux, where the UTF-8 of every text is contiguous.
        if isDone == nil { for byte in text.utf8 { append(byte) } }
    }

    /// Appends an integer in big-endian order; the free capacity must suffice.
    @inlinable @inline(__always)
    package mutating func append(bigEndian number: some FixedWidthInteger & BitwiseCopyable) {
        append(bytesOf: number.bigEndian)
    }

    /// Appends an integer in little-endian order; the free capacity must suffice.
    @inlinable @inline(__always)
    package mutating func append(littleEndian number: some FixedWidthInteger & BitwiseCopyable) {
        append(bytesOf: number.littleEndian)
    }

    @inlinable @inline(__always)
    mutating func append<Number: FixedWidthInteger & BitwiseCopyable>(bytesOf number: Number) {
        unsafe withUnsafeMutableBufferPointer { buffer, count in
            let end = count + MemoryLayout<Number>.size
            precondition(end <= buffer.count, "not enough capacity reserved for this integer")
            unsafe UnsafeMutableRawBufferPointer(buffer).storeBytes(
                of: number, toByteOffset: count, as: Number.self)
            count = end
        }
    }
}
