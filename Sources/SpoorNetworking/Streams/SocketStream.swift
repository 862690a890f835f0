internal import CSpoorLinux
internal import Glibc

/// A connected TCP or Unix domain socket on its event loop.
///
/// Each read and write is one system call. Edge-triggered readiness and the rule that a short read has drained the
/// socket avoid the read that would only return `EAGAIN`; an end of stream that was reported together with the bytes
/// keeps the stream readable.
package final class SocketStream: ByteStream, @unchecked Sendable {
    // Unchecked, because all of its state is confined to the loop's thread, which every member checks.

    package let loop: EventLoop
    package let peer: SocketAddress
    private var descriptor: FileDescriptor
    private var socket: BorrowedSocket
    private let registration: Registration

    /// Creates a stream of a connected, or connecting, socket on the current loop.
    init(
        _ descriptor: consuming FileDescriptor, peer: SocketAddress, on loop: EventLoop,
        isConnecting: Bool = false
    ) throws(SystemError) {
        self.loop = loop
        self.peer = peer
        var interest: Epoll.Readiness = [.readable, .peerClosedWriting]
        if isConnecting { interest.insert(.writable) }
        registration = try loop.register(descriptor, for: interest)
        registration.watchesWritability = isConnecting
        if isConnecting { registration.markFull() }
        socket = BorrowedSocket(descriptor)
        self.descriptor = descriptor
    }

    deinit {
        // No task waits any more, because a waiting task retains its stream. The descriptor closes itself.
        guard descriptor.number >= 0 else { return }
        if loop.isCurrent {
            loop.deregister(registration)
        } else {
            let (loop, last) = (loop, LastReference(registration: registration))
            loop.execute { loop.deregister(last.registration) }
        }
    }

    /// Transfers the last reference to a registration to its loop's thread, which then is the only one to access it.
    private struct LastReference: @unchecked Sendable {
        let registration: Registration
    }

    package var local: SocketAddress {
        get throws(SystemError) { try descriptor.localAddress() }
    }

    package var mayHaveMore: Bool { registration.isReadable }
    package var hasPeerClosedWriting: Bool { registration.hasPeerClosedWriting }
    package var hasHungUp: Bool { registration.hasHungUp }

    /// Whether `close()` has not been called.
    package var isOpen: Bool { descriptor.number >= 0 }

    // MARK: Waiting

    package func waitReadable(until deadline: MonotonicInstant) async -> WaitOutcome {
        loop.checkConfinement()
        return await registration.waitReadable(until: deadline)
    }

    package var queuedByteCount: Int { socket.queuedByteCount }

    package func waitWritable(until deadline: MonotonicInstant) async -> WaitOutcome {
        loop.checkConfinement()
        if !registration.isWritable, !registration.watchesWritability {
            registration.watchesWritability = true
            do {
                try loop.watchWritability(of: descriptor, registration)
            } catch {
                // The next write returns the error of the descriptor.
                return .ready
            }
        }
        return await registration.waitWritable(until: deadline)
    }

    // MARK: Bytes

    package func receive(
        into buffer: UnsafeMutableRawBufferPointer
    ) throws(SystemError) -> ReceiveResult {
        loop.checkConfinement()
        let count = try unsafe socket.receive(into: buffer)
        if count == buffer.count { return .bytes(count) }
        if count == 0 {
            registration.markEndOfStream()
            return .endOfStream
        }
        // epoll(7): a short read from a stream means that it is drained, and the next bytes cause an edge.
        registration.markDrained()
        return count < 0 ? .wouldBlock : .bytes(count)
    }

    package func send(_ bytes: UnsafeRawBufferPointer) throws(SystemError) -> SendResult {
        loop.checkConfinement()
        return result(of: try unsafe socket.send(bytes), outOf: bytes.count)
    }

    package func send(
        _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer
    ) throws(SystemError) -> SendResult {
        loop.checkConfinement()
        return result(
            of: try unsafe socket.send(first, second), outOf: first.count + second.count)
    }

    package var sendsFiles: Bool { true }

    package func sendFile(
        _ file: ReadableFile, from offset: Int, count: Int
    ) throws(SystemError) -> SendResult {
        loop.checkConfinement()
        let count = try file.send(to: socket, from: offset, count: count)
        guard count < 0 else { return .bytes(count) }
        registration.markFull()
        return .wouldBlock
    }

    private func result(of count: Int, outOf total: Int) -> SendResult {
        if count < total { registration.markFull() }
        return count < 0 ? .wouldBlock : .bytes(count)
    }

    package func shutdownWrite() throws(SystemError) {
        loop.checkConfinement()
        try descriptor.shutdownWrite()
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

    package func discardUnsentBytesOnClose() {
        loop.checkConfinement()
        // A socket without this option, or one that is closed, is closed as usual.
        if isOpen { try? descriptor.resetOnClose() }
    }

    package func close() {
        loop.checkConfinement()
        guard isOpen else { return }
        loop.deregister(registration)
        socket = BorrowedSocket(.none)
        // An error of close would be of no use to the reader of this connection.
        try? FileDescriptor.take(from: &descriptor).close()
    }

    // MARK: Options

    /// Returns the pending error of the socket, after a connect has ended.
    func takePendingError() throws(SystemError) -> Int32 {
        try descriptor.takePendingError()
    }

    /// Whether small writes are sent immediately, without waiting for acknowledgements (TCP_NODELAY).
    package var isNoDelay: Bool {
        get throws(SystemError) {
            try descriptor.option(TCP_NODELAY, of: Int32(IPPROTO_TCP)) != 0
        }
    }

    /// Sets the sizes of the kernel's buffers in bytes, for tests of back-pressure; the kernel doubles the values.
    package func setBufferSizes(send: Int32, receive: Int32) throws(SystemError) {
        try descriptor.setOption(SO_SNDBUF, of: SOL_SOCKET, to: send)
        try descriptor.setOption(SO_RCVBUF, of: SOL_SOCKET, to: receive)
    }
}

extension SocketStream: CustomStringConvertible {
    package var description: String {
        "SocketStream(\(peer), \(isOpen ? "open" : "closed"))"
    }
}
