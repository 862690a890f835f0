import HTTPTypes
import SpoorHTTP
import SpoorMiddleware
import SpoorTesting
import Testing

@testable import SpoorClient
@testable import SpoorNetworking

@Suite struct ClientErrorTests {
    private static let reset = SystemError(code: 104, call: "recv")
    private static let wait = ClientError.ConnectionWait(
        origin: "https://[::1]:8443", openConnections: 16, limit: .maxConnectionsPerHost(16))

    @Test(
        arguments: [
            (.timedOut(.responseHead, .requestTimeout(.seconds(60))), 504),
            (.timedOut(.connectionWait(wait), .requestTimeoutOverride(.milliseconds(5))), 504),
            (.timedOut(.connect, .connectTimeout(.seconds(10))), 504),
            (.resolve(host: "a.example", reason: "no such name"), 502),
            (.connect(SystemError(code: 111, call: "connect")), 502),
            (.connectionClosed(.responseHead), 502), (.connectionBroken(.send, reset), 502),
            (.protocolFault("versionMalformed"), 502),
            (.bodyTooLarge(.maxCollectedBodyBytes(1)), 502),
            (.tooManyPendingRequests(.maxPendingRequests(8)), 503), (.shutDown, 503),
            (.urlInvalid("it has no scheme"), 500), (.schemeUnsupported("ftp"), 500),
            (.requestInvalid("a field"), 500), (.bodyLengthMismatch(written: 1, announced: 2), 500),
            (.noResponse, 500),
            (.cancelled, 500),
        ] as [(ClientError, Int)])
    func `a handler that rethrows the error answers as a gateway`(error: ClientError, code: Int) {
        #expect(error.problem.status.code == code)
    }

    @Test func `a client at its limit asks the peer to retry`() {
        #expect(
            ClientError.tooManyPendingRequests(.maxPendingRequests(8)).response().headers[
                .retryAfter] == "1")
    }

    @Test func `a request that was cancelled with its handler is a 503`() async {
        let task = Task {
            unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
            return SpoorHTTP.response(for: ClientError.cancelled, to: Request(), traceID: nil)
        }
        let response = await task.value
        #expect(response.status == .serviceUnavailable)
        #expect(response.headers[.connection] == "close")
    }

    @Test func `an unreachable upstream server leads to a 502 of the handler's server`()
        async throws
    {
        // Bound but not listening, so that no other process gets the port meanwhile.
        let silent = try FileDescriptor.streamSocket(for: .loopback(port: 0))
        try silent.bind(to: .loopback(port: 0))
        let url = "http://\(try silent.localAddress())/"
        let client = HTTPClient()
        var routes = Router()
        routes.get("/") { _ in
            let response = try await client.execute(HTTPClientRequest(.get, url))
            return Response(status: response.status)
        }
        try await withTestClient(over: .loopback, handler: routes) { test async throws in
            let response = try await test.get("/")
            #expect(response.status == .badGateway)
            #expect(response.text.contains(#""title":"Bad Gateway""#))
        }
        await client.shutdown()
    }

    @Test(
        arguments: [
            (
                .timedOut(.responseHead, .requestTimeout(.seconds(60))),
                "timed out while waiting for the response head: "
                    + "ClientLimits.requestTimeout (60.0 seconds) expired"
            ),
            (
                .timedOut(.connectionWait(wait), .requestTimeoutOverride(.milliseconds(250))),
                "timed out while waiting for a free connection to https://[::1]:8443 "
                    + "(16 open, ClientLimits.maxConnectionsPerHost (16) reached): "
                    + "HTTPClientRequest.timeout (0.25 seconds) expired"
            ),
            (
                .timedOut(
                    .connectionWait(
                        .init(
                            origin: "http://a:80", openConnections: 3, limit: .maxConnections(256))),
                    .requestTimeout(.seconds(60))),
                "timed out while waiting for a free connection to http://a:80 "
                    + "(3 open, ClientLimits.maxConnections (256) reached): "
                    + "ClientLimits.requestTimeout (60.0 seconds) expired"
            ),
            (
                .timedOut(.handshake, .connectTimeout(.seconds(10))),
                "timed out while performing the TLS handshake: "
                    + "ClientLimits.connectTimeout (10.0 seconds) expired"
            ),
            (
                .timedOut(
                    .responseBody(received: 3, announced: 10), .readTimeout(.seconds(30)),
                    origin: "http://a:80"),
                "http://a:80: timed out while receiving the response body "
                    + "(3 of 10 bytes arrived): "
                    + "ClientLimits.readTimeout (30.0 seconds) expired"
            ),
        ] as [(ClientError, String)])
    func `a timeout names the phase, the limit and its value`(error: ClientError, text: String) {
        #expect("\(error)" == text)
    }

    @Test(
        arguments: [
            (
                .tooManyPendingRequests(.maxPendingRequestsPerHost(origin: "http://a:80", 1024)),
                "too many requests are waiting for a connection: "
                    + "ClientLimits.maxPendingRequestsPerHost (1024) for http://a:80 reached"
            ),
            (
                .tooManyPendingRequests(.maxPendingRequests(8192)),
                "too many requests are waiting for a connection: ClientLimits.maxPendingRequests (8192) reached"
            ),
            (
                .bodyTooLarge(.maxCollectedBodyBytes(8)),
                "the response body has more than 8 bytes, the limit of "
                    + "ClientLimits.maxCollectedBodyBytes"
            ),
            (
                .bodyTooLarge(.maxBodyBytes(9)),
                "the response body has more than 9 bytes, the limit of "
                    + "ClientLimits.http1.maxBodyBytes"
            ),
            (
                .bodyTooLarge(.collectUpTo(10)),
                "the response body has more than 10 bytes, the limit of collect(upTo:)"
            ),
        ] as [(ClientError, String)])
    func `the error names the limit that was reached, with its value`(
        error: ClientError, text: String
    ) {
        #expect("\(error)" == text)
    }
}
