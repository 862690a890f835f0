import Glibc
import SpoorNetworking
import Synchronization

/// One direction of a connection in memory: the bytes on their way, as many as a kernel's pipe holds.
///
/// Its two ends may be on different loops: the bytes have a lock, and each end is told on its own loop what the other did.
final class MemoryPipe: Sendable {
    /// 64 KiB, as a pipe of the kernel (pipe(7)): a sender that is not listened to waits soon.
    static let maxBytes = 64 << 10

    private struct State {
        var bytes: [UInt8] = []
        /// How many of the bytes have been taken.
        var takenCount = 0
        /// The writer has ended: nothing comes any more.
        var isEnded = false
        /// The reader is gone: nothing is taken any more.
        var isBroken = false
        /// The writer has found no room and waits to be told of some.
        var isWaitedFor = false
        weak var reader: MemoryStream?
        weak var writer: MemoryStream?

        var count: Int { bytes.count - takenCount }
    }

    private let state = Mutex(State())

    /// Makes a stream the reading end; tells what there is to be read already.
    func attach(reader: MemoryStream) -> [StreamReadiness.Change] {
        state.withLock { state in
            state.reader = reader
            var changes: [StreamReadiness.Change] = state.count > 0 ? [.readable] : []
            if state.isEnded { changes.append(.peerClosedWriting) }
            return changes
        }
    }

    /// Makes a stream the writing end.
    func attach(writer: MemoryStream) {
        state.withLock { $0.writer = writer }
    }

    // MARK: Writing

    /// Takes what there is room for; nil if there is none.
    func write(_ bytes: UnsafeRawBufferPointer) throws(SystemError) -> Int? {
        let written: (count: Int, reader: MemoryStream?)? = state.withLock { state in
            guard !state.isEnded, !state.isBroken else { return nil }
            let count = min(bytes.count, Self.maxBytes - state.count)
            state.isWaitedFor = count < bytes.count
            guard count > 0 else { return (0, nil) }
            let wasEmpty = state.count == 0
            if state.takenCount > 0 {
                state.bytes.removeSubrange(..<state.takenCount)
                state.takenCount = 0
            }
            unsafe state.bytes.append(contentsOf: bytes[..<count])
            return (count, wasEmpty ? state.reader : nil)
        }
        guard let written else { throw SystemError(code: EPIPE, call: "send") }
        written.reader?.notify(.readable)
        return unsafe written.count > 0 || bytes.isEmpty ? written.count : nil
    }

    /// The writer ends: the reader comes to the end of the stream.
    func end() {
        let reader = state.withLock { state in
            defer { state.isEnded = true }
            return state.isEnded ? nil : state.reader
        }
        reader?.notify(.peerClosedWriting)
    }

    // MARK: Reading

    /// Hands out what is there; nil if there is nothing now, 0 at the end of the stream.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int? {
        let read: (count: Int?, writer: MemoryStream?) = state.withLock { state in
            let count = min(buffer.count, state.count)
            guard count > 0 else { return (state.isEnded ? 0 : nil, nil) }
            let end = state.takenCount + count
            unsafe buffer.copyBytes(from: state.bytes[state.takenCount..<end])
            state.takenCount = end
            if state.count == 0 {
                state.bytes.removeAll(keepingCapacity: true)
                state.takenCount = 0
            }
            defer { state.isWaitedFor = false }
            return (count, state.isWaitedFor ? state.writer : nil)
        }
        read.writer?.notify(.writable)
        return read.count
    }

    /// The reader goes: the writer's next try fails.
    func breakOff() {
        let writer = state.withLock { state in
            state.isBroken = true
            state.bytes = []
            state.takenCount = 0
            return state.writer
        }
        writer?.notify(.hungUp)
    }
}
