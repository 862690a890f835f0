import HTTPTypes
import SpoorClient
import SpoorHTTP
import SpoorTesting
import TestSupport
import Testing

/// The client follows no redirect, so that credentials and bodies reach no other origin than the one that was asked for.
@Suite(.finishes(within: .seconds(60))) struct RedirectResponseTests {
    // P084, P085, P086
    @Test(arguments: [301, 302, 303, 307, 308])
    func `a redirect is returned as it is, and nothing is sent to its target`(status: Int)
        async throws
    {
        try await withScriptedServer { peer in
            try await peer.respondToAll(with: "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        } _: { target in
            let location = target.url("/stolen")
            try await withScriptedServer { peer in
                try await peer.respondToAll(
                    with:
                        "HTTP/1.1 \(status) Moved\r\nLocation: \(location)\r\nContent-Length: 0\r\n\r\n"
                )
            } _: { server in
                let client = HTTPClient()
                let response = try await client.execute(
                    HTTPClientRequest(
                        .post, server.url("/"),
                        headers: [.authorization: "Bearer secret", .cookie: "id=7"],
                        body: .text("body")))
                #expect(response.status.code == status)
                #expect(response.headers[.location] == location)
                #expect(server.requests.count == 1)
                #expect(target.requests.isEmpty)
                await client.shutdown()
            }
        }
    }
}
