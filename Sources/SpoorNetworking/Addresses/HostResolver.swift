internal import CSpoorLinux
internal import Glibc
internal import Synchronization

/// Resolves host names off the event loops, for `getaddrinfo` blocks: on threads of its own, with one look-up for each name
/// at a time.
///
/// All callers of a name share its look-up, whichever loop they are on. A caller that gives up leaves at once; its look-up
/// runs to its end, because nothing can stop it, but does not count among those that a caller waits for. Nothing is
/// cached here.
package final class HostResolver: Sendable {
    /// Why a name has no addresses.
    package enum Failure: Error, Hashable, Sendable {
        /// No such name, or none with addresses; the text is the resolver's.
        case unknownHost(String)
        /// The resolver failed for now; the text is its own.
        case temporary(String)
        /// No answer until the deadline.
        case timedOut
        /// As many names as the bound allows wait for a thread.
        case tooManyQueued(max: Int)
        /// The task was cancelled.
        case cancelled
    }

    /// Where a caller keeps answers, so that no look-up begins that another one has just made needless.
    package struct Cache: Sendable {
        /// The addresses that are known now; called under a lock of the resolver.
        package let recall: @Sendable () -> [SocketAddress]?
        /// Keeps the addresses that were found.
        package let keep: @Sendable ([SocketAddress]) -> Void

        package init(
            recall: @escaping @Sendable () -> [SocketAddress]?,
            keep: @escaping @Sendable ([SocketAddress]) -> Void
        ) {
            self.recall = recall
            self.keep = keep
        }
    }

    package typealias Answer = Result<[SocketAddress], Failure>

    /// What the resolver has done, and what it is doing.
    package struct Counters: Hashable, Sendable {
        /// Look-ups that ran.
        package internal(set) var started = 0
        /// Callers that got the answer of a look-up which others had begun.
        package internal(set) var joined = 0
        /// Callers that were refused, because too many names waited.
        package internal(set) var refused = 0
        /// Look-ups that run now and that a caller waits for.
        package internal(set) var awaited = 0
        /// Look-ups that run now although no caller waits for them any more.
        package internal(set) var abandoned = 0
        /// Names that wait for a thread now.
        package internal(set) var queued = 0
    }

    private struct State {
        var plan: LookUpPlan
        var callers: [String: [LookUpCaller]] = [:]
        var counters = Counters()
    }

    /// The resolver of this process.
    package static let shared = HostResolver()

    private let state: Mutex<State>
    private let threads: BlockingPool
    private let ask: @Sendable (String) -> Answer

    /// Makes a resolver without threads; they start with the first look-up and end when they are idle.
    ///
    /// - Parameters:
    ///   - maxAwaited: How many look-ups that a caller waits for run at a time.
    ///   - maxThreads: How many look-ups run at a time, abandoned ones included.
    ///   - maxQueued: How many names wait for a thread; more are refused.
    ///   - ask: Looks a name up and may block; `getaddrinfo` if nil.
    package init(
        maxAwaited: Int = 64, maxThreads: Int = 128, maxQueued: Int = 1024,
        ask: (@Sendable (String) -> Answer)? = nil
    ) {
        let bounds = LookUpPlan.Bounds(
            maxAwaited: max(1, maxAwaited), maxThreads: max(1, maxThreads),
            maxQueued: max(1, maxQueued))
        state = Mutex(State(plan: LookUpPlan(bounds)))
        threads = BlockingPool(
            name: "spoor.resolver", maxThreads: bounds.maxThreads, maxQueuedJobs: bounds.maxThreads)
        self.ask = ask ?? { SystemLookUp.addresses(of: $0) }
    }

    /// The counters at this moment.
    package var counters: Counters {
        state.withLock { state in
            var counters = state.counters
            counters.awaited = state.plan.awaitedCount
            counters.abandoned = state.plan.abandonedCount
            counters.queued = state.plan.queuedCount
            return counters
        }
    }

    /// The addresses of `host`, in the order in which they should be tried; never empty.
    ///
    /// - Parameters:
    ///   - host: numeric text (IPv6 without brackets) or a name.
    ///   - port: goes into every address.
    ///   - loop: the loop of the calling task; its clock watches the deadline.
    ///   - cache: where the caller keeps answers; nil if it does not.
    package func addresses(
        of host: String, port: UInt16, on loop: EventLoop, until deadline: MonotonicInstant,
        cache: Cache? = nil
    ) async throws(Failure) -> [SocketAddress] {
        if let known = Self.addressesWithoutLookUp(of: host, port: port) { return known }
        // RFC 4343: the case of a name has no meaning.
        let name = host.lowercased()
        let caller = LookUpCaller(port: port, cache: cache)
        let timer = Deadline { caller.finish(.failure(.timedOut)) }
        if deadline != .never { loop.arm(timer, at: deadline) }
        let answer = await withTaskCancellationHandler {
            await caller.answer { self.join(name, caller) }
        } onCancel: {
            caller.finish(.failure(.cancelled))
        }
        loop.remove(timer)
        leave(name, caller)
        return try answer.get().map { $0.with(port: port) }
    }

    /// What needs no look-up: numbers, and `localhost` with the names below it (RFC 6761 §6.3).
    package static func addressesWithoutLookUp(of host: String, port: UInt16) -> [SocketAddress]? {
        if let numeric = SocketAddress(host: host, port: port) { return [numeric] }
        var name = host.lowercased()
        if name.hasSuffix(".") { name.removeLast() }
        guard name == "localhost" || name.hasSuffix(".localhost") else { return nil }
        return [.loopback(port: port), SocketAddress(.ipv6(high: 0, low: 1, port: port, scope: 0))]
    }

    // MARK: Callers

    private func join(_ name: String, _ caller: LookUpCaller) {
        let admission: LookUpPlan.Admission? = state.withLock { state in
            // An answer that came after the caller looked for it in its cache was kept before its look-up was forgotten.
            if !state.plan.isLookedUp(name), caller.finishFromCache() { return nil }
            let admission = state.plan.join(name)
            switch admission {
            case .join: state.counters.joined += 1
            case .start: state.counters.started += 1
            case .queue: break
            case .refuse:
                state.counters.refused += 1
                return admission
            }
            state.callers[name, default: []].append(caller)
            return admission
        }
        switch admission {
        case .start: run([name])
        case .refuse:
            let max = state.withLock { $0.plan.bounds.maxQueued }
            caller.finish(.failure(.tooManyQueued(max: max)))
        case .join, .queue, nil: break
        }
    }

    /// Takes a caller out that has not got its answer from a look-up.
    private func leave(_ name: String, _ caller: LookUpCaller) {
        let started: [String] = state.withLock { state in
            guard let index = state.callers[name]?.firstIndex(where: { $0 === caller }) else {
                return []
            }
            state.callers[name]?.remove(at: index)
            if state.callers[name]?.isEmpty == true { state.callers[name] = nil }
            let started = state.plan.leave(name)
            state.counters.started += started.count
            return started
        }
        run(started)
    }

    // MARK: Look-ups

    private func run(_ names: [String]) {
        var names = names
        while let name = names.popLast() {
            let refusal = threads.submit { [self] in run(finish(name, ask(name))) }
            if let refusal {
                names += finish(name, .failure(.temporary("no thread for the look-up: \(refusal)")))
            }
        }
    }

    /// Gives the answer to everybody who waits for it; returns the names whose look-ups start now.
    private func finish(_ name: String, _ answer: Answer) -> [String] {
        // While the look-up still counts, so that nobody begins another one before the caches have the answer.
        if case .success(let found) = answer {
            for caller in state.withLock({ $0.callers[name] }) ?? [] { caller.keep(found) }
        }
        let (callers, started) = state.withLock { state in
            let callers = state.callers.removeValue(forKey: name) ?? []
            let started = state.plan.finish(name)
            state.counters.started += started.count
            return (callers, started)
        }
        for caller in callers { caller.finish(answer) }
        return started
    }
}

/// A task that waits for a look-up; the first of answer, deadline and cancellation counts.
private final class LookUpCaller: Sendable {
    private enum State {
        case idle
        case waiting(CheckedContinuation<HostResolver.Answer, Never>)
        case finished(HostResolver.Answer)
    }

    private let state = Mutex(State.idle)
    private let port: UInt16
    private let cache: HostResolver.Cache?

    init(port: UInt16, cache: HostResolver.Cache?) {
        self.port = port
        self.cache = cache
    }

    /// Finishes with what the cache has by now; false if it has nothing.
    func finishFromCache() -> Bool {
        guard let known = cache?.recall() else { return false }
        finish(.success(known))
        return true
    }

    /// Keeps the addresses that a look-up has found.
    func keep(_ found: [SocketAddress]) {
        cache?.keep(found.map { $0.with(port: port) })
    }

    func answer(after start: () -> Void) async -> HostResolver.Answer {
        await withCheckedContinuation { continuation in
            let early: HostResolver.Answer? = state.withLock { state in
                if case .finished(let answer) = state { return answer }
                state = .waiting(continuation)
                return nil
            }
            if let early { return continuation.resume(returning: early) }
            start()
        }
    }

    func finish(_ answer: HostResolver.Answer) {
        let waiting: CheckedContinuation<HostResolver.Answer, Never>? = state.withLock { state in
            defer { if case .finished = state {} else { state = .finished(answer) } }
            guard case .waiting(let continuation) = state else { return nil }
            return continuation
        }
        waiting?.resume(returning: answer)
    }
}

/// The system's resolver: `getaddrinfo`, which blocks the calling thread for as long as it likes.
enum SystemLookUp {
    /// The addresses of a name, with port 0, in the order of RFC 6724; never empty.
    static func addresses(of host: String) -> HostResolver.Answer {
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
            if let address = unsafe SocketAddress(entry.pointee) { addresses.append(address) }
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
