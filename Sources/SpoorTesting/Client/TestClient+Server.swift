public import SpoorMiddleware
public import SpoorServer
import SpoorClient
import SpoorNetworking
import SpoorTLS

/// Runs a service while `body` runs, with a client that comes to it in the way that is asked for.
///
/// ```swift
/// @Test(arguments: TestMode.allCases)
/// func greets(over mode: TestMode) async throws {
///     try await withTestClient(over: mode, middleware: [ErrorMiddleware()], handler: routes) { client in
///         let response = try await client.get("/hello/you")
///         #expect(response.status == .ok)
///         #expect(response.text == "hello you")
///     }
/// }
/// ```
///
/// The server is drained when `body` returns, and what is in flight is cut off when it throws.
///
/// - Parameters:
///   - mode: What carries the bytes.
///   - middleware: The chain around the handler, the outermost first.
///   - handler: What answers, such as a `Router`.
///   - limits: Bounds and time-outs of the server. Time-outs that are left at their defaults are an hour long, but for the
///     drain's, so that a busy machine does not meet them.
///   - rejectionHandler: What makes the responses to requests that the HTTP layer rejects; the server's own responses if nil.
///   - clientMiddleware: The chain around the client's requests, such as `ClientTracing`.
///   - body: Tests the service; runs where the caller runs.
/// - Throws: What `body` throws, or what kept the server from running.
@discardableResult
public func withTestClient<Result>(
    over mode: TestMode = .inProcess,
    middleware: [any Middleware] = [],
    handler: any Handler,
    limits: ServerLimits = ServerLimits(),
    rejectionHandler: RejectionHandler? = nil,
    clientMiddleware: [any ClientMiddleware] = [],
    _ body: (TestClient) async throws -> Result
) async throws -> Result {
    let port = MemoryPort()
    let authority = mode == .tls ? try TestCertificateAuthority() : nil
    let address: BindAddress =
        switch mode {
        case .inProcess: .inProcess(port)
        case .loopback, .tls: .loopback(port: 0)
        }
    let identities = try authority.map { [try $0.serverIdentity()] }
    let server = ThrowAwayServer(
        at: identities.map { address.tls(TLSServerConfiguration(identities: $0)) }
            ?? address,
        middleware: middleware, handler: handler, limits: limits, loopCount: 1,
        rejectionHandler: rejectionHandler)
    return try await server.run { bound, server in
        let route = TestRoute(
            place: mode == .inProcess ? .inProcess(port) : .socket(bound),
            tls: authority.map { TLSClientConfiguration(trustRoots: $0.trustRoots) })
        return try await TestClient.run(mode, route, server, clientMiddleware, body)
    }
}

extension TestClient {
    /// Runs `body` with a client on a loop of its own, and ends both.
    fileprivate static func run<Result>(
        _ mode: TestMode, _ route: TestRoute, _ server: HTTPServer,
        _ middleware: [any ClientMiddleware], _ body: (TestClient) async throws -> Result
    ) async throws -> Result {
        let group = try EventLoopGroup(loopCount: 1)
        let client = HTTPClient(
            middleware: middleware, limits: .patient,
            tls: route.tls ?? TLSClientConfiguration(), loops: group, route: route.place)
        let tested = TestClient(
            mode: mode, server: server, client: client, route: route, loop: group.next())
        do {
            let result = try await body(tested)
            await client.shutdown()
            await group.shutdown()
            return result
        } catch {
            await client.shutdown()
            await group.shutdown()
            throw error
        }
    }
}

/// How a test comes to the service under test; what it sees is the same in every mode.
///
/// Every mode runs the whole server: event loop, connection, framing, limits, chain. They differ in what carries the bytes.
/// One difference is TLS's own: there it is an error when a connection ends without the word that nothing is missing, as it
/// does when a response breaks off; to a ``RawConnection`` in the other modes its bytes just end.
public enum TestMode: String, Hashable, Sendable, CaseIterable {
    /// A pipe in memory: no socket, no port.
    case inProcess
    /// TCP, over an ephemeral port of 127.0.0.1.
    case loopback
    /// The same with TLS, by a certificate that is made for the test and that the client trusts alone.
    case tls
}

extension TestMode: CustomStringConvertible {
    /// The name of the mode, as in the code.
    public var description: String { rawValue }
}

/// The way of a test's connections: where they go, and whom they must meet there if they are secure.
struct TestRoute: Sendable {
    let place: FixedRoute
    var tls: TLSClientConfiguration?

    /// The name that the server's certificate is for, and that URLs have in every mode.
    static let host = "localhost"

    /// Connects on a loop; a secure connection has shaken hands.
    func connect(on loop: EventLoop) async throws -> any ByteStream {
        try await loop.run {
            let socket: any ByteStream =
                switch place {
                case .socket(let address):
                    try await SocketStream.connect(to: address, on: loop, until: .never)
                case .inProcess(let port): try port.connect(on: loop)
                }
            guard let tls else { return socket }
            do {
                let stream = try TLSStream(
                    connectingTo: Self.host, over: socket, by: TLSClient(tls))
                try await stream.handshake(until: .never)
                return stream
            } catch {
                socket.close()
                throw error
            }
        }
    }
}

/// Time-outs that no test reaches by accident: on a busy machine a step may take seconds.
extension ClientLimits {
    /// The default bounds, and an hour for whatever a server may take its time with.
    static var patient: ClientLimits {
        var limits = ClientLimits()
        limits.connectTimeout = .seconds(3600)
        limits.readTimeout = .seconds(3600)
        limits.requestTimeout = .seconds(3600)
        limits.idleTimeout = .seconds(3600)
        return limits
    }
}
