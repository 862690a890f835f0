/// The readiness of a stream that has no descriptor: waits and observers work as for a socket, and the stream reports what the
/// kernel would.
///
/// By it streams from outside of this module take part in an event loop, such as those in memory for tests. It belongs to the
/// loop's thread.
package final class StreamReadiness {
    /// What a stream has become.
    package enum Change: Sendable {
        /// A read is worth trying.
        case readable
        /// A write is worth trying.
        case writable
        /// The peer has ended its direction.
        case peerClosedWriting
        /// Both directions have ended.
        case hungUp
    }

    private let registration: Registration

    /// Registers a stream, on the current loop.
    ///
    /// - Throws: `ESHUTDOWN` if the loop has ended.
    package init(on loop: EventLoop) throws(SystemError) {
        registration = try loop.register()
    }

    /// See ``ByteStream/mayHaveMore``.
    package var isReadable: Bool { registration.isReadable }
    /// See ``ByteStream/hasPeerClosedWriting``.
    package var hasPeerClosedWriting: Bool { registration.hasPeerClosedWriting }
    /// See ``ByteStream/hasHungUp``.
    package var hasHungUp: Bool { registration.hasHungUp }

    /// Suspends until a read is worth trying.
    package func waitReadable(until instant: MonotonicInstant) async -> WaitOutcome {
        await registration.waitReadable(until: instant)
    }

    /// Suspends until a write is worth trying.
    package func waitWritable(until instant: MonotonicInstant) async -> WaitOutcome {
        await registration.waitWritable(until: instant)
    }

    /// A read has taken all that there was.
    package func noteDrained() { registration.noteDrained() }

    /// A read has come to the end of the stream.
    package func noteEndOfStream() { registration.noteEndOfStream() }

    /// A write has found no more room.
    package func noteFilled() { registration.noteFilled() }

    /// Reports a change, as an edge: who waits for it goes on.
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

    /// Ends all waits for good.
    package func end() { registration.loop.deregister(registration) }
}
