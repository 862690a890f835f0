import SpoorHTTP
import SpoorHTTP1
import Synchronization

/// The body of a request on its way from the closure that writes it to the loop that sends it: framed, in order, and bounded.
///
/// A piece is framed by the thread that writes it and sent by one task on the loop, so that a writer on another thread
/// changes threads once for several pieces. A writer whose piece brings the queue above ``maxBytes`` waits until half of that
/// has been sent.
final class RequestBodyQueue: Sendable {
    /// How many bytes may wait to be sent before their writer waits as well: 256 KiB, as much as a reader gets at once.
    static let maxBytes = 256 << 10
    /// Up to how many bytes small pieces that wait are joined, so that they cost one system call: 16 KiB.
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
        /// The length that was announced, if one was.
        let announced: Int?
        var trailers: Headers?
        /// Framed, and not taken by the sender yet.
        var pieces: [[UInt8]] = []
        /// How many bytes were written, framing included, and are not with the kernel yet.
        var byteCount = 0
        /// The task that sends, if it waits for a piece.
        var sender: CheckedContinuation<Void, Never>?
        /// The tasks that write, if they wait for room.
        var writers: [CheckedContinuation<Void, Never>] = []

        mutating func takeFirst() throws(ClientError) -> Taken {
            if case .failed(let error) = phase { throw error }
            guard pieces.isEmpty else { return .piece(pieces.removeFirst()) }
            if case .ended = phase { return .end }
            return .nothing
        }

        /// The error of a body whose length is not the announced one, or would not be with so many bytes more.
        func lengthMismatch(adding count: Int = 0) -> ClientError {
            .bodyLengthMismatch(
                written: encoder.bytesWritten + count, announced: announced ?? 0)
        }

        /// Nothing more comes: everybody who waits goes on.
        mutating func takeWaiting() -> [CheckedContinuation<Void, Never>] {
            defer { (sender, writers) = (nil, []) }
            return writers + [sender].compactMap(\.self)
        }
    }

    /// What the sender finds in the queue.
    private enum Taken {
        case piece([UInt8])
        /// Nothing yet.
        case nothing
        case end
    }

    private let state: Mutex<State>

    /// An empty queue for a body that is framed in this way.
    init(_ framing: MessageFraming) {
        var announced: Int?
        if case .bytes(let count) = framing.length { announced = count }
        state = Mutex(State(encoder: BodyEncoder(framing), announced: announced))
    }

    /// How many bytes were written and are not with the kernel yet.
    var byteCount: Int { state.withLock(\.byteCount) }

    // MARK: Writing

    /// Adds a piece, and waits if there is more in the queue than it should hold.
    ///
    /// - Throws: ``ClientError/bodyLengthMismatch(written:announced:origin:)`` if the body gets longer than was announced; the piece is not sent then. Or
    ///   why the sending has ended, also if it ended because of an earlier piece.
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

    /// Adds a piece; whether its writer has to wait.
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

    /// Frames a piece behind those that wait; how many bytes that makes.
    private static func append(
        _ piece: [UInt8], to state: inout State
    ) throws(ResponseStateError) -> Int {
        guard state.encoder.isChunked || piece.count < joinedBytes else {
            // As it is, without a copy.
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

    /// Sets the trailer fields.
    ///
    /// - Throws: ``ClientError/requestInvalid(_:origin:)`` if the body is not chunked, or a field may not stand there.
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
    /// - Throws: ``ClientError/bodyLengthMismatch(written:announced:origin:)`` if the body is shorter than was announced.
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

    /// Nothing more is sent: who writes now or later gets this error, the latest one given.
    func fail(_ error: ClientError) {
        let waiting = state.withLock { state in
            state.phase = .failed(error)
            state.pieces = []
            return state.takeWaiting()
        }
        for continuation in waiting { continuation.resume() }
    }

    // MARK: Sending

    /// The next bytes to be sent, as soon as there are some; nil behind the last of them.
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

    /// The kernel has so many of the bytes that ``next()`` gave.
    ///
    /// - Returns: Whether it has all bytes of the length that was announced.
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
