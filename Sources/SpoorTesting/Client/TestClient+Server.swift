import SpoorClient
import SpoorNetworking
public import SpoorMiddleware
public import SpoorServer
import SpoorTLS

/// Runs a service while `body` runs, with a client that comes to it in the way that is asked for.
///
/// ```swift
/// @Test(arguments: TestMode.allCases)
/// func greets(over mode: TestMode) async throws {
///     try await withTestClient(over: mode, middleware: [ErrorResponses()], handler: routes) { client in
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
    let authority = mode == .tls ? try TestAuthority() : nil
    let address: ListenAddress =
        switch mode {
        case .inProcess: .inProcess(port)
        case .loopback, .tls: .loopback(port: 0)
        }
    let identities = try authority.map { [try $0.serverIdentity()] }
    let server = ThrowAwayServer(
        at: identities.map { address.secured(by: TLSServerConfiguration(identities: $0)) }
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
