internal import CSpoorLinux
internal import Glibc
internal import Synchronization

/// Resolves host names on its own threads, because `getaddrinfo` blocks, with at most one lookup per name at a time.
///
/// All callers of a name share its lookup, whichever loop they run on. A caller that is cancelled or times out
/// returns immediately; its lookup continues to its end, because it cannot be cancelled, but no longer counts
/// towards the limit of lookups that a caller waits for. Nothing is cached here.
package final class HostResolver: Sendable {
    /// The reason why a name could not be resolved.
    package enum Failure: Error, Hashable, Sendable {
        /// The name does not exist, or has no addresses; the text is that of `getaddrinfo`.
        case unknownHost(String)
        /// The resolver failed temporarily; the text is that of `getaddrinfo`.
        case temporary(String)
        /// There was no result before the deadline.
        case timedOut
        /// The queue for a thread is full.
        case tooManyQueued(max: Int)
        /// The task was cancelled.
        case cancelled
    }

    /// The cache of a caller, consulted so that no lookup starts whose result another one has just stored.
    package struct Cache: Sendable {
        /// Returns the cached addresses, if any; called under a lock of the resolver.
        package let recall: @Sendable () -> [SocketAddress]?
        /// Stores the addresses that were found.
        package let keep: @Sendable ([SocketAddress]) -> Void

        package init(
            recall: @escaping @Sendable () -> [SocketAddress]?,
            keep: @escaping @Sendable ([SocketAddress]) -> Void
        ) {
            self.recall = recall
            self.keep = keep
        }
    }

    package typealias Resolution = Result<[SocketAddress], Failure>

    /// The counters of a resolver.
    package struct Counters: Hashable, Sendable {
        /// The number of lookups that were started.
        package internal(set) var started = 0
        /// The number of callers that shared a lookup which another caller had started.
        package internal(set) var joined = 0
        /// The number of callers that were rejected, because the queue was full.
        package internal(set) var rejected = 0
        /// The number of running lookups that a caller waits for.
        package internal(set) var awaited = 0
        /// The number of running lookups that no caller waits for any more.
        package internal(set) var abandoned = 0
        /// The number of names that wait for a thread.
        package internal(set) var queued = 0
    }

    private struct State {
        var plan: LookupPlan
        var callers: [String: [LookupCaller]] = [:]
        var counters = Counters()
    }

    /// The shared resolver of this process.
    package static let shared = HostResolver()

    private let state: Mutex<State>
    private let threads: BlockingPool
    private let resolve: @Sendable (String) -> Resolution

    /// Creates a resolver without threads; they are started by the first lookup and end when they are idle.
    ///
    /// - Parameters:
    ///   - maxAwaited: The maximum number of concurrent lookups that a caller waits for.
    ///   - maxThreads: The maximum number of concurrent lookups, including abandoned ones.
    ///   - maxQueued: The maximum number of names that wait for a thread; more are rejected.
    ///   - resolve: Resolves a name and may block; `getaddrinfo` if nil.
    package init(
        maxAwaited: Int = 64, maxThreads: Int = 128, maxQueued: Int = 1024,
        resolve: (@Sendable (String) -> Resolution)? = nil
    ) {
        let limits = LookupPlan.Limits(
            maxAwaited: max(1, maxAwaited), maxThreads: max(1, maxThreads),
            maxQueued: max(1, maxQueued))
        state = Mutex(State(plan: LookupPlan(limits)))
        threads = BlockingPool(
            name: "spoor.resolver", maxThreads: limits.maxThreads, maxQueuedJobs: limits.maxThreads)
        self.resolve = resolve ?? { SystemLookup.addresses(of: $0) }
    }

    /// The current counters.
    package var counters: Counters {
        state.withLock { state in
            var counters = state.counters
            counters.awaited = state.plan.awaitedCount
            counters.abandoned = state.plan.abandonedCount
            counters.queued = state.plan.queuedCount
            return counters
        }
    }

    /// Returns the addresses of `host`, in the order in which they should be tried; never empty.
    ///
    /// - Parameters:
    ///   - host: A numeric address (IPv6 without brackets) or a name.
    ///   - port: The port of the returned addresses.
    ///   - loop: The event loop of the calling task; its clock is used for the deadline.
    ///   - cache: The cache of the caller; nil if it has none.
    package func addresses(
        of host: String, port: UInt16, on loop: EventLoop, until deadline: MonotonicInstant,
        cache: Cache? = nil
    ) async throws(Failure) -> [SocketAddress] {
        if let known = Self.addressesWithoutLookup(of: host, port: port) { return known }
        // RFC 4343: names are case-insensitive.
        let name = host.lowercased()
        let caller = LookupCaller(port: port, cache: cache)
        let timer = Deadline { caller.finish(.failure(.timedOut)) }
        if deadline != .never { loop.arm(timer, at: deadline) }
        let resolution = await withTaskCancellationHandler {
            await caller.resolution { self.join(name, caller) }
        } onCancel: {
            caller.finish(.failure(.cancelled))
        }
        loop.remove(timer)
        leave(name, caller)
        return try resolution.get().map { $0.with(port: port) }
    }

    /// Returns the addresses of hosts that need no lookup: numeric addresses, and `localhost` with its subdomains
    /// (RFC 6761 §6.3); nil for any other host.
    package static func addressesWithoutLookup(of host: String, port: UInt16) -> [SocketAddress]? {
        if let numeric = SocketAddress(host: host, port: port) { return [numeric] }
        var name = host.lowercased()
        if name.hasSuffix(".") { name.removeLast() }
        guard name == "localhost" || name.hasSuffix(".localhost") else { return nil }
        return [.loopback(port: port), SocketAddress(.ipv6(high: 0, low: 1, port: port, scope: 0))]
    }

    // MARK: Callers

    private func join(_ name: String, _ caller: LookupCaller) {
        let admission: LookupPlan.Admission? = state.withLock { state in
            // A result that arrived after the caller had checked its cache was stored in it before its lookup was
            // removed.
            if !state.plan.isLookedUp(name), caller.finishFromCache() { return nil }
            let admission = state.plan.join(name)
            switch admission {
            case .join: state.counters.joined += 1
            case .start: state.counters.started += 1
            case .queue: break
            case .reject:
                state.counters.rejected += 1
                return admission
            }
            state.callers[name, default: []].append(caller)
            return admission
        }
        switch admission {
        case .start: run([name])
        case .reject:
            let max = state.withLock { $0.plan.limits.maxQueued }
            caller.finish(.failure(.tooManyQueued(max: max)))
        case .join, .queue, nil: break
        }
    }

    /// Removes a caller that did not get its result from a lookup.
    private func leave(_ name: String, _ caller: LookupCaller) {
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

    // MARK: Lookups

    private func run(_ names: [String]) {
        var names = names
        while let name = names.popLast() {
            let rejection = threads.submit { [self] in run(finish(name, resolve(name))) }
            if let rejection {
                names += finish(
                    name, .failure(.temporary("no thread available for the lookup: \(rejection)")))
            }
        }
    }

    /// Resumes all callers that wait for a lookup with its result; returns the names whose lookups start now.
    private func finish(_ name: String, _ resolution: Resolution) -> [String] {
        // Stored while the lookup is still registered, so that no caller starts another one before the caches have
        // the result.
        if case .success(let found) = resolution {
            for caller in state.withLock({ $0.callers[name] }) ?? [] { caller.keep(found) }
        }
        let (callers, started) = state.withLock { state in
            let callers = state.callers.removeValue(forKey: name) ?? []
            let started = state.plan.finish(name)
            state.counters.started += started.count
            return (callers, started)
        }
        for caller in callers { caller.finish(resolution) }
        return started
    }
}

/// A task that waits for a lookup; the first of result, deadline and cancellation resumes it.
private final class LookupCaller: Sendable {
    private enum State {
        case idle
        case waiting(CheckedContinuation<HostResolver.Resolution, Never>)
        case finished(HostResolver.Resolution)
    }

    private let state = Mutex(State.idle)
    private let port: UInt16
    private let cache: HostResolver.Cache?

    init(port: UInt16, cache: HostResolver.Cache?) {
        self.port = port
        self.cache = cache
    }

    /// Finishes with the cached addresses; returns false if there are none.
    func finishFromCache() -> Bool {
        guard let known = cache?.recall() else { return false }
        finish(.success(known))
        return true
    }

    /// Stores the addresses that a lookup has found in the cache.
    func keep(_ found: [SocketAddress]) {
        cache?.keep(found.map { $0.with(port: port) })
    }

    func resolution(after start: () -> Void) async -> HostResolver.Resolution {
        await withCheckedContinuation { continuation in
            let early: HostResolver.Resolution? = state.withLock { state in
                if case .finished(let resolution) = state { return resolution }
                state = .waiting(continuation)
                return nil
            }
            if let early { return continuation.resume(returning: early) }
            start()
        }
    }

    func finish(_ resolution: HostResolver.Resolution) {
        let waiting: CheckedContinuation<HostResolver.Resolution, Never>? = state.withLock {
            state in
            defer { if case .finished = state {} else { state = .finished(resolution) } }
            guard case .waiting(let continuation) = state else { return nil }
            return continuation
        }
        waiting?.resume(returning: resolution)
    }
}

/// The resolver of the system: `getaddrinfo`, which blocks the calling thread for an unlimited time.
enum SystemLookup {
    /// Returns the addresses of a name, with port 0, in the order of RFC 6724; never empty.
    static func addresses(of host: String) -> HostResolver.Resolution {
        var hints = unsafe addrinfo()
        unsafe hints.ai_family = AF_UNSPEC
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        // RFC 3493 §6.1: no IPv6 addresses if this machine has none, and no IPv4 addresses if it has none.
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
