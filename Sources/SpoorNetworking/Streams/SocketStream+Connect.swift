internal import CSpoorLinux
internal import Glibc

/// Non-blocking connecting: a call that starts it and a wait that finishes it, which the owner can interrupt.
extension SocketStream {
    /// Starts a connection on the current loop; `finishConnecting` then waits for it.
    package static func dial(
        _ address: SocketAddress, on loop: EventLoop
    ) throws(SystemError) -> SocketStream {
        if let path = address.unixPath, path.utf8.count > SocketAddress.maxUnixPathBytes {
            throw SystemError(code: ENAMETOOLONG, call: "connect")
        }
        let descriptor = try FileDescriptor.streamSocket(for: address)
        if address.unixPath == nil {
            try descriptor.setOption(TCP_NODELAY, of: Int32(IPPROTO_TCP), to: 1)
        }
        let isConnected = try descriptor.connect(to: address)
        return try SocketStream(
            descriptor, peer: address, on: loop, isConnecting: !isConnected)
    }

    /// Suspends until the connection is established.
    ///
    /// On any failure the stream is closed: `ETIMEDOUT` also for the deadline passed here, `ECANCELED` after
    /// `interrupt()`.
    package func finishConnecting(until deadline: MonotonicInstant) async throws(SystemError) {
        guard try await !isConnected(by: deadline) else { return }
        close()
        throw .connectTimedOut
    }

    /// Suspends until the connection is established, at most until `instant`; returns false if it is still in
    /// progress then.
    ///
    /// On any failure the stream is closed: `ECANCELED` after `interrupt()`.
    package func isConnected(by instant: MonotonicInstant) async throws(SystemError) -> Bool {
        let error: SystemError
        switch await waitWritable(until: instant) {
        case .timedOut: return false
        case .interrupted: error = .connectInterrupted
        case .busy: error = .concurrentWrite
        case .ready:
            let code = try takePendingError()
            guard code != 0 else { return true }
            error = SystemError(code: code, call: "connect")
        }
        close()
        throw error
    }

    /// Connects from a task that runs on `loop`.
    package static func connect(
        to address: SocketAddress, on loop: EventLoop, until deadline: MonotonicInstant
    ) async throws(SystemError) -> SocketStream {
        let stream = try dial(address, on: loop)
        try await stream.finishConnecting(until: deadline)
        return stream
    }
}

extension SystemError {
    /// The error of a connection attempt whose deadline has passed.
    package static var connectTimedOut: SystemError {
        SystemError(code: ETIMEDOUT, call: "connect")
    }

    /// The error of a connection attempt that was interrupted.
    package static var connectInterrupted: SystemError {
        SystemError(code: ECANCELED, call: "connect")
    }
}
