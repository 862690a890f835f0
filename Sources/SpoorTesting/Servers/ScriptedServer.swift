public import SpoorNetworking
import Synchronization

/// A server for raw bytes on an ephemeral port of this machine, for testing clients: a script handles every
/// connection.
///
/// ```swift
/// try await withScriptedServer { peer in
///     _ = try await peer.readRequest()
///     try await peer.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel")  // and closes
/// } _: { server in
///     await #expect(throws: ClientError.self) { try await client.execute(.init(.get, server.url())) }
/// }
/// ```
public final class ScriptedServer: Sendable {
    /// The handler of a connection, which is closed when the script returns or throws.
    public typealias Script = @Sendable (RawConnection) async throws -> Void

    private let listener: Listener
    private let accepting: Task<Void, any Error>
    private let connections: Count
    private let log: RequestLog

    /// The address that the server listens on.
    public var address: SocketAddress { listener.address }

    /// The number of accepted connections.
    public var connectionCount: Int { connections.number.load(ordering: .sequentiallyConsistent) }

    /// The requests that ``RawConnection/readRequest()`` has returned so far, in order of completion.
    public var requests: [String] { log.all }

    /// Returns the URL of a path on this server.
    public func url(_ path: String = "/") -> String { "http://\(listener.address)\(path)" }

    /// Creates a server that listens until ``stop()``; see also ``withScriptedServer(_:_:)``.
    ///
    /// - Parameters:
    ///   - port: The port; an ephemeral one if zero. Pass the port of a stopped server to simulate its restart.
    ///   - script: Handles each connection.
    /// - Throws: `SystemError` if the port is in use, or the process has no file descriptors left.
    public init(port: UInt16 = 0, _ script: @escaping Script) throws {
        let loop = EventLoopGroup.shared.next()
        let listener = try Listener(at: .loopback(port: port), on: loop)
        let connections = Count()
        self.listener = listener
        let log = RequestLog()
        self.connections = connections
        self.log = log
        accepting = Task(executorPreference: loop) {
            try await withThrowingDiscardingTaskGroup { group in
                while let stream = try await listener.accept() {
                    let peer = RawConnection(
                        over: stream, number: connections.next(), requests: log)
                    group.addTask(executorPreference: loop) {
                        // A script that throws closes its connection, for tests of how the client handles that.
                        try? await peer.closing(after: script)
                    }
                }
                group.cancelAll()
            }
        }
    }

    /// Creates a server that answers every request on every connection with the same bytes.
    public convenience init(respondingWith text: String) throws {
        try self.init { peer in try await peer.respondToAll(with: text) }
    }

    /// Stops listening, cancels the running scripts, and returns when they have ended.
    public func stop() async throws {
        let listener = listener
        listener.loop.execute { listener.close() }
        try await accepting.value
    }

    /// A counter that is shared by tasks on several threads.
    private final class Count: Sendable {
        let number = Atomic(0)

        func next() -> Int { number.add(1, ordering: .sequentiallyConsistent).newValue }
    }
}

/// Runs a ``ScriptedServer`` while `body` runs.
///
/// - Parameters:
///   - script: Handles each connection, which is closed when the script ends.
///   - body: Uses the server, by ``ScriptedServer/url(_:)``; runs in the caller's isolation.
/// - Throws: What `body` throws, or `SystemError` if the process has no file descriptors left.
@discardableResult
public func withScriptedServer<Result>(
    _ script: @escaping ScriptedServer.Script,
    _ body: (ScriptedServer) async throws -> Result
) async throws -> Result {
    let server = try ScriptedServer(script)
    do {
        let result = try await body(server)
        try await server.stop()
        return result
    } catch {
        try await server.stop()
        throw error
    }
}

/// The requests that the connections of one server have read, in order of completion.
final class RequestLog: Sendable {
    private let requests = Mutex<[String]>([])

    var all: [String] { requests.withLock { $0 } }

    func add(_ request: String) {
        requests.withLock { $0.append(request) }
    }
}
