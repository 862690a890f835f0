internal import CSpoorLinux
internal import Glibc

/// A listening socket of one loop: it hands out connections as streams on that loop.
///
/// It outlives a shortage of descriptors or memory: the waiting connections stay in the kernel's
/// queue and are tried again after a pause. Several loops share a port by
/// `Listener.bind(to:onEach:)`.
package final class Listener: @unchecked Sendable {
    // Unchecked, because after `init` all of its state belongs to the loop's thread, which every
    // member checks.

    /// How a socket listens.
    package struct Options: Sendable {
        /// How many connections may wait to be accepted; the kernel caps it at `net.core.somaxconn`
        /// (4096).
        package var backlog: Int32 = 1024
        /// Whether the wildcard address `::` takes IPv4 connections as well.
        package var isDualStack = true
        /// Whether other listeners of this user may bind the same port, and share its connections;
        /// a Unix socket takes the place of one that is there.
        package var sharesPort = false
        /// The permissions of a Unix socket's file; what the umask leaves if nil.
        package var fileMode: UInt16?

        package init() {}
    }

    /// Connections handed out before other jobs get a turn, so that a burst does not starve the
    /// accepted.
    static let maxAcceptsPerTurn = 64

    /// The pause after a shortage: short against a client's patience, long against the cost of a
    /// try.
    static let shortagePause = Duration.milliseconds(50)

    /// What the kernel takes beyond what it may send now (tcp(7), `TCP_NOTSENT_LOWAT`).
    ///
    /// Without it a peer that asks for much and reads nothing makes the kernel keep up to 4 MiB; a
    /// few hundred of them exhaust the memory of all connections. What is on its way is not limited.
    static let unsentBytesPerConnection: Int32 = 128 << 10

    package let loop: EventLoop

    /// Where it listens, with the port that the kernel chose.
    package let address: SocketAddress

    /// How often a connection could not be accepted for lack of descriptors or memory.
    package private(set) var shortageCount = 0

    var descriptor: FileDescriptor
    var file: SocketFile?
    let isInherited: Bool
    /// How many listeners of this process share the port by `SO_REUSEPORT`.
    let siblingCount: Int
    /// The sockets of this machine that listened before this one did.
    let earlierSockets: Set<UInt64>
    private var registration: Registration?
    private(set) var isClosed = false
    private var isFinishing = false
    private var acceptedThisTurn = 0
    /// Connections in a row that were gone, or were not allowed, when they were to be accepted.
    private var failuresInARow = 0

    /// Listens at `address`; may be called on any thread, everything else on the loop's.
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

    /// Listens at one address with each of some loops; port 0 is chosen once for all.
    ///
    /// The kernel deals TCP connections among the listeners (`SO_REUSEPORT`). Unix sockets know no
    /// such thing: there the loops watch one queue, and the quickest takes the connection. A port
    /// that others listen at is refused (`EADDRINUSE`), unless it is to be shared.
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
                // With SO_REUSEPORT it would be shared in silence with another server of this user.
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

    /// Listens at sockets that the service manager has passed on, with each of some loops.
    ///
    /// - Parameter name: the sockets' name; all that nobody has taken yet if nil.
    /// - Returns: a row of listeners for each socket, each for one loop; the loops watch one queue.
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

    /// Listeners of other loops at the same queue.
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
        // Linux hands this down to the accepted sockets: one call a listener, none a connection.
        try descriptor.setOption(TCP_NODELAY, of: Int32(IPPROTO_TCP), to: 1)
        try descriptor.setOption(
            TCP_NOTSENT_LOWAT, of: Int32(IPPROTO_TCP), to: unsentBytesPerConnection)
        try descriptor.bind(to: address)
    }

    /// The next connection, or nil after `close()` or the end of the loop.
    ///
    /// At most one task accepts.
    package func accept() async throws(SystemError) -> SocketStream? {
        loop.checkConfinement()
        if acceptedThisTurn >= Self.maxAcceptsPerTurn {
            acceptedThisTurn = 0
            await Task.yield()
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
                // The queue is empty: the next connection makes an edge.
                registration.noteDrained()
                acceptedThisTurn = 0
                if isFinishing { break }
                if await registration.waitReadable(until: .never) == .interrupted, !isFinishing {
                    return nil
                }
            } catch {
                guard try await outlive(error) else { return nil }
            }
        }
        close()
        return nil
    }

    /// Goes on after an error, at once or after a pause; false when the listener has been closed.
    private func outlive(_ error: SystemError) async throws(SystemError) -> Bool {
        switch error.code {
        // accept(2): errors of a connection that has gone already are no errors of the listener.
        case EINTR, ECONNABORTED, EPROTO, ENETDOWN, ENOPROTOOPT, EHOSTDOWN, ENONET,
            EHOSTUNREACH, EOPNOTSUPP, ENETUNREACH, EPERM, ETIMEDOUT, ECONNRESET:
            failuresInARow += 1
            // So many are no accident of connections: a firewall or a filter that refuses them all.
            guard failuresInARow >= Self.maxAcceptsPerTurn else { return true }
            failuresInARow = 0
        // Lack of descriptors, of memory, or of room in epoll (`fs.epoll.max_user_watches`).
        case EMFILE, ENFILE, ENOBUFS, ENOMEM, ENOSPC:
            shortageCount += 1
        default: throw error
        }
        // Without a registration there is no edge to wait for either.
        guard registration != nil else {
            try? await loop.sleep(for: Self.shortagePause)
            return !isClosed && !loop.isEnded
        }
        return await pause() != .interrupted || isFinishing
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

    /// Waits out a shortage.
    ///
    /// Edges are no reason to try sooner: they only say that more connections wait.
    private func pause() async -> WaitOutcome {
        let end = MonotonicInstant.now().advanced(by: Self.shortagePause)
        while !isClosed, let registration {
            registration.noteDrained()
            let outcome = await registration.waitReadable(until: end)
            guard outcome == .ready else { return outcome }
        }
        return .interrupted
    }

    /// Stops listening once the connections that wait in the kernel's queue have been accepted; then
    /// `accept` answers nil.
    ///
    /// A queue that other processes have too, that of an inherited socket, is left to them.
    package func finish() {
        loop.checkConfinement()
        guard !isClosed, !isFinishing else { return }
        guard !isInherited, let registration else { return close() }
        isFinishing = true
        registration.endWaits()
    }

    /// Stops listening: `accept` answers nil, waiting connections are refused, the file of a Unix
    /// socket goes.
    package func close() {
        loop.checkConfinement()
        guard !isClosed else { return }
        isClosed = true
        if let registration { loop.deregister(registration) }
        file = nil
        try? FileDescriptor.take(from: &descriptor).close()
    }
}

extension Listener: CustomStringConvertible {
    package var description: String { "Listener(\(address))" }
}
