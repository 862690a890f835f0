import SpoorNetworking

/// Bytes that are serialised and not yet handed to the kernel.
struct SendBuffer {
    /// What was gathered since the buffer was last empty.
    var bytes: [UInt8] = []
    private var sentCount = 0

    /// More memory than this is not kept for the next response.
    private static let keptBytesMax = 128 << 10

    /// How many bytes wait.
    var pendingCount: Int { bytes.count - sentCount }

    /// Forgets everything and keeps the memory of a usual response.
    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: bytes.capacity <= Self.keptBytesMax)
        sentCount = 0
    }

    /// Hands to the kernel what it takes at once; true if that was all.
    mutating func send(to stream: any ByteStream) throws(SystemError) -> Bool {
        let count = pendingCount
        guard count > 0 else { return true }
        let result = try stream.send(bytes.span.extracting(sentCount..<bytes.count))
        guard case .bytes(let taken) = result else { return false }
        guard taken == count else {
            sentCount += taken
            return false
        }
        removeAll()
        return true
    }
}
