internal import CSpoorLinux
internal import Glibc

/// A listening socket of one event loop, which accepts connections as streams on that loop.
///
/// It recovers from a shortage of descriptors or memory: the waiting connections stay in the kernel's queue and are
/// accepted after a pause. Several loops share a port through `Listener.bind(to:onEach:)`.
package final class Listener: @unchecked Sendable {
    // Unchecked, because after `init` all of its state is confined to the loop's thread, which every member checks.

    /// The options of a listening socket.
    package struct Options: Sendable {
        /// The maximum number of connections that wait to be accepted; the kernel limits it to `net.core.somaxconn`
        /// (4096).
        package var backlog: Int32 = 1024
        /// Whether the wildcard address `::` accepts IPv4 connections as well.
        package var isDualStack = true
        /// Whether other listeners of this user may bind the same port and share its connections (`SO_REUSEPORT`); a
        /// Unix domain socket replaces an existing one.
        package var sharesPort = false
        /// The permissions of a Unix domain socket's file; if nil, those that the umask leaves.
        package var fileMode: UInt16?

        package init() {}
    }

    /// The number of connections accepted before other jobs run, so that a burst does not starve the accepted ones.
    static let maxAcceptsPerTurn = 64

    /// The pause after a shortage: short compared with a client's timeout, long compared with the cost of an accept.
    static let shortagePause = Duration.milliseconds(50)

    /// The maximum number of unsent bytes that the kernel accepts per connection (tcp(7), `TCP_NOTSENT_LOWAT`).
    ///
    /// Without it a peer that requests much and reads nothing makes the kernel buffer up to 4 MiB; a few hundred of
    /// them exhaust the memory of all connections. Bytes in flight are not limited.
    static let unsentBytesPerConnection: Int32 = 128 << 10

    package let loop: EventLoop

    /// The local address, with the port that the kernel chose.
    package let address: SocketAddress

    /// The number of failed accepts for lack of descriptors or memory.
    package private(set) var shortageCount = 0

    var descriptor: FileDescriptor
    var file: SocketFile?
    let isInherited: Bool
    /// The number of listeners of this process that share the port through `SO_REUSEPORT`.
    let siblingCount: Int
    /// The sockets of this machine that listened before this one.
    let earlierSockets: Set<UInt64>
    private var registration: Registration?
    private var state = State.listening

    private enum State {
        case listening
        /// Connections in the kernel's queue are accepted, then the listener is closed.
        case finishing
        case closed
    }

    var isClosed: Bool { state == .closed }

    private var acceptedThisTurn = 0
    /// The number of consecutive connections that were closed, or not permitted, when they were accepted.
    private var failuresInARow = 0

    /// Listens at `address`; may be called on any thread, all other members only on the loop's thread.
    package convenience init(
        at address: SocketAddress, on loop: EventLoop, options: Options = Options()
    ) throws(SystemError) {
        try self.init(at: address, on: loop, options: options, siblingCount: 1)
    }

    private convenience init(
        at address: SocketAddress, on loop: EventLoop, options: Options, siblingCount: Int,
        earlierSockets: Set<UInt64> = []
    ) throws(SystemError) {
        let descriptor = try FileDescriptor.streamSocket(for: address)
        guard let path = address.unixPath else {
            try Self.bind(descriptor, to: address, options: options)
            try descriptor.listen(backlog: options.backlog)
            let bound = try descriptor.localAddress()
            self.init(
                descriptor, file: nil, address: bound, on: loop,
                siblingCount: options.sharesPort ? siblingCount : 0, earlierSockets: earlierSockets)
            return
        }
        var file = try SocketFile(
            binding: descriptor, to: path, mode: options.fileMode, takesOver: options.sharesPort)
        try descriptor.listen(backlog: options.backlog)
        try file.publish(at: path)
        self.init(descriptor, file: file, address: address, on: loop)
    }

    private init(
        _ descriptor: consuming FileDescriptor, file: consuming SocketFile?,
        address: SocketAddress, on loop: EventLoop, isInherited: Bool = false,
        siblingCount: Int = 0, earlierSockets: Set<UInt64> = []
    ) {
        self.descriptor = descriptor
        self.file = file
        self.address = address
        self.loop = loop
        self.isInherited = isInherited
        self.siblingCount = siblingCount
        self.earlierSockets = earlierSockets
    }

    /// Listens at one address with one listener per loop; port 0 is chosen once for all.
    ///
    /// The kernel distributes TCP connections among the listeners (`SO_REUSEPORT`). Unix domain sockets do not
    /// support that: there the loops share one queue, and the first loop accepts the connection. A port on which
    /// another process listens is rejected (`EADDRINUSE`), unless it is to be shared.
    package static func bind(
        to address: SocketAddress, onEach loops: [EventLoop], options: Options = Options()
    ) throws(SystemError) -> [Listener] {
        if address.unixPath != nil, let loop = loops.first {
            let first = try Listener(at: address, on: loop, options: options)
            return [first] + (try first.copies(for: loops.dropFirst()))
        }
        var options = options
        let earlierSockets = options.sharesPort ? Set(ListeningSocket.all().map(\.inode)) : []
        if loops.count > 1, !options.sharesPort {
            if address.port != 0 {
                // With SO_REUSEPORT the port would be shared silently with another server of this user.
                let probe = try FileDescriptor.streamSocket(for: address)
                try Self.bind(probe, to: address, options: options)
            }
            options.sharesPort = true
        }
        var listeners: [Listener] = []
        for loop in loops {
            listeners.append(
                try Listener(
                    at: listeners.first?.address ?? address, on: loop, options: options,
                    siblingCount: loops.count, earlierSockets: earlierSockets))
        }
        return listeners
    }

    /// Listens on sockets that the service manager has passed, with one listener per loop.
    ///
    /// - Parameter name: The name of the sockets; if nil, all that have not been taken yet.
    /// - Returns: For each socket its listeners, one per loop; the loops share one queue.
    package static func systemdSocket(
        name: String?, onEach loops: [EventLoop]
    ) throws(SystemError) -> [[Listener]] {
        guard let loop = loops.first else { return [] }
        var rows: [[Listener]] = []
        for number in InheritedSockets.take(name: name) {
            let descriptor = FileDescriptor(adopting: number)
            guard try descriptor.option(SO_ACCEPTCONN, of: SOL_SOCKET) != 0,
                try descriptor.option(SO_TYPE, of: SOL_SOCKET) == Int32(SOCK_STREAM.rawValue)
            else { throw SystemError(code: EINVAL, call: "inherited listen") }
            try descriptor.setNonBlocking()
            let address = try descriptor.localAddress()
            if address.unixPath == nil {
                try descriptor.setOption(TCP_NODELAY, of: Int32(IPPROTO_TCP), to: 1)
            }
            let first = Listener(
                descriptor, file: nil, address: address, on: loop, isInherited: true)
            rows.append([first] + (try first.copies(for: loops.dropFirst())))
        }
        return rows
    }

    /// Returns listeners of other loops on the same queue.
    private func copies(for loops: ArraySlice<EventLoop>) throws(SystemError) -> [Listener] {
        var copies: [Listener] = []
        for loop in loops {
            copies.append(
                Listener(
                    try descriptor.duplicate(), file: nil, address: address, on: loop,
                    isInherited: isInherited))
        }
        return copies
    }

    private static func bind(
        _ descriptor: borrowing FileDescriptor, to address: SocketAddress, options: Options
    ) throws(SystemError) {
        try descriptor.setOption(SO_REUSEADDR, of: SOL_SOCKET, to: 1)
        if options.sharesPort { try descriptor.setOption(SO_REUSEPORT, of: SOL_SOCKET, to: 1) }
        if address.family == AF_INET6 {
            try descriptor.setOption(
                IPV6_V6ONLY, of: Int32(IPPROTO_IPV6), to: options.isDualStack ? 0 : 1)
        }
        // Linux applies this to accepted sockets as well: one call per listener instead of one per connection.
        try descriptor.setOption(TCP_NODELAY, of: Int32(IPPROTO_TCP), to: 1)
        try descriptor.setOption(
            TCP_NOTSENT_LOWAT, of: Int32(IPPROTO_TCP), to: unsentBytesPerConnection)
        try descriptor.bind(to: address)
    }

    /// Returns the next connection, or nil after `close()` or the stop of the loop.
    ///
    /// At most one task accepts.
    package func accept() async throws(SystemError) -> SocketStream? {
        loop.checkConfinement()
        if acceptedThisTurn >= Self.maxAcceptsPerTurn {
            acceptedThisTurn = 0
            await loop.yieldTurn()
        }
        while !isClosed {
            do throws(SystemError) {
                let registration = try registered()
                if let socket = try descriptor.accept() {
                    acceptedThisTurn += 1
                    let stream = try stream(of: socket)
                    failuresInARow = 0
                    return stream
                }
                failuresInARow = 0
                // The queue is empty: the next connection causes an edge.
                registration.markDrained()
                acceptedThisTurn = 0
                if state == .finishing { break }
                let outcome = await registration.waitReadable(until: .never)
                if outcome == .busy { throw .concurrentRead }
                if outcome == .interrupted, state != .finishing { return nil }
            } catch {
                guard try await recover(from: error) else { return nil }
            }
        }
        close()
        return nil
    }

    /// Recovers from an error, immediately or after a pause; returns false when the listener was closed.
    private func recover(from error: SystemError) async throws(SystemError) -> Bool {
        switch error.code {
        // accept(2): errors of a connection that is already closed are not errors of the listener.
        case EINTR, ECONNABORTED, EPROTO, ENETDOWN, ENOPROTOOPT, EHOSTDOWN, ENONET,
            EHOSTUNREACH, EOPNOTSUPP, ENETUNREACH, EPERM, ETIMEDOUT, ECONNRESET:
            failuresInARow += 1
            // This many are not caused by single connections, but by a firewall or a filter that rejects all.
            guard failuresInARow >= Self.maxAcceptsPerTurn else { return true }
            failuresInARow = 0
        // Lack of descriptors, of memory, or of epoll watches (`fs.epoll.max_user_watches`).
        case EMFILE, ENFILE, ENOBUFS, ENOMEM, ENOSPC:
            shortageCount += 1
        default: throw error
        }
        // Without a registration there is no edge to wait for either.
        guard registration != nil else {
            try? await loop.sleep(for: Self.shortagePause)
            return !isClosed && !loop.isEnded
        }
        return await pause() != .interrupted || state == .finishing
    }

    private func registered() throws(SystemError) -> Registration {
        if let registration { return registration }
        let made = try loop.register(descriptor, for: .readable)
        registration = made
        return made
    }

    private func stream(of socket: consuming AcceptedSocket) throws(SystemError) -> SocketStream {
        let peer = socket.peer
        return try SocketStream(socket.takeDescriptor(), peer: peer, on: loop)
    }

    /// Waits for the end of a shortage.
    ///
    /// Edges do not end the pause: they only report that more connections wait.
    private func pause() async -> WaitOutcome {
        let end = MonotonicInstant.now().advanced(by: Self.shortagePause)
        while !isClosed, let registration {
            registration.markDrained()
            let outcome = await registration.waitReadable(until: end)
            guard outcome == .ready else { return outcome }
        }
        return .interrupted
    }

    /// Stops listening once the connections in the kernel's queue have been accepted; then `accept` returns nil.
    ///
    /// A queue that is shared with other processes, that of an inherited socket, is left to them.
    package func finish() {
        loop.checkConfinement()
        guard state == .listening else { return }
        guard !isInherited, let registration else { return close() }
        state = .finishing
        registration.endWaits()
    }

    /// Stops listening: `accept` returns nil, waiting connections are reset, the file of a Unix domain socket is
    /// removed.
    package func close() {
        loop.checkConfinement()
        guard !isClosed else { return }
        state = .closed
        if let registration { loop.deregister(registration) }
        file = nil
        try? FileDescriptor.take(from: &descriptor).close()
    }
}

extension Listener: CustomStringConvertible {
    package var description: String { "Listener(\(address))" }
}
