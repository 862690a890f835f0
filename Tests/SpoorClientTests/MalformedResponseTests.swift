import HTTPTypes
import SpoorHTTP
import SpoorTesting
import TestSupport
import Testing

@testable import SpoorClient

/// What a caller is told of bytes that are no response, or of one that passes a limit.
@Suite(.finishes(within: .seconds(120))) struct MalformedResponseTests {
    @Test(arguments: [
        ("SSH-2.0-OpenSSH_9.2\r\n", "\"SSH-2.0-OpenSSH_9.2\\r\\n\", which looks like SSH"),
        ("\u{15}\u{3}\u{3}\0", "\"\\x15\\x03\\x03\\x00\", which looks like TLS: use https"),
        ("<html>", "\"<html>\", which looks like HTML"),
        ("PRI * HTTP/2.0\r\n", "which looks like HTTP/2"),
        ("ICY 200 OK\r\n", "versionMalformed: received \"ICY 200 OK\\r\\n\""),
        (
            "HTTP/1.1 200 OK\r\n" + String(repeating: "A: b\r\n", count: 129) + "\r\n",
            "more than 128 fields (HTTP1Limits.fieldCountMax)"
        ),
        (
            "HTTP/1.1 200 OK\r\nA: " + String(repeating: "b", count: 33_000),
            "more than 32768 bytes (HTTP1Limits.headBytesMax)"
        ),
    ])
    func `what came is shown, and a limit is named`(bytes: String, text: String) async throws {
        let server = try ScriptedServer { peer async throws in
            _ = try await peer.readRequest()
            try await peer.send(bytes)
        }
        try await HTTPClientTests.withClient(of: server) { client async throws in
            let error = await #expect(throws: ClientError.self) {
                try await client.send(ClientRequest(.get, server.url()))
            }
            #expect(error?.description.contains(text) == true, "\(error?.description ?? "")")
        }
    }
}
