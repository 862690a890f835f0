internal import CSpoorLinux
internal import Glibc
internal import Synchronization

/// Names to addresses, off the loops: `getaddrinfo` blocks, so it runs on a small pool of threads
/// of its own.
///
/// Numeric hosts and `localhost` need no thread. Nothing is remembered here.
package struct HostResolver: Sendable {
    /// Why a name has no addresses.
    package enum Failure: Error, Hashable, Sendable {
        /// No such name, or none with addresses; the text is the resolver's.
        case unknownHost(String)
        /// The resolver failed for now; the text is its own.
        case temporary(String)
        /// No answer until the deadline. The look-up's thread is busy until the resolver gives up
        /// by itself.
        case timedOut
        /// Too many look-ups wait already.
        case busy
        /// The task was cancelled.
        case cancelled
    }

    /// Few threads, for look-ups mostly wait; a bounded queue, for a dead name server must not pile
    /// up work.
    private static let pool = BlockingPool(name: "spoor.resolver", threadsMax: 4, queueMax: 256)

    package init() {}

    /// The addresses of `host`, in the order in which they should be tried; never empty.
    ///
    /// - Parameters:
    ///   - host: numeric text (IPv6 without brackets) or a name.
    ///   - port: goes into every address.
    ///   - loop: the loop of the calling task; its clock watches the deadline.
    package func addresses(
        of host: String, port: UInt16, on loop: EventLoop, until deadline: MonotonicInstant
    ) async throws(Failure) -> [SocketAddress] {
        if let known = Self.addressesWithoutLookUp(of: host, port: port) { return known }
        let lookUp = LookUp()
        let timer = Deadline { lookUp.finish(.failure(.timedOut)) }
        if deadline != .never { loop.arm(timer, at: deadline) }
        let result = await withTaskCancellationHandler {
            await lookUp.result {
                let refusal = Self.pool.submit {
                    lookUp.finish(Self.ask(host: host, port: port))
                }
                if refusal != nil { lookUp.finish(.failure(.busy)) }
            }
        } onCancel: {
            lookUp.finish(.failure(.cancelled))
        }
        loop.remove(timer)
        return try result.get()
    }

    /// What needs no look-up: numbers, and `localhost` with the names below it (RFC 6761 §6.3).
    package static func addressesWithoutLookUp(of host: String, port: UInt16) -> [SocketAddress]? {
        if let numeric = SocketAddress(host: host, port: port) { return [numeric] }
        var name = host.lowercased()
        if name.hasSuffix(".") { name.removeLast() }
        guard name == "localhost" || name.hasSuffix(".localhost") else { return nil }
        return [.loopback(port: port), SocketAddress(.ipv6(high: 0, low: 1, port: port, scope: 0))]
    }

    private static func ask(host: String, port: UInt16) -> Result<[SocketAddress], Failure> {
        var hints = unsafe addrinfo()
        unsafe hints.ai_family = AF_UNSPEC
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        // RFC 3493 §6.1: no IPv6 addresses for a machine that has none itself, and the other way
        // round.
        unsafe hints.ai_flags = AI_ADDRCONFIG
        var list: UnsafeMutablePointer<addrinfo>?
        let code = unsafe getaddrinfo(host, nil, &hints, &list)
        guard code == 0 else {
            let text = unsafe String(cString: gai_strerror(code))
            let isTemporary = code == EAI_AGAIN || code == EAI_SYSTEM || code == EAI_MEMORY
            return .failure(isTemporary ? .temporary(text) : .unknownHost(text))
        }
        defer { unsafe freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var next = unsafe list
        while let entry = unsafe next {
            if let address = unsafe SocketAddress(entry.pointee) {
                addresses.append(address.with(port: port))
            }
            unsafe next = entry.pointee.ai_next
        }
        return addresses.isEmpty ? .failure(.unknownHost("no addresses")) : .success(addresses)
    }
}

extension SocketAddress {
    fileprivate init?(_ entry: addrinfo) {
        let length = unsafe Int(entry.ai_addrlen)
        guard let address = unsafe entry.ai_addr, length <= MemoryLayout<sockaddr_storage>.size
        else { return nil }
        var storage = sockaddr_storage()
        unsafe withUnsafeMutableBytes(of: &storage) { bytes in
            unsafe bytes.copyMemory(from: UnsafeRawBufferPointer(start: address, count: length))
        }
        self.init(kernelForm: storage, length: socklen_t(length))
    }
}

/// One look-up and the task that waits for it; the first of answer and deadline counts.
private final class LookUp: Sendable {
    typealias Answer = Result<[SocketAddress], HostResolver.Failure>

    private enum State {
        case idle
        case waiting(CheckedContinuation<Answer, Never>)
        case finished(Answer)
    }

    private let state = Mutex(State.idle)

    func result(after start: () -> Void) async -> Answer {
        await withCheckedContinuation { continuation in
            let early: Answer? = state.withLock { state in
                if case .finished(let answer) = state { return answer }
                state = .waiting(continuation)
                return nil
            }
            if let early { return continuation.resume(returning: early) }
            start()
        }
    }

    func finish(_ answer: Answer) {
        let waiting: CheckedContinuation<Answer, Never>? = state.withLock { state in
            defer { if case .finished = state {} else { state = .finished(answer) } }
            guard case .waiting(let continuation) = state else { return nil }
            return continuation
        }
        waiting?.resume(returning: answer)
    }
}
