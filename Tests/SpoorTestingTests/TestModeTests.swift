import HTTPTypes
import SpoorClient
import SpoorHTTP
import SpoorTesting
import TestSupport
import Testing

/// A test observes the same in every mode, byte for byte, except for the date.
@Suite(.finishes(within: .seconds(60))) struct TestModeTests {
    private static let conversations: [[String]] = [
        // Pipelined, in one piece and byte by byte.
        [hello + "GET /count/3 HTTP/1.1\r\nHost: a\r\n\r\n" + last],
        (hello + "GET /count/3 HTTP/1.1\r\nHost: a\r\n\r\n" + last).map { String($0) },
        // Both framings, trailers, HEAD, and an unread body.
        ["POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", last],
        [
            "PUT /length HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
                + "Trailer: X-Sum\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: sum\r\n\r\n", last,
        ],
        ["HEAD /count/3 HTTP/1.1\r\nHost: a\r\n\r\n", last],
        ["GET /trailers HTTP/1.1\r\nHost: a\r\nTE: trailers\r\n\r\n", last],
        [
            "POST /unread HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n",
            String(repeating: "x", count: 100_000), last,
        ],
        // Not found, not allowed, unknown method; failing handlers.
        ["GET /none HTTP/1.1\r\nHost: a\r\n\r\n", last],
        ["PUT /hello/you HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", last],
        ["BREW /hello/you HTTP/1.1\r\nHost: a\r\n\r\n", last],
        ["GET /refused HTTP/1.1\r\nHost: a\r\n\r\n", last],
        ["GET /failing HTTP/1.1\r\nHost: a\r\n\r\n", last],
        // Rejected requests whose connection is closed.
        ["GET / HTTP/1.1\r\n\r\n"],
        ["GET /hello/you HTTP/1.1\r\nHost : a\r\n\r\n"],
        ["POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"],
        ["GET / HTTP/3.0\r\nHost: a\r\n\r\n"],
        ["GET / HTTP/1.1\r\nHost: a\r\nx: \(String(repeating: "x", count: 40_000))\r\n\r\n"],
        // An HTTP/1.0 client.
        ["GET /count/3 HTTP/1.0\r\n\r\n"],
    ]

    private static let hello = "GET /hello/you HTTP/1.1\r\nHost: a\r\n\r\n"
    private static let last = "GET /hello/last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

    /// Returns all responses in one mode, one entry for each conversation.
    private static func transcript(of mode: TestMode) async throws -> [String] {
        var received: [String] = []
        try await withTestClient(
            over: mode, middleware: TestedService.middleware, handler: TestedService.routes()
        ) { client async throws in
            for pieces in conversations {
                received.append(withoutDates(try await client.roundTrip(pieces)))
            }
            received.append(withoutDates(try await client.roundTrip([hello], closesOutput: true)))
            try await client.withRawConnection { peer async throws in
                try await peer.send(
                    "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n"
                        + "Expect: 100-continue\r\nConnection: close\r\n\r\n")
                received.append(try await peer.read(until: "\r\n\r\n"))
                try await peer.send("abc")
                received.append(withoutDates(try await peer.readToEnd()))
            }
            for response in [
                try await client.get("/hello/you?a=b"), try await client.head("/trailers"),
                try await client.post("/echo", body: .text("abc")), try await client.get("/none"),
            ] { received.append(withoutDates(response.description)) }
        }
        return received
    }

    private static func withoutDates(_ text: String) -> String {
        text.replacing(/Date: [A-Za-z0-9,: ]+/, with: "Date: now")
    }

    @Test(arguments: TestMode.allCases.dropFirst())
    func `every mode returns the same as the first`(mode: TestMode) async throws {
        let first = try await Self.transcript(of: TestMode.allCases[0])
        #expect(first.count == Self.conversations.count + 7)
        #expect(first.allSatisfy { !$0.isEmpty })
        let second = try await Self.transcript(of: mode)
        for (one, other) in zip(first, second) { #expect(one == other) }
        #expect(first.count == second.count)
    }

    @Test(arguments: TestMode.allCases)
    func `an aborted response is an error in every mode`(mode: TestMode) async throws {
        try await withTestClient(over: mode, handler: TestedService.routes()) {
            client async throws in
            await #expect(throws: ClientError.self) { try await client.get("/broken") }
            try await client.withRawConnection { peer in
                try await peer.send("GET /broken HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await peer.read(until: "half\r\n").hasSuffix("half\r\n"))
                // Without TLS, the bytes only end.
                let rest = try? await peer.readToEnd()
                #expect(rest == (mode == .tls ? nil : ""))
            }
        }
    }

    @Test(arguments: TestMode.allCases)
    func `a connection can be upgraded in every mode`(mode: TestMode) async throws {
        try await withTestClient(over: mode, handler: TestedService.routes()) { client in
            try await client.withRawConnection { peer in
                try await peer.send(
                    "GET /upgrade HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n"
                )
                let head = try await peer.read(until: "\r\n\r\n")
                #expect(head.hasPrefix("HTTP/1.1 101 "))
                try await peer.send("ping")
                #expect(try await peer.read(until: "ping") == "ping")
            }
        }
    }

    @Test(arguments: TestMode.allCases)
    func `the host and the target are the same in every mode`(mode: TestMode) async throws {
        try await withTestClient(over: mode, handler: EchoHead()) { client async throws in
            #expect(try await client.get("/a?b=c").text == "GET /a?b=c localhost")
        }
    }
}
