import FoundationEssentials
import Glibc
import PeerSupport
import Synchronization

@testable import SpoorNetworking

/// A listener on a loopback address that passes each connection to a handler, on a separate group.
final class LoopbackServer: Sendable {
    let group: EventLoopGroup
    let listener: Listener
    private let accepting: Task<Void, any Error>

    var address: SocketAddress { listener.address }
    var loop: EventLoop { listener.loop }

    init(
        at address: SocketAddress = .loopback(port: 0), options: Listener.Options = .init(),
        _ handler: @escaping @Sendable @concurrent (SocketStream) async throws -> Void
    ) throws {
        let group = try EventLoopGroup(loopCount: 1)
        let listener = try Listener(at: address, on: group.next(), options: options)
        self.group = group
        self.listener = listener
        accepting = Task(executorPreference: listener.loop) {
            while let stream = try await listener.accept() {
                Task(executorPreference: listener.loop) {
                    defer { stream.close() }
                    try await handler(stream)
                }
            }
        }
    }

    /// Stops listening, waits until the accepting task has ended, and stops the loop.
    func stop() async throws {
        let listener = listener
        listener.loop.execute { listener.close() }
        try await accepting.value
        await group.shutdown()
    }
}

/// Runs `body` on a separate loop, connected to `address`.
func withConnection<Result: Sendable>(
    to address: SocketAddress,
    _ body: @escaping @Sendable @concurrent (SocketStream) async throws -> Result
) async throws -> Result {
    let group = try EventLoopGroup(loopCount: 1)
    let loop = group.next()
    let result = await Task(executorPreference: loop) {
        let stream = try await SocketStream.connect(to: address, on: loop, until: .never)
        defer { stream.close() }
        return try await body(stream)
    }.result
    await group.shutdown()
    return try result.get()
}

/// Connects to a server, and returns the client's address as the server and as the client see it.
///
/// - Parameter destination: Returns the address to connect to, given the one that the server listens on.
func addressesOfClient(
    ofServerAt address: SocketAddress = .loopback(port: 0),
    connectingTo destination: (SocketAddress) throws -> SocketAddress = { $0 }
) async throws -> (peer: SocketAddress?, local: SocketAddress) {
    let (peers, note) = AsyncStream.makeStream(of: SocketAddress.self)
    let server = try LoopbackServer(at: address) { stream in note.yield(stream.peer) }
    let local = try await withConnection(to: destination(server.address)) { stream async throws in
        _ = try await stream.readToEnd()
        return try stream.local
    }
    let peer = await peers.first { _ in true }
    try await server.stop()
    return (peer, local)
}

/// Returns a path for a socket that no other test uses.
func socketPath(_ name: String) -> String {
    FileManager.default.temporaryDirectory.path + "/spoor-\(name)-\(getpid())"
}

/// A counter that several threads share.
final class Counter: Sendable {
    private let count = Atomic(0)

    var value: Int { count.load(ordering: .sequentiallyConsistent) }

    func add(_ more: Int = 1) {
        count.add(more, ordering: .sequentiallyConsistent)
    }
}
