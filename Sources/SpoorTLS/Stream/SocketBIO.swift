internal import CSpoorOpenSSL
internal import SpoorNetworking

/// The way between OpenSSL and a socket: what it reads and writes goes through the stream, whose
/// bookkeeping of readiness then stays right.
///
/// A read is a system call only when the socket is known to have something. A write always succeeds:
/// what the socket does not take is held here. So OpenSSL never has a record that is half sent, in
/// which state it must not be asked for anything else, not even to read: a second update of keys
/// would end the connection.
final class SocketBIO {
    /// OpenSSL reads on by itself while records bring no data.
    ///
    /// After so many reads (64 KiB) it must come back, so that a peer that floods us does not hold the
    /// thread.
    static let maxReads = 4

    let socket: any ByteStream
    /// What the kernel said when a read failed.
    private(set) var failure: SystemError?
    /// What it said when a write failed; what has come can be read all the same.
    private(set) var writeFailure: SystemError?
    /// What OpenSSL has written and the socket has not taken.
    private var held: [UInt8] = []
    /// Whether the socket has come to its end.
    private(set) var hasEnded = false
    private(set) var readsLeft = SocketBIO.maxReads

    init(_ socket: any ByteStream) {
        self.socket = socket
    }

    /// Whether OpenSSL was stopped although there may be more.
    var isOverBudget: Bool { readsLeft == 0 && socket.mayHaveMore && !hasEnded }

    /// Lets OpenSSL read again.
    func beginReads() {
        readsLeft = Self.maxReads
    }

    /// How many bytes the socket has not taken yet.
    var heldCount: Int { held.count }

    /// Hands the socket what is held; true when nothing is left.
    func flush() -> Bool {
        guard !held.isEmpty, writeFailure == nil else { return true }
        let count = unsafe held.withUnsafeBytes { unsafe take($0) }
        if count == held.count {
            held = []
        } else {
            held.removeFirst(count)
        }
        return held.isEmpty
    }

    /// Makes this the ground of a connection, which owns the BIO from then on; this object is kept by ``SecureConnection``.
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
            case .endOfStream: hasEnded = true
            }
        } catch {
            failure = error
        }
        return 0
    }

    fileprivate func write(_ bio: OpaquePointer?, _ bytes: UnsafeRawBufferPointer) -> Int {
        unsafe spoor_bio_clear_retry(bio)
        let taken = flush() ? unsafe take(bytes) : 0
        if taken < bytes.count {
            unsafe held.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[taken...]))
        }
        return bytes.count
    }

    /// Writes once; how much the socket took, which is all if it takes nothing any more.
    private func take(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard writeFailure == nil else { return bytes.count }
        do {
            if case .bytes(let count) = try unsafe socket.send(bytes) { return count }
            return 0
        } catch {
            writeFailure = error
            return bytes.count
        }
    }

    /// The table of functions that makes a BIO ours; made once.
    @safe private struct Method: @unchecked Sendable {
        // Unchecked, because nobody changes it once it is made; safe, because it is never freed.
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
