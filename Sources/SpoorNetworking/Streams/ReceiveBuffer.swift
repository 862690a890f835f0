/// Bytes that were received and are not yet consumed; the parser looks at them in place.
///
/// It has room for one read while empty. It grows when what is unread must be joined by more, up to the bound that the
/// reader's own limits set on what it leaves unread; and, if it is made so, when a read fills it.
@usableFromInline
package struct ReceiveBuffer {
    /// The room of a new buffer in bytes: a head, or the usual answer, comes in one read.
    package static let initialBytes = 16 << 10

    /// How far it grows because reads fill it.
    private let maxBytes: Int
    /// Whether the last read brought as much as there was room for.
    private var wasFilled = false

    /// The storage; only the places in ``unread`` hold received bytes.
    @usableFromInline package private(set) var storage: [UInt8] = []
    /// Where the unread bytes lie.
    @usableFromInline package private(set) var unread = 0..<0

    /// An empty buffer without memory.
    ///
    /// - Parameter maxBytes: How far it grows, fourfold each time, when a read fills it; not at all unless said otherwise.
    package init(growingTo maxBytes: Int = ReceiveBuffer.initialBytes) {
        self.maxBytes = maxBytes
    }

    /// Whether nothing is unread.
    @inlinable package var isEmpty: Bool { unread.isEmpty }

    /// Shows the unread bytes.
    @inlinable
    @inline(__always)
    package func withUnread<Result, Failure: Error>(
        _ look: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try look(storage.span.extracting(unread))
    }

    /// Counts the first so many unread bytes as read.
    package mutating func consume(_ count: Int) {
        unread = unread.lowerBound + count..<unread.upperBound
    }

    /// Forgets what is unread and keeps the memory.
    package mutating func removeAll() {
        unread = 0..<0
    }

    /// Reads once from a stream, behind what is unread.
    package mutating func fill(from stream: any ByteStream) throws(SystemError) -> ReceiveResult {
        makeRoom()
        let end = unread.upperBound
        var room = storage.mutableSpan
        let result = try unsafe room.withUnsafeMutableBytes { (bytes) throws(SystemError) in
            try unsafe stream.receive(
                into: UnsafeMutableRawBufferPointer(rebasing: bytes[end...]))
        }
        if case .bytes(let count) = result {
            unread = unread.lowerBound..<end + count
            wasFilled = unread.upperBound == storage.count
        }
        return result
    }

    /// Makes room for at least half of the initial size, moving or growing.
    private mutating func makeRoom() {
        if storage.isEmpty { storage = [UInt8](repeating: 0, count: Self.initialBytes) }
        if unread.isEmpty {
            unread = 0..<0
            if wasFilled, storage.count < maxBytes {
                storage = [UInt8](repeating: 0, count: min(storage.count * 4, maxBytes))
                wasFilled = false
            }
        } else if storage.count - unread.upperBound < Self.initialBytes / 2 {
            let rest = unread.count
            if unread.lowerBound > 0 {
                storage.replaceSubrange(0..<rest, with: storage[unread])
            }
            if storage.count - rest < Self.initialBytes / 2 {
                storage.append(contentsOf: repeatElement(0, count: storage.count))
            }
            unread = 0..<rest
        }
    }
}

extension ByteStream {
    /// Reads once behind what `bytes` has, up to `count` bytes, into memory that nothing else was written to.
    package func receive(
        appendingTo bytes: inout [UInt8], upTo count: Int
    ) throws(SystemError) -> ReceiveResult {
        var result = ReceiveResult.wouldBlock
        try bytes.append(addingCapacity: count) { output throws(SystemError) in
            try unsafe output.withUnsafeMutableBufferPointer { buffer, filled throws(SystemError) in
                let room = unsafe UnsafeMutableBufferPointer(
                    rebasing: buffer[filled..<filled + count])
                result = try unsafe receive(into: UnsafeMutableRawBufferPointer(room))
                if case .bytes(let count) = result { filled += count }
            }
        }
        return result
    }
}
