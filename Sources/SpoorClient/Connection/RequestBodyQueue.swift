import SpoorHTTP
import SpoorHTTP1
import Synchronization

/// The bounded queue of a streamed request body between the closure that writes it and the event loop that sends it.
///
/// A piece is framed on the thread that writes it and sent by one task on the loop, so that a writer on another
/// thread switches threads once for several pieces. A writer whose piece brings the queue above ``maxBytes`` is
/// suspended until half of that has been sent.
final class RequestBodyQueue: Sendable {
    /// The queue size above which a writer is suspended: 256 KiB, as much as one read returns.
    static let maxBytes = 256 << 10
    /// The size up to which small queued pieces are joined, so that they need one system call: 16 KiB.
    static let joinedBytes = 16 << 10

    private enum Phase {
        /// More may be written.
        case open
        /// The body is complete.
        case ended
        /// Nothing more is sent, for this reason.
        case failed(ClientError)
    }

    private struct State {
        var phase = Phase.open
        var encoder: BodyEncoder
        /// The announced length, if there is one.
        let announced: Int?
        var trailers: Headers?
        /// Framed pieces that the sender has not taken yet.
        var pieces: [[UInt8]] = []
        /// The number of written bytes, including framing, that have not been passed to the kernel yet.
        var byteCount = 0
        /// The sending task, if it waits for a piece.
        var sender: CheckedContinuation<Void, Never>?
        /// The writing tasks that wait for space.
        var writers: [CheckedContinuation<Void, Never>] = []

        mutating func takeFirst() throws(ClientError) -> Taken {
            if case .failed(let error) = phase { throw error }
            guard pieces.isEmpty else { return .piece(pieces.removeFirst()) }
            if case .ended = phase { return .end }
            return .nothing
        }

        /// Returns the error of a body whose length is not the announced one, or would not be with `count` more
        /// bytes.
        func lengthMismatch(adding count: Int = 0) -> ClientError {
            .bodyLengthMismatch(
                written: encoder.bytesWritten + count, announced: announced ?? 0)
        }

        /// Removes and returns all waiting tasks.
        mutating func takeWaiting() -> [CheckedContinuation<Void, Never>] {
            defer { (sender, writers) = (nil, []) }
            return writers + [sender].compactMap(\.self)
        }
    }

    /// The result of taking from the queue.
    private enum Taken {
        case piece([UInt8])
        /// Nothing yet.
        case nothing
        case end
    }

    private let state: Mutex<State>

    /// Creates an empty queue for a body with this framing.
    init(_ framing: MessageFraming) {
        var announced: Int?
        if case .bytes(let count) = framing.length { announced = count }
        state = Mutex(State(encoder: BodyEncoder(framing), announced: announced))
    }

    /// The number of written bytes that have not been passed to the kernel yet.
    var byteCount: Int { state.withLock(\.byteCount) }

    // MARK: Writing

    /// Adds a piece, and suspends if the queue is above its limit.
    ///
    /// - Throws: ``ClientError/bodyLengthMismatch(written:announced:origin:)`` if the body becomes longer than
    ///   announced; the piece is then not sent. Or why the sending has ended, also if an earlier piece was the cause.
    func write(_ piece: [UInt8]) async throws(ClientError) {
        guard try add(piece) else { return }
        await withCheckedContinuation { continuation in
            let mustWait = state.withLock { state in
                guard case .open = state.phase, state.byteCount > Self.maxBytes else {
                    return false
                }
                state.writers.append(continuation)
                return true
            }
            if !mustWait { continuation.resume() }
        }
        try state.withLock { state throws(ClientError) in
            if case .failed(let error) = state.phase { throw error }
        }
    }

    /// Adds a piece; returns whether its writer has to wait.
    private func add(_ piece: [UInt8]) throws(ClientError) -> Bool {
        let (sender, mustWait) = try state.withLock { state throws(ClientError) in
            if case .failed(let error) = state.phase { throw error }
            guard case .open = state.phase else {
                throw .requestInvalid("the closure that writes the body has returned")
            }
            do throws(ResponseStateError) {
                state.byteCount += try Self.append(piece, to: &state)
            } catch {
                throw state.lengthMismatch(adding: piece.count)
            }
            defer { if !state.pieces.isEmpty { state.sender = nil } }
            return (
                state.pieces.isEmpty ? nil : state.sender, state.byteCount > Self.maxBytes
            )
        }
        sender?.resume()
        return mustWait
    }

    /// Appends a framed piece to the queue; returns its size.
    private static func append(
        _ piece: [UInt8], to state: inout State
    ) throws(ResponseStateError) -> Int {
        guard state.encoder.isChunked || piece.count < joinedBytes else {
            // Appended as it is, without a copy.
            _ = try state.encoder.admit(piece.count)
            state.pieces.append(piece)
            return piece.count
        }
        var last: [UInt8] = []
        if let before = state.pieces.last, before.count + piece.count <= joinedBytes {
            last = state.pieces.removeLast()
        }
        defer { if !last.isEmpty { state.pieces.append(last) } }
        let count = last.count
        last.reserveCapacity(count + piece.count + 20)
        try state.encoder.append(piece.span, to: &last)
        return last.count - count
    }

    /// Sets the trailers.
    ///
    /// - Throws: ``ClientError/requestInvalid(_:origin:)`` if the body is not chunked, or a header is not allowed in
    ///   trailers.
    func setTrailers(_ trailers: Headers) throws(ClientError) {
        try state.withLock { state throws(ClientError) in
            guard state.encoder.isChunked else {
                throw .requestInvalid(
                    "trailers need a body whose length is not announced: leave bodyLength out")
            }
            do throws(HeaderError) {
                try BodyEncoder.check(trailers)
            } catch {
                throw .requestInvalid("\(error)")
            }
            state.trailers = trailers
        }
    }

    /// Ends the body, unless its sending has ended before.
    ///
    /// - Throws: ``ClientError/bodyLengthMismatch(written:announced:origin:)`` if the body is shorter than announced.
    func end() throws(ClientError) {
        let sender = try state.withLock { state throws(ClientError) in
            guard case .open = state.phase else { return nil as CheckedContinuation<Void, Never>? }
            var output: [UInt8] = []
            do {
                try state.encoder.finish(trailers: state.trailers, to: &output)
            } catch {
                throw state.lengthMismatch()
            }
            if !output.isEmpty { state.pieces.append(output) }
            state.byteCount += output.count
            state.phase = .ended
            defer { state.sender = nil }
            return state.sender
        }
        sender?.resume()
    }

    /// Fails all waiting and later writes with this error; the latest error replaces earlier ones.
    func fail(_ error: ClientError) {
        let waiting = state.withLock { state in
            state.phase = .failed(error)
            state.pieces = []
            return state.takeWaiting()
        }
        for continuation in waiting { continuation.resume() }
    }

    // MARK: Sending

    /// Returns the next bytes to send, as soon as there are some; nil after the last of them.
    ///
    /// - Throws: Why nothing more is sent.
    func next() async throws(ClientError) -> [UInt8]? {
        while true {
            switch try state.withLock({ state throws(ClientError) in try state.takeFirst() }) {
            case .piece(let piece): return piece
            case .end: return nil
            case .nothing: break
            }
            await withCheckedContinuation { continuation in
                let mustWait = state.withLock { state in
                    guard case .open = state.phase, state.pieces.isEmpty else { return false }
                    state.sender = continuation
                    return true
                }
                if !mustWait { continuation.resume() }
            }
        }
    }

    /// Records that `count` bytes returned by ``next()`` have been passed to the kernel.
    ///
    /// - Returns: Whether all bytes of the announced length have been passed.
    func sent(_ count: Int) -> Bool {
        let (writers, isWhole) = state.withLock { state in
            state.byteCount -= count
            let isWhole = state.encoder.isComplete && state.byteCount == 0
            guard state.byteCount <= Self.maxBytes / 2 else {
                return ([] as [CheckedContinuation<Void, Never>], isWhole)
            }
            defer { state.writers = [] }
            return (state.writers, isWhole)
        }
        for writer in writers { writer.resume() }
        return isWhole
    }
}
