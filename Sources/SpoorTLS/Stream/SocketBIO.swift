internal import COpenSSL
internal import SpoorNetworking

/// The way between OpenSSL and a socket: what it reads and writes goes through the stream, whose
/// bookkeeping of readiness then stays right.
///
/// A read is a system call only when the socket is known to have something.
final class SocketBIO {
    /// OpenSSL reads on by itself while records bring no data.
    ///
    /// After so many reads (64 KiB) it must come back, so that a peer that floods us does not hold the
    /// thread.
    static let readsMax = 4

    let socket: any ByteStream
    /// What the kernel said when a read or write failed.
    private(set) var failure: SystemError?
    /// Whether the socket has come to its end.
    private(set) var hasEnded = false
    private(set) var readsLeft = SocketBIO.readsMax

    init(_ socket: any ByteStream) {
        self.socket = socket
    }

    /// Whether OpenSSL was stopped although there may be more.
    var isOverBudget: Bool { readsLeft == 0 && socket.mayHaveMore && !hasEnded }

    /// Lets OpenSSL read again.
    func beginReads() {
        readsLeft = Self.readsMax
    }

    /// Makes this the ground of a connection, which owns the BIO from then on but not this object.
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
        do {
            if case .bytes(let count) = try unsafe socket.send(bytes), count > 0 { return count }
            unsafe spoor_bio_retry_write(bio)
        } catch {
            failure = error
        }
        return 0
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
