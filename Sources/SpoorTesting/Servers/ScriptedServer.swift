public import SpoorNetworking
import Synchronization

/// A server of bytes on an ephemeral port of this machine, for testing clients: every connection is given to a script.
///
/// ```swift
/// try await withScriptedServer { peer in
///     _ = try await peer.readRequest()
///     try await peer.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel")  // and closes
/// } _: { server in
///     await #expect(throws: ClientError.self) { try await client.send(.init(.get, server.url())) }
/// }
/// ```
public final class ScriptedServer: Sendable {
    /// What is done with a connection; it closes when the script returns or throws.
    public typealias Script = @Sendable (RawConnection) async throws -> Void

    private let listener: Listener
    private let accepting: Task<Void, any Error>
    private let connections: Count
    private let log: RequestLog

    /// Where it listens.
    public var address: SocketAddress { listener.address }

    /// How many connections have come.
    public var connectionCount: Int { connections.number.load(ordering: .sequentiallyConsistent) }

    /// The requests that were read by ``RawConnection/readRequest()`` so far, in the order in which they were complete.
    public var requests: [String] { log.all }

    /// The URL of a path on this server.
    public func url(_ path: String = "/") -> String { "http://\(listener.address)\(path)" }

    /// Listens from now on, until ``stop()``; see also ``withScriptedServer(_:_:)``.
    ///
    /// - Parameters:
    ///   - port: An ephemeral one if zero; that of a server that was stopped, to play its restart.
    ///   - script: What is done with each connection.
    /// - Throws: `SystemError` if the port is in use, or the kernel has no descriptors left.
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
                        // A script that fails closes its connection, and the client under test is seen to cope.
                        try? await peer.closing(after: script)
                    }
                }
                group.cancelAll()
            }
        }
    }

    /// Answers every request on every connection with the same bytes.
    public convenience init(answering text: String) throws {
        try self.init { peer in try await peer.answerAll(text) }
    }

    /// Stops listening, cancels the scripts that still run, and returns when they have ended.
    public func stop() async throws {
        let listener = listener
        listener.loop.execute { listener.close() }
        try await accepting.value
    }

    /// A count that tasks of several threads share.
    private final class Count: Sendable {
        let number = Atomic(0)

        func next() -> Int { number.add(1, ordering: .sequentiallyConsistent).newValue }
    }
}

/// Runs a ``ScriptedServer`` while `body` runs.
///
/// - Parameters:
///   - script: What is done with each connection; it closes when the script ends.
///   - body: Uses the server, by ``ScriptedServer/url(_:)``; runs where the caller runs.
/// - Throws: What `body` throws, or `SystemError` if the kernel has no descriptors left.
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

/// The requests that the connections of one server have read, in the order in which they were complete.
final class RequestLog: Sendable {
    private let requests = Mutex<[String]>([])

    var all: [String] { requests.withLock { $0 } }

    func add(_ request: String) {
        requests.withLock { $0.append(request) }
    }
}
