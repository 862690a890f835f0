internal import Glibc

/// One end of a connection in memory: a stream without a kernel, for tests in process.
///
/// It keeps the promises of a Unix socket: bounded buffers, half-closing, an end that loses nothing of what was sent.
package final class MemoryStream: ByteStream, @unchecked Sendable {
    // Unchecked, because all of its state belongs to the loop's thread, which every member checks;
    // the pipes have locks.

    package let loop: EventLoop
    private let incoming: MemoryPipe
    private let outgoing: MemoryPipe
    private let registration: Registration
    private var isOpen = true

    /// Makes one end of two pipes, on the current loop.
    init(
        on loop: EventLoop, incoming: MemoryPipe, outgoing: MemoryPipe
    ) throws(SystemError) {
        self.loop = loop
        self.incoming = incoming
        self.outgoing = outgoing
        registration = try loop.register()
        outgoing.attach(writer: self)
        registration.became(incoming.attach(reader: self))
    }

    deinit {
        guard isOpen else { return }
        outgoing.end()
        incoming.breakOff()
        // Nobody waits any more, for a waiting task keeps its stream.
        if loop.isCurrent {
            loop.deregister(registration)
        } else {
            let (loop, orphan) = (loop, Orphan(registration: registration))
            loop.execute { loop.deregister(orphan.registration) }
        }
    }

    /// Carries the last reference to a registration to its loop's thread, which is the only one to
    /// touch it then.
    private struct Orphan: @unchecked Sendable {
        let registration: Registration
    }

    package var peer: SocketAddress { .inProcess }
    package var local: SocketAddress { .inProcess }

    package var mayHaveMore: Bool { registration.isReadable }
    package var hasPeerClosedWriting: Bool { registration.hasPeerClosedWriting }
    package var hasHungUp: Bool { registration.hasHungUp }

    /// Tells this end on its own loop, as an edge, what the other end has done; called on any thread.
    func notify(_ readiness: Epoll.Readiness) {
        loop.execute { [self] in
            guard loop.isCurrent, isOpen else { return }
            registration.became(readiness)
        }
    }

    // MARK: Waiting

    package func waitReadable(until deadline: MonotonicInstant) async -> WaitOutcome {
        loop.checkConfinement()
        return await registration.waitReadable(until: deadline)
    }

    package func waitWritable(until deadline: MonotonicInstant) async -> WaitOutcome {
        loop.checkConfinement()
        return await registration.waitWritable(until: deadline)
    }

    // MARK: Bytes

    package func receive(
        into buffer: UnsafeMutableRawBufferPointer
    ) throws(SystemError) -> ReceiveResult {
        loop.checkConfinement()
        guard isOpen else { throw SystemError(code: EBADF, call: "recv") }
        guard let count = unsafe incoming.read(into: buffer) else {
            registration.noteDrained()
            return .wouldBlock
        }
        if count == 0 {
            registration.noteEndOfStream()
            return .endOfStream
        }
        // As with a socket: a short read means that it is empty, and the next bytes make an edge.
        if count < buffer.count { registration.noteDrained() }
        return .bytes(count)
    }

    package func send(_ bytes: UnsafeRawBufferPointer) throws(SystemError) -> SendResult {
        loop.checkConfinement()
        guard isOpen else { throw SystemError(code: EBADF, call: "send") }
        let count = try unsafe outgoing.write(bytes)
        if (count ?? 0) < bytes.count { registration.noteFilled() }
        return count.map { .bytes($0) } ?? .wouldBlock
    }

    package func send(
        _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer
    ) throws(SystemError) -> SendResult {
        let result = try unsafe send(first)
        guard result == .bytes(first.count),
            case .bytes(let count) = try unsafe send(second)
        else { return result }
        return .bytes(first.count + count)
    }

    package func shutdownWrite() throws(SystemError) {
        loop.checkConfinement()
        guard isOpen else { throw SystemError(code: EBADF, call: "shutdown") }
        outgoing.end()
    }

    // MARK: Ending

    package func endWaits() {
        loop.checkConfinement()
        registration.endWaits()
    }

    package func interrupt() {
        loop.checkConfinement()
        registration.interrupt()
    }

    package func clearInterruption() {
        loop.checkConfinement()
        if isOpen { registration.clearInterruption() }
    }

    package func observeReadiness(_ observer: (() -> Void)?) {
        loop.checkConfinement()
        registration.observer = observer
    }

    package func close() {
        loop.checkConfinement()
        guard isOpen else { return }
        isOpen = false
        loop.deregister(registration)
        outgoing.end()
        incoming.breakOff()
    }
}

extension MemoryStream: CustomStringConvertible {
    package var description: String { "MemoryStream(\(isOpen ? "open" : "closed"))" }
}
