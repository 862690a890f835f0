internal import CSpoorOpenSSL
internal import SpoorNetworking

/// The BIO between OpenSSL and a socket: reads and writes go through the stream, so that its readiness state stays
/// correct.
///
/// A read makes a system call only when the socket is known to be readable. A write always succeeds: bytes that the
/// socket does not accept are buffered here. So OpenSSL never has a partly sent record, a state in which it allows no
/// other call, not even a read: a second key update would then end the connection.
final class SocketBIO {
    /// The maximum number of reads (64 KiB in total) in one call of OpenSSL.
    ///
    /// OpenSSL continues to read while records contain no data; the limit keeps a flooding peer from occupying the
    /// thread.
    static let maxReads = 4

    /// What reads from the socket have shown.
    enum Input {
        case open
        case ended
        case failed(SystemError)
    }

    /// What writes to the socket have shown; bytes that were received before a failure can still be read.
    enum Output {
        case open
        case failed(SystemError)
    }

    let socket: any ByteStream
    private(set) var input = Input.open
    private(set) var output = Output.open
    /// The bytes that OpenSSL has written and the socket has not accepted.
    private var held: [UInt8] = []
    /// Their number, because access to an array is checked at run time.
    private(set) var heldCount = 0
    private(set) var readsLeft = SocketBIO.maxReads

    init(_ socket: any ByteStream) {
        self.socket = socket
    }

    /// Whether the read limit has stopped OpenSSL although there may be more.
    var hasReachedReadLimit: Bool { readsLeft == 0 && socket.mayHaveMore && !hasEnded }

    /// Whether the socket has reached its end.
    private var hasEnded: Bool { if case .ended = input { true } else { false } }

    /// The error of the socket, if a read or a write has failed.
    var failure: SystemError? {
        if case .failed(let error) = input { return error }
        if case .failed(let error) = output { return error }
        return nil
    }

    /// Resets the read limit.
    func beginReads() {
        readsLeft = Self.maxReads
    }

    /// Writes buffered bytes to the socket; returns true when none are left, and throws the error of a failed write.
    func flush() throws(SystemError) -> Bool {
        let isEmpty = writeHeld()
        if case .failed(let error) = output { throw error }
        return isEmpty
    }

    /// Writes buffered bytes to the socket; returns true when none are left, or when they can never be written.
    private func writeHeld() -> Bool {
        guard heldCount > 0, case .open = output else { return true }
        let count = unsafe held.withUnsafeBytes { unsafe take($0) }
        heldCount -= count
        if count == held.count {
            held = []
        } else {
            held.removeFirst(count)
        }
        return heldCount == 0
    }

    /// Makes this object the BIO of a connection, which then owns the BIO; ``SecureConnection`` retains this object.
    func attach(to ssl: OpaquePointer) -> Bool {
        guard let bio = unsafe BIO_new(Method.shared.pointer) else { return false }
        unsafe BIO_set_data(bio, Unmanaged.passUnretained(self).toOpaque())
        unsafe BIO_set_init(bio, 1)
        unsafe SSL_set_bio(ssl, bio, bio)
        return true
    }

    fileprivate func read(_ bio: OpaquePointer?, into buffer: UnsafeMutableRawBufferPointer) -> Int
    {
        unsafe spoor_bio_clear_retry(bio)
        guard !hasEnded else { return 0 }
        guard socket.mayHaveMore, readsLeft > 0 else {
            unsafe spoor_bio_retry_read(bio)
            return 0
        }
        readsLeft -= 1
        do {
            switch try unsafe socket.receive(into: buffer) {
            case .bytes(let count): return count
            case .wouldBlock: unsafe spoor_bio_retry_read(bio)
            case .endOfStream: input = .ended
            }
        } catch {
            input = .failed(error)
        }
        return 0
    }

    fileprivate func write(_ bio: OpaquePointer?, _ bytes: UnsafeRawBufferPointer) -> Int {
        unsafe spoor_bio_clear_retry(bio)
        let taken = writeHeld() ? unsafe take(bytes) : 0
        if taken < bytes.count {
            unsafe held.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[taken...]))
            heldCount = held.count
        }
        return bytes.count
    }

    /// Writes once; returns the number of accepted bytes, which is all of them if the socket has failed.
    private func take(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard case .open = output else { return bytes.count }
        do {
            if case .bytes(let count) = try unsafe socket.send(bytes) { return count }
            return 0
        } catch {
            output = .failed(error)
            return bytes.count
        }
    }

    /// The BIO method table; created once.
    @safe private struct Method: @unchecked Sendable {
        // Unchecked, because the table does not change after it is created; safe, because it is never freed.
        static let shared = Method()

        let pointer: OpaquePointer?

        private init() {
            let kind = BIO_get_new_index() | BIO_TYPE_SOURCE_SINK
            unsafe pointer = unsafe BIO_meth_new(kind, "Spoor's socket")
            unsafe BIO_meth_set_read_ex(pointer) { bio, bytes, size, count in
                guard let data = unsafe BIO_get_data(bio) else { return 0 }
                let buffer = unsafe UnsafeMutableRawBufferPointer(start: bytes, count: size)
                let got = unsafe Unmanaged<SocketBIO>.fromOpaque(data)
                    ._withUnsafeGuaranteedRef { unsafe $0.read(bio, into: buffer) }
                unsafe count?.pointee = got
                return got > 0 ? 1 : 0
            }
            unsafe BIO_meth_set_write_ex(pointer) { bio, bytes, size, count in
                guard let data = unsafe BIO_get_data(bio) else { return 0 }
                let buffer = unsafe UnsafeRawBufferPointer(start: bytes, count: size)
                let got = unsafe Unmanaged<SocketBIO>.fromOpaque(data)
                    ._withUnsafeGuaranteedRef { unsafe $0.write(bio, buffer) }
                unsafe count?.pointee = got
                return got > 0 ? 1 : 0
            }
            unsafe BIO_meth_set_ctrl(pointer) { bio, command, _, _ in
                switch command {
                case BIO_CTRL_FLUSH: return 1
                case BIO_CTRL_EOF:
                    guard let data = unsafe BIO_get_data(bio) else { return 1 }
                    return unsafe Unmanaged<SocketBIO>.fromOpaque(data)
                        ._withUnsafeGuaranteedRef { $0.hasEnded } ? 1 : 0
                default: return 0
                }
            }
        }
    }
}
