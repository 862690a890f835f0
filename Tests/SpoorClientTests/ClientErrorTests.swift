import HTTPTypes
import SpoorHTTP
import SpoorMiddleware
import SpoorTesting
import Testing

@testable import SpoorClient
@testable import SpoorNetworking

@Suite struct ClientErrorTests {
    private static let reset = SystemError(code: 104, call: "recv")

    @Test(
        arguments: [
            (.timedOut(.responseHead, .total(.seconds(60))), 504),
            (.timedOut(.connectionWait, .request(.milliseconds(5))), 504),
            (.timedOut(.connect, .connect(.seconds(10))), 504),
            (.resolve(host: "a.example", reason: "no such name"), 502),
            (.connect(SystemError(code: 111, call: "connect")), 502),
            (.connectionClosed(.responseHead), 502), (.connectionBroken(.send, reset), 502),
            (.protocolFault("versionMalformed"), 502), (.bodyTooLarge(bytesMax: 1), 502),
            (.tooManyWaiting, 503), (.shutDown, 503),
            (.urlInvalid("it has no scheme"), 500), (.schemeUnsupported("ftp"), 500),
            (.requestInvalid("a field"), 500), (.bodyLengthMismatch, 500), (.noResponse, 500),
            (.cancelled, 500),
        ] as [(ClientError, Int)])
    func `a handler that lets the error pass answers as a gateway`(error: ClientError, code: Int) {
        #expect(SpoorHTTP.response(for: error).status.code == code)
    }

    @Test func `a client without room asks the peer to try again`() {
        #expect(ClientError.tooManyWaiting.response().fields[.retryAfter] == "1")
    }

    @Test func `a request that was cancelled with its handler is a 503`() async {
        let task = Task {
            unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
            return SpoorHTTP.response(for: ClientError.cancelled)
        }
        let response = await task.value
        #expect(response.status == .serviceUnavailable)
        #expect(response.fields[.connection] == "close")
    }

    @Test func `an upstream server that is not there is a 502 of the handler's server`()
        async throws
    {
        // Bound and not listening, so that nobody else gets the port meanwhile.
        let silent = try FileDescriptor.streamSocket(for: .loopback(port: 0))
        try silent.bind(to: .loopback(port: 0))
        let url = "http://\(try silent.localAddress())/"
        let client = HTTPClient()
        var routes = Router()
        routes.get("/") { _ in
            let response = try await client.send(ClientRequest(.get, url))
            return Response(status: response.status)
        }
        try await withTestClient(over: .loopback, handler: routes) { test async throws in
            let response = try await test.get("/")
            #expect(response.status == .badGateway)
            #expect(response.text == "502 Bad Gateway\n")
        }
        await client.shutdown()
    }

    @Test(
        arguments: [
            (
                .timedOut(.responseHead, .total(.seconds(60))),
                "timed out while waiting for the response's head: "
                    + "ClientLimits.totalTimeout (60.0 seconds) expired"
            ),
            (
                .timedOut(.connectionWait, .request(.milliseconds(250))),
                "timed out while waiting for a free connection (ClientLimits.connectionsPerHostMax, connectionsMax): "
                    + "ClientRequest.timeout (0.25 seconds) expired"
            ),
            (
                .timedOut(.handshake, .connect(.seconds(10))),
                "timed out while performing the TLS handshake: "
                    + "ClientLimits.connectTimeout (10.0 seconds) expired"
            ),
            (
                .timedOut(.responseBody, .silence(.seconds(30))),
                "timed out while receiving the response's body: "
                    + "ClientLimits.silenceTimeout (30.0 seconds) expired"
            ),
        ] as [(ClientError, String)])
    func `a time-out names the phase, the limit and its value`(error: ClientError, text: String) {
        #expect("\(error)" == text)
    }
}
