import HTTPTypes
import Logging
import SpoorHTTP
import SpoorMiddleware
import SpoorServer
import SpoorTesting
import TestSupport
import Testing

@testable import SpoorClient
@testable import SpoorNetworking

/// Errors contain the origin of the server, without path and query, and the cause as text.
@Suite(.finishes(within: .seconds(120))) struct ErrorOriginTests {
    /// Returns the description of the error of a request.
    private static func text(
        of request: HTTPClientRequest, by client: HTTPClient
    ) async -> String? {
        await #expect(throws: ClientError.self) { try await client.execute(request) }?.description
    }

    @Test func `a refused connection names the origin and not the path`() async throws {
        // Bound but not listening, so that no other process gets the port meanwhile.
        let silent = try FileDescriptor.streamSocket(for: .loopback(port: 0))
        try silent.bind(to: .loopback(port: 0))
        let origin = "http://\(try silent.localAddress())"
        let client = HTTPClient()
        let text = await Self.text(of: HTTPClientRequest(.get, origin + "/path?query"), by: client)
        #expect(text == "\(origin): connect failed: connect: Connection refused (111)")
        await client.shutdown()
    }

    @Test func `the errors of a closed connection and an unknown name contain the origin`()
        async throws
    {
        let server = try ScriptedServer { peer async throws in _ = try await peer.readRequest() }
        try await HTTPClientTests.withClient(of: server) { client async throws in
            let request = HTTPClientRequest(.post, server.url("/path?query"), body: .text("abc"))
            let text = await Self.text(of: request, by: client)
            #expect(
                text == "http://\(server.address): connection closed by the peer while waiting for "
                    + "the response head")
        }
        let resolver = HostResolver { _ in .failure(.unknownHost("Name not known")) }
        let client = HTTPClient(
            middleware: [], limits: ClientLimits(), loops: .shared, route: nil, resolver: resolver)
        #expect(
            await Self.text(of: HTTPClientRequest(.get, "https://a.example/x"), by: client)
                == "https://a.example:443: cannot resolve a.example: Name not known")
        await client.shutdown()
    }

    @Test(
        arguments: [
            [.upgrade: "h2c"], [.connection: "upgrade"],
            [.connection: "Upgrade", .upgrade: "websocket"],
            [.connection: "Upgrade, HTTP2-Settings", .upgrade: "h2c"],
        ] as [Headers])
    func `a request that asks for another protocol is rejected with the reason`(
        headers: Headers
    ) async throws {
        let client = HTTPClient()
        let request = HTTPClientRequest(.get, "http://127.0.0.1:1/x", headers: headers)
        #expect(
            await Self.text(of: request, by: client)
                == "http://127.0.0.1:1: invalid request: this client supports only HTTP/1.1 and "
                + "cannot switch to another protocol, such as h2c or websocket: remove Upgrade, and "
                + "upgrade from Connection")
        await client.shutdown()
    }

    @Test func `errors thrown to the closures of an exchange contain the origin, too`() async throws
    {
        let server = try ScriptedServer { peer async throws in
            guard try await peer.read(until: "\r\n\r\n").hasPrefix("GET ") else {
                while try await !peer.read().isEmpty {}
                return
            }
            try await peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
        }
        try await HTTPClientTests.withClient(of: server) { client async throws in
            let origin = "http://\(server.address)"
            try await client.withResponse(to: HTTPClientRequest(.get, server.url("/p"))) {
                response in
                let error = await #expect(throws: ClientError.self) {
                    while try await response.next() != nil {}
                }
                #expect(
                    error?.description == "\(origin): connection closed by the peer while "
                        + "receiving the response body (3 of 10 bytes arrived)")
            }
            let error = await #expect(throws: ClientError.self) {
                try await client.withResponse(
                    to: HTTPClientRequest(.post, server.url("/p")), bodyLength: 2
                ) { writer in
                    do {
                        try await writer.write("abc")
                        Issue.record("more was written than announced")
                    } catch {
                        #expect((error as? ClientError)?.origin == origin)
                    }
                } _: { response in
                    _ = try await response.collect(upTo: 10)
                }
            }
            #expect(
                error?.description
                    == "\(origin): the request body has 0 bytes, but 2 were announced")
        }
    }

    @Test func `the kind of an error has no address`() {
        for error in [
            .connect(SystemError(code: 111, call: "connect"), origin: "http://a:80"),
            .timedOut(.connect, .connectTimeout(.seconds(1)), origin: "http://a:80"),
            .protocolFault("header.bareCR: received \"a\"", origin: "http://a:80"),
            .connectionClosed(.responseBody(received: 3, announced: 7), origin: "http://a:80"),
        ] as [ClientError] {
            #expect(error.kind.allSatisfy { $0.isLowercase || $0 == "_" }, "\(error.kind)")
        }
        #expect(
            ClientError.timedOut(
                .responseBody(received: 3, announced: nil), .readTimeout(.seconds(1))
            ).interruption == .timedOut("responseBody"))
    }

    @Test func `an error after a complete response is not logged as one that aborted it`()
        async throws
    {
        let upstream = try ScriptedServer { peer async throws in _ = try await peer.readRequest() }
        let url = upstream.url()
        let client = HTTPClient()
        var routes = Router()
        routes.stream(.post, "/") { exchange in
            try await exchange.response.send(Response(text: "taken"))
            _ = try await client.execute(HTTPClientRequest(.post, url, body: .text("abc")))
        }
        let log = LogRecorder()
        let server = HTTPServer(
            listening: .loopback(port: 0), handler: routes, loopCount: 1, logger: log.logger)
        let running = Task { try await server.run() }
        let bound = try await server.localAddresses()[0]
        let received = try await RawConnection.roundTrip(
            to: bound, ["POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"])
        #expect(received.hasPrefix("HTTP/1.1 200 OK\r\n") && received.hasSuffix("taken"))
        server.triggerGracefulShutdown()
        try await running.value
        let errors = log.lines.filter { $0.level == .error }
        #expect(errors.map(\.message) == ["error thrown after complete response"])
        #expect(errors.first?.metadata["status"] == "200")
        #expect(
            errors.first?.metadata["error"]
                == "http://\(upstream.address): connection closed by the peer while waiting for the "
                + "response head")
        await client.shutdown()
        try await upstream.stop()
    }
}
