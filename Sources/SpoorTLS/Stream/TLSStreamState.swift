import SpoorNetworking

/// The state of a TLS connection: of its read side and of its write side.
///
/// A value without I/O: ``TLSStream`` calls OpenSSL and the socket, and reports the results as events. Each side is a
/// table of states and events (``ReadSide/next(on:)``, ``WriteSide/next(on:)``). The reasons of failures are stored
/// separately (``Failures``), so that the state has no references and is accessed without run-time checks.
struct TLSStreamState {
    /// An event that changes the state of a side.
    enum Event {
        /// The handshake is done; OpenSSL may have received data with the peer's last message.
        case handshakeCompleted(hasData: Bool)
        /// OpenSSL has returned data; it may hold more.
        case dataRead(hasMore: Bool)
        /// OpenSSL has returned all data, and needs bytes from the socket.
        case inputConsumed
        /// A call other than a read has received bytes that may contain data.
        case inputBuffered
        /// The peer has sent many records without data.
        case floodDetected
        /// Other connections have been served since ``floodDetected``.
        case yielded
        /// The peer has sent its close-notify alert.
        case closeNotifyReceived
        /// A record is completely written to the socket.
        case recordSent
        /// OpenSSL has made a record, and the socket has not accepted all of it; contains the number of bytes of data.
        case recordHeld(bytes: Int)
        /// OpenSSL must read before it can write: it has received a part of a key update.
        case writeNeedsInput
        /// The socket has become readable for a write that needs input.
        case inputArrived
        /// This end has closed its write side.
        case writeShutDown
        /// A write to the socket has failed; bytes that were received before can still be read.
        case writeFailed
        /// The connection has failed; OpenSSL must not be called after it.
        case failed
        /// This end has closed the socket.
        case closed
    }

    /// The state of the read side.
    enum ReadSide: Hashable {
        case handshaking
        /// OpenSSL holds no whole record: bytes from the socket are needed.
        case needsInput
        /// OpenSSL holds bytes that may contain data.
        case hasData
        /// The peer's records contain no data: other connections are served first.
        case yielding
        /// The peer has sent close-notify: its data is complete.
        case ended
        /// The reason is in ``Failures``.
        case failed
        case closed
    }

    /// The state of the write side.
    enum WriteSide: Hashable {
        case handshaking
        case ready
        /// OpenSSL needs bytes from the socket before it can write.
        case needsInput
        /// A record is made and not completely written to the socket; contains the number of bytes of data.
        ///
        /// The next write passes the same bytes again, and reports them as sent once the record is.
        case recordHeld(bytes: Int)
        /// This end has closed its write side, with close-notify unless a record was held.
        case shutDown
        /// The reason is in ``Failures``.
        case failed
        case closed
    }

    private(set) var read = ReadSide.handshaking
    private(set) var write = WriteSide.handshaking

    /// Changes the states of both sides according to their tables.
    ///
    /// Inlined, so that only the rows of the given event are compiled in: it is called for each read and each write.
    @inline(__always)
    mutating func apply(_ event: Event) {
        read = read.next(on: event)
        write = write.next(on: event)
    }

    /// Whether the handshake is done and neither side has failed or is closed.
    var isIntact: Bool {
        switch (read, write) {
        case (.handshaking, _), (.failed, _), (.closed, _), (_, .handshaking), (_, .failed),
            (_, .closed):
            false
        case (_, _): true
        }
    }
}

extension TLSStreamState {
    /// The reasons of the states `failed` of both sides; the first one of a side is kept.
    struct Failures {
        private(set) var read: SystemError?
        private(set) var write: SystemError?

        /// Records the reason of a change from one state to another.
        mutating func record(
            _ error: SystemError, from old: TLSStreamState, to new: TLSStreamState
        ) {
            if new.read == .failed, old.read != .failed { read = error }
            if new.write == .failed, old.write != .failed { write = error }
        }
    }
}

extension TLSStreamState.ReadSide {
    /// Returns the next state, by the table of the read side.
    ///
    /// An event without a row changes nothing.
    @inline(__always)
    func next(on event: TLSStreamState.Event) -> Self {
        switch (self, event) {
        case (.handshaking, .handshakeCompleted(let hasData)): hasData ? .hasData : .needsInput

        case (.needsInput, .dataRead(let hasMore)): hasMore ? .hasData : .needsInput
        case (.hasData, .dataRead(let hasMore)): hasMore ? .hasData : .needsInput
        case (.yielding, .dataRead(let hasMore)): hasMore ? .hasData : .needsInput

        case (.hasData, .inputConsumed): .needsInput
        case (.yielding, .inputConsumed): .needsInput
        case (.needsInput, .inputBuffered): .hasData

        case (.needsInput, .floodDetected): .yielding
        case (.hasData, .floodDetected): .yielding
        case (.yielding, .yielded): .needsInput

        case (.needsInput, .closeNotifyReceived): .ended
        case (.hasData, .closeNotifyReceived): .ended
        case (.yielding, .closeNotifyReceived): .ended

        // What the peer has sent before stays complete.
        case (.ended, .failed), (.ended, .closed): .ended
        case (.failed, .closed): .failed
        case (.closed, .failed): .closed
        case (_, .failed): .failed
        case (_, .closed): .closed

        case (_, _): self
        }
    }
}

extension TLSStreamState.WriteSide {
    /// Returns the next state, by the table of the write side.
    ///
    /// An event without a row changes nothing.
    @inline(__always)
    func next(on event: TLSStreamState.Event) -> Self {
        switch (self, event) {
        case (.handshaking, .handshakeCompleted): .ready

        case (.needsInput, .recordSent): .ready
        case (.recordHeld, .recordSent): .ready
        case (.ready, .recordHeld(let bytes)): .recordHeld(bytes: bytes)
        case (.needsInput, .recordHeld(let bytes)): .recordHeld(bytes: bytes)
        case (.ready, .writeNeedsInput): .needsInput
        case (.needsInput, .inputArrived): .ready

        case (.handshaking, .writeShutDown): .shutDown
        case (.ready, .writeShutDown): .shutDown
        case (.needsInput, .writeShutDown): .shutDown
        case (.recordHeld, .writeShutDown): .shutDown

        case (_, .closed): .closed
        case (.closed, .failed), (.closed, .writeFailed): .closed
        case (_, .failed), (_, .writeFailed): .failed

        case (_, _): self
        }
    }
}
