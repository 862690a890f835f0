/// The readiness of a stream without a descriptor: waits and observers work as for a socket, and the stream reports
/// what the kernel would report.
///
/// It allows streams of other modules, such as in-memory streams for tests, to use an event loop. It is confined to
/// the loop's thread.
package final class StreamReadiness {
    /// A change of a stream's readiness.
    package enum Change: Sendable {
        /// A read may return bytes.
        case readable
        /// A write may accept bytes.
        case writable
        /// The peer has half-closed the connection.
        case peerClosedWriting
        /// Both directions are closed.
        case hungUp
    }

    private let registration: Registration

    /// Registers a stream, on the current loop.
    ///
    /// - Throws: `ESHUTDOWN` if the loop has stopped.
    package init(on loop: EventLoop) throws(SystemError) {
        registration = try loop.register()
    }

    /// See ``ByteStream/mayHaveMore``.
    package var isReadable: Bool { registration.isReadable }
    /// See ``ByteStream/hasPeerClosedWriting``.
    package var hasPeerClosedWriting: Bool { registration.hasPeerClosedWriting }
    /// See ``ByteStream/hasHungUp``.
    package var hasHungUp: Bool { registration.hasHungUp }

    /// Suspends until a read may return bytes.
    package func waitReadable(until instant: MonotonicInstant) async -> WaitOutcome {
        await registration.waitReadable(until: instant)
    }

    /// Suspends until a write may accept bytes.
    package func waitWritable(until instant: MonotonicInstant) async -> WaitOutcome {
        await registration.waitWritable(until: instant)
    }

    /// Records that a read has taken all available bytes.
    package func markDrained() { registration.markDrained() }

    /// Records that a read has reached the end of the stream.
    package func markEndOfStream() { registration.markEndOfStream() }

    /// Records that a write was not accepted completely.
    package func markFull() { registration.markFull() }

    /// Reports a change, as an edge: resumes the task that waits for it.
    package func became(_ change: Change) {
        switch change {
        case .readable: registration.became(.readable)
        case .writable: registration.became(.writable)
        case .peerClosedWriting: registration.became(.peerClosedWriting)
        case .hungUp: registration.became(.hungUp)
        }
    }

    /// See ``ByteStream/endWaits()``.
    package func endWaits() { registration.endWaits() }

    /// See ``ByteStream/interrupt()``.
    package func interrupt() { registration.interrupt() }

    /// See ``ByteStream/clearInterruption()``.
    package func clearInterruption() { registration.clearInterruption() }

    /// See ``ByteStream/observeReadiness(_:)``.
    package func observe(by observer: (() -> Void)?) { registration.observer = observer }

    /// Ends all waits permanently.
    package func end() { registration.loop.deregister(registration) }
}
