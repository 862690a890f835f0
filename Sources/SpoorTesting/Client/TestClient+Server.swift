import SpoorClient
import SpoorNetworking
public import SpoorMiddleware
public import SpoorServer

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
///   - clientMiddleware: The chain around the client's requests, such as `ClientTracing`.
///   - body: Tests the service; runs where the caller runs.
/// - Throws: What `body` throws, or what kept the server from running.
@discardableResult
public func withTestClient<Result>(
    over mode: TestMode = .inProcess,
    middleware: [any Middleware] = [],
    handler: any Handler,
    limits: ServerLimits = ServerLimits(),
    clientMiddleware: [any ClientMiddleware] = [],
    _ body: (TestClient) async throws -> Result
) async throws -> Result {
    let port = MemoryPort()
    let address: ListenAddress =
        switch mode {
        case .inProcess: .memory(port)
        case .loopback: .loopback(port: 0)
        }
    let server = ThrowAwayServer(
        at: address, middleware: middleware, handler: handler, limits: limits, loopCount: 1)
    return try await server.run { bound, server in
        let route: FixedRoute =
            switch mode {
            case .inProcess: .memory(port)
            case .loopback: .socket(bound)
            }
        return try await TestClient.run(mode, route, server, clientMiddleware, body)
    }
}

extension TestClient {
    /// Runs `body` with a client on a loop of its own, and ends both.
    fileprivate static func run<Result>(
        _ mode: TestMode, _ route: FixedRoute, _ server: HTTPServer,
        _ middleware: [any ClientMiddleware], _ body: (TestClient) async throws -> Result
    ) async throws -> Result {
        let group = try EventLoopGroup(loopCount: 1)
        let client = HTTPClient(
            middleware: middleware, limits: .patient, loops: group, route: route)
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
