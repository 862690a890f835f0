public import SpoorMiddleware
public import SpoorServer
package import SpoorClient
import SpoorNetworking
import SpoorTLS

/// Runs a service while `body` runs, with a client that is connected to it in the given mode.
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
/// The server is shut down gracefully when `body` returns; when it throws, requests in progress are aborted.
///
/// - Parameters:
///   - mode: The transport.
///   - middleware: The middlewares around the handler, the outermost first.
///   - handler: The handler, such as a `Router`.
///   - limits: The limits and timeouts of the server. Timeouts with default values, except those of graceful
///     shutdown, are raised to an hour, so that a busy machine does not reach them.
///   - rejectionHandler: Creates the responses to requests that the HTTP layer rejects; the server's default
///     responses if nil.
///   - clientMiddleware: The middlewares around the client's requests, such as `ClientTracing`.
///   - body: Tests the service; runs in the caller's isolation.
/// - Throws: What `body` throws, or the error that stopped the server.
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
    let server = TemporaryServer(
        at: identities.map { address.tls(TLSServerConfiguration(identities: $0)) }
            ?? address,
        middleware: middleware, handler: handler, limits: limits, loopCount: 1,
        rejectionHandler: rejectionHandler)
    return try await server.run { bound, server in
        let route = TestRoute(
            address: mode == .inProcess ? .inProcess(port) : .socket(bound),
            tls: authority.map { TLSClientConfiguration(trustRoots: $0.trustRoots) })
        return try await TestClient.run(mode, route, server, clientMiddleware, body)
    }
}

extension TestClient {
    /// Runs `body` with a client on a separate event loop, and shuts both down.
    fileprivate static func run<Result>(
        _ mode: TestMode, _ route: TestRoute, _ server: HTTPServer,
        _ middleware: [any ClientMiddleware], _ body: (TestClient) async throws -> Result
    ) async throws -> Result {
        let group = try EventLoopGroup(loopCount: 1)
        let client = HTTPClient(
            middleware: middleware, limits: .withLongTimeouts,
            tls: route.tls ?? TLSClientConfiguration(), loops: group, route: route.address)
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

/// The transport between a test and the service under test; the test observes the same in every mode.
///
/// Every mode runs the whole server: event loop, connection, framing, limits, middlewares. Only the transport
/// differs. One difference is inherent to TLS: a connection that ends without close-notify, as it does when a
/// response is aborted, is an error there; in the other modes a ``RawConnection`` only sees the end of the stream.
public enum TestMode: String, Hashable, Sendable, CaseIterable {
    /// A pipe in memory, without a socket or port.
    case inProcess
    /// TCP over an ephemeral port of 127.0.0.1.
    case loopback
    /// TLS over TCP, with a certificate that is created for the test and that only its client trusts.
    case tls
}

extension TestMode: CustomStringConvertible {
    /// The name of the mode, as in code.
    public var description: String { rawValue }
}

/// The destination of a test's connections, and the TLS configuration if they are secure.
struct TestRoute: Sendable {
    let address: FixedRoute
    var tls: TLSClientConfiguration?

    /// The name in the server's certificate, and the host of URLs in every mode.
    static let host = "localhost"

    /// Connects on an event loop; a TLS handshake has been completed.
    func connect(on loop: EventLoop) async throws -> any ByteStream {
        try await loop.run {
            let socket: any ByteStream =
                switch address {
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

/// Timeouts that no test reaches accidentally: on a busy machine a step may take seconds.
extension ClientLimits {
    /// The default limits, with timeouts of an hour for everything that a server may delay.
    package static var withLongTimeouts: ClientLimits {
        var limits = ClientLimits()
        limits.connectTimeout = .seconds(3600)
        limits.readTimeout = .seconds(3600)
        limits.requestTimeout = .seconds(3600)
        limits.idleTimeout = .seconds(3600)
        return limits
    }
}
