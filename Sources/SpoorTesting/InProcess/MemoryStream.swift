import Glibc
import SpoorNetworking

/// One end of a connection in memory: a stream without a kernel socket, for in-process tests.
///
/// It behaves like a Unix socket: bounded buffers, half-close, and an end that loses no sent bytes.
final class MemoryStream: ByteStream, @unchecked Sendable {
    // Unchecked, because all state is confined to the event loop's thread, which every member checks; the pipes have
    // locks.

    let loop: EventLoop
    private let incoming: MemoryPipe
    private let outgoing: MemoryPipe
    private let readiness: StreamReadiness
    private var isOpen = true

    /// Creates one end of two pipes, on the current event loop.
    init(
        on loop: EventLoop, incoming: MemoryPipe, outgoing: MemoryPipe
    ) throws(SystemError) {
        self.loop = loop
        self.incoming = incoming
        self.outgoing = outgoing
        readiness = try StreamReadiness(on: loop)
        outgoing.attach(writer: self)
        for change in incoming.attach(reader: self) { readiness.became(change) }
    }

    deinit {
        guard isOpen else { return }
        outgoing.end()
        incoming.closeReading()
        // No task waits any more, because a waiting task retains its stream.
        if loop.isCurrent {
            readiness.end()
        } else {
            let last = LastReference(readiness: readiness)
            loop.execute { last.readiness.end() }
        }
    }

    /// Moves the last reference to the readiness to its event loop's thread, the only one that may access it.
    private struct LastReference: @unchecked Sendable {
        let readiness: StreamReadiness
    }

    var peer: SocketAddress { .inProcess }
    var local: SocketAddress { .inProcess }

    var mayHaveMore: Bool { readiness.isReadable }
    var hasPeerClosedWriting: Bool { readiness.hasPeerClosedWriting }
    var hasHungUp: Bool { readiness.hasHungUp }

    /// Reports a change of the other end on this end's event loop, as an edge; callable from any thread.
    func notify(_ change: StreamReadiness.Change) {
        loop.execute { [self] in
            guard loop.isCurrent, isOpen else { return }
            readiness.became(change)
        }
    }

    // MARK: Waiting

    func waitReadable(until deadline: MonotonicInstant) async -> WaitOutcome {
        loop.checkConfinement()
        return await readiness.waitReadable(until: deadline)
    }

    func waitWritable(until deadline: MonotonicInstant) async -> WaitOutcome {
        loop.checkConfinement()
        return await readiness.waitWritable(until: deadline)
    }

    // MARK: Bytes

    func receive(
        into buffer: UnsafeMutableRawBufferPointer
    ) throws(SystemError) -> ReceiveResult {
        loop.checkConfinement()
        guard isOpen else { throw SystemError(code: EBADF, call: "recv") }
        guard let count = unsafe incoming.read(into: buffer) else {
            readiness.markDrained()
            return .wouldBlock
        }
        if count == 0 {
            readiness.markEndOfStream()
            return .endOfStream
        }
        // As with a socket: a short read means that the pipe is empty, and the next bytes cause an edge.
        if count < buffer.count { readiness.markDrained() }
        return .bytes(count)
    }

    func send(_ bytes: UnsafeRawBufferPointer) throws(SystemError) -> SendResult {
        loop.checkConfinement()
        guard isOpen else { throw SystemError(code: EBADF, call: "send") }
        let count = try unsafe outgoing.write(bytes)
        if (count ?? 0) < bytes.count { readiness.markFull() }
        return count.map { .bytes($0) } ?? .wouldBlock
    }

    func send(
        _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer
    ) throws(SystemError) -> SendResult {
        let result = try unsafe send(first)
        guard result == .bytes(first.count),
            case .bytes(let count) = try unsafe send(second)
        else { return result }
        return .bytes(first.count + count)
    }

    func shutdownWrite() throws(SystemError) {
        loop.checkConfinement()
        guard isOpen else { throw SystemError(code: EBADF, call: "shutdown") }
        outgoing.end()
    }

    // MARK: Ending

    func endWaits() {
        loop.checkConfinement()
        readiness.endWaits()
    }

    func interrupt() {
        loop.checkConfinement()
        readiness.interrupt()
    }

    func clearInterruption() {
        loop.checkConfinement()
        if isOpen { readiness.clearInterruption() }
    }

    func observeReadiness(_ observer: (() -> Void)?) {
        loop.checkConfinement()
        readiness.observe(by: observer)
    }

    func close() {
        loop.checkConfinement()
        guard isOpen else { return }
        isOpen = false
        readiness.end()
        outgoing.end()
        incoming.closeReading()
    }
}

extension MemoryStream: CustomStringConvertible {
    var description: String { "MemoryStream(\(isOpen ? "open" : "closed"))" }
}
