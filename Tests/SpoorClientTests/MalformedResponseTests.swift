import HTTPTypes
import SpoorHTTP
import SpoorTesting
import TestSupport
import Testing

@testable import SpoorClient

/// The errors for bytes that are not a response, or for one that exceeds a limit.
@Suite(.finishes(within: .seconds(120))) struct MalformedResponseTests {
    @Test(arguments: [
        ("SSH-2.0-OpenSSH_9.2\r\n", "\"SSH-2.0-OpenSSH_9.2\\r\\n\", which looks like SSH"),
        ("\u{15}\u{3}\u{3}\0", "\"\\x15\\x03\\x03\\x00\", which looks like TLS: use https"),
        ("<html>", "\"<html>\", which looks like HTML"),
        ("PRI * HTTP/2.0\r\n", "which looks like HTTP/2"),
        ("ICY 200 OK\r\n", "versionMalformed: received \"ICY 200 OK\\r\\n\""),
        (
            "HTTP/1.1 200 OK\r\n" + String(repeating: "A: b\r\n", count: 129) + "\r\n",
            "more than 128 headers (HTTP1Limits.maxHeaderCount)"
        ),
        (
            "HTTP/1.1 200 OK\r\nA: " + String(repeating: "b", count: 33_000),
            "more than 32768 bytes (HTTP1Limits.maxHeadBytes)"
        ),
    ])
    func `the error contains the received bytes or the name of the limit`(
        bytes: String, text: String
    ) async throws {
        let server = try ScriptedServer { peer async throws in
            _ = try await peer.readRequest()
            try await peer.send(bytes)
        }
        try await HTTPClientTests.withClient(of: server) { client async throws in
            let error = await #expect(throws: ClientError.self) {
                try await client.execute(HTTPClientRequest(.get, server.url()))
            }
            #expect(error?.description.contains(text) == true, "\(error?.description ?? "")")
        }
    }

    private static let tooLarge =
        "the response body has more than 20 bytes, the limit of ClientLimits.maxCollectedBodyBytes"

    @Test(arguments: [
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
            """
            invalid response: framing.lengthRepeated: received "Content-Length: 5", \
            "Content-Length: 6"; expected one value of Content-Length (RFC 9112 §6.3)
            """
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello",
            """
            connection closed by the peer while receiving the response body \
            (5 of 6 bytes arrived)
            """
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
            """
            invalid response: body.chunkSizeMalformed: received "x\\r\\n"; \
            expected a chunk size of 1 to 16 hexadecimal digits (RFC 9112 §7.1)
            """
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
            "connection closed by the peer while receiving the response body (3 bytes arrived)"
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Le",
            "connection closed by the peer while waiting for the response head"
        ),
        (
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n",
            """
            invalid response: switchUnexpected: the server changes to another protocol \
            (101 Switching Protocols), although the request has no Upgrade header (RFC 9110 §7.8)
            """
        ),
        ("HTTP/1.1 200 OK\r\nContent-Length: 21\r\n\r\n", Self.tooLarge),
        ("HTTP/1.1 200 OK\r\n\r\n123456789012345678901", Self.tooLarge),
    ])
    func `the error of a faulty response contains its cause`(
        sent: String, text: String
    ) async throws {
        let server = try ScriptedServer { connection async throws in
            _ = try await connection.readRequest()
            try await connection.send(sent)
        }
        var limits = ClientLimits()
        limits.maxCollectedBodyBytes = 20
        try await HTTPClientTests.withClient(of: server, limits: limits) { client async throws in
            let error = await #expect(throws: ClientError.self) {
                try await client.execute(HTTPClientRequest(.get, server.url("/p?q")))
            }
            #expect(error?.description == "http://\(server.address): \(text)")
        }
    }
}
