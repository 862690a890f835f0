/// A buffer of received bytes that are not yet consumed; the parser reads them in place.
///
/// While empty it has room for one read. It grows when more bytes must be appended to unread ones, up to the limit
/// that results from the reader's own limits on unread bytes, and, if configured so, when a read fills it.
@usableFromInline
package struct ReceiveBuffer {
    /// The capacity of a new buffer in bytes: a head, or a typical response, arrives in one read.
    package static let initialBytes = 16 << 10

    /// The maximum capacity to which it grows because reads fill it.
    private let maxBytes: Int
    /// Whether the last read filled the buffer.
    private var wasFilled = false

    /// The storage; only the range ``unread`` contains received bytes.
    @usableFromInline package private(set) var storage: [UInt8] = []
    /// The range of the unread bytes.
    @usableFromInline package private(set) var unread = 0..<0

    /// Creates an empty buffer without memory.
    ///
    /// - Parameter maxBytes: The maximum capacity to which it grows, fourfold each time, when a read fills it; by
    ///   default it does not grow.
    package init(growingTo maxBytes: Int = ReceiveBuffer.initialBytes) {
        self.maxBytes = maxBytes
    }

    /// Whether there are no unread bytes.
    @inlinable package var isEmpty: Bool { unread.isEmpty }

    /// Calls a closure with the unread bytes.
    @inlinable
    @inline(__always)
    package func withUnread<Result, Failure: Error>(
        _ look: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try look(storage.span.extracting(unread))
    }

    /// Marks the first `count` unread bytes as read.
    package mutating func consume(_ count: Int) {
        unread = unread.lowerBound + count..<unread.upperBound
    }

    /// Discards the unread bytes and keeps the memory.
    package mutating func removeAll() {
        unread = 0..<0
    }

    /// Reads once from a stream and appends to the unread bytes.
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

    /// Makes room for at least half of the initial size, by moving bytes or growing.
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
    /// Reads once and appends up to `count` bytes to `bytes`, into uninitialised memory.
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
