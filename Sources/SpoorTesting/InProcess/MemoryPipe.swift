import Glibc
import SpoorNetworking
import Synchronization

/// One direction of a connection in memory: the bytes in transit, as many as a kernel's pipe holds.
///
/// Its two ends may be on different event loops: the bytes have a lock, and each end is notified on its own loop.
final class MemoryPipe: Sendable {
    /// The capacity: 64 KiB, as a pipe of the kernel (pipe(7)), so that a sender without a reader soon waits.
    static let maxBytes = 64 << 10

    private struct State {
        var bytes: [UInt8] = []
        /// The number of bytes that have been read.
        var consumedCount = 0
        /// Whether the writer has ended the stream.
        var isEnded = false
        /// Whether the reader has closed.
        var isReaderClosed = false
        /// Whether the writer waits to be notified of free space.
        var isWriterWaiting = false
        weak var reader: MemoryStream?
        weak var writer: MemoryStream?

        var count: Int { bytes.count - consumedCount }
    }

    private let state = Mutex(State())

    /// Attaches a stream as the reading end; returns the readiness changes for what can be read already.
    func attach(reader: MemoryStream) -> [StreamReadiness.Change] {
        state.withLock { state in
            state.reader = reader
            var changes: [StreamReadiness.Change] = state.count > 0 ? [.readable] : []
            if state.isEnded { changes.append(.peerClosedWriting) }
            return changes
        }
    }

    /// Attaches a stream as the writing end.
    func attach(writer: MemoryStream) {
        state.withLock { $0.writer = writer }
    }

    // MARK: Writing

    /// Writes as many bytes as there is space for; returns nil if there is none.
    func write(_ bytes: UnsafeRawBufferPointer) throws(SystemError) -> Int? {
        let written: (count: Int, reader: MemoryStream?)? = state.withLock { state in
            guard !state.isEnded, !state.isReaderClosed else { return nil }
            let count = min(bytes.count, Self.maxBytes - state.count)
            state.isWriterWaiting = count < bytes.count
            guard count > 0 else { return (0, nil) }
            let wasEmpty = state.count == 0
            if state.consumedCount > 0 {
                state.bytes.removeSubrange(..<state.consumedCount)
                state.consumedCount = 0
            }
            unsafe state.bytes.append(contentsOf: bytes[..<count])
            return (count, wasEmpty ? state.reader : nil)
        }
        guard let written else { throw SystemError(code: EPIPE, call: "send") }
        written.reader?.notify(.readable)
        return unsafe written.count > 0 || bytes.isEmpty ? written.count : nil
    }

    /// Ends the stream for the reader.
    func end() {
        let reader = state.withLock { state in
            defer { state.isEnded = true }
            return state.isEnded ? nil : state.reader
        }
        reader?.notify(.peerClosedWriting)
    }

    // MARK: Reading

    /// Reads available bytes; returns nil if there are none now, 0 at the end of the stream.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int? {
        let read: (count: Int?, writer: MemoryStream?) = state.withLock { state in
            let count = min(buffer.count, state.count)
            guard count > 0 else { return (state.isEnded ? 0 : nil, nil) }
            let end = state.consumedCount + count
            unsafe buffer.copyBytes(from: state.bytes[state.consumedCount..<end])
            state.consumedCount = end
            if state.count == 0 {
                state.bytes.removeAll(keepingCapacity: true)
                state.consumedCount = 0
            }
            defer { state.isWriterWaiting = false }
            return (count, state.isWriterWaiting ? state.writer : nil)
        }
        read.writer?.notify(.writable)
        return read.count
    }

    /// Closes the reading end: the writer's next call fails.
    func closeReading() {
        let writer = state.withLock { state in
            state.isReaderClosed = true
            state.bytes = []
            state.consumedCount = 0
            return state.writer
        }
        writer?.notify(.hungUp)
    }
}
