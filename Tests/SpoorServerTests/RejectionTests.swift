import HTTPTypes
import Logging
import SpoorHTTP
import SpoorHTTP1
import SpoorMiddleware
import SpoorNetworking
import SpoorServer
import SpoorTesting
import Synchronization
import TestSupport
import Testing

/// The responses that the HTTP layer creates pass one hook and leave one line in the log.
@Suite(.finishes(within: .seconds(60))) struct RejectionTests {
    private static let collect = AsyncHandler { try await $0.body.collect(upTo: 1 << 20) }

    /// Sends bytes to a separate server; returns the response and what was logged about it.
    private static func rejected(
        _ pieces: [String], limits: ServerLimits = ServerLimits(),
        middleware: [any Middleware] = [], handler: any Handler = collect,
        by rejectionHandler: RejectionHandler? = nil
    ) async throws -> (received: String, log: [LogRecorder.Line]) {
        let log = LogRecorder()
        let server = HTTPServer(
            listening: .loopback(port: 0), middleware: middleware, handler: handler, limits: limits,
            loopCount: 1, logger: log.logger, rejectionHandler: rejectionHandler)
        let running = Task { try await server.run() }
        let bound = try await server.localAddresses()[0]
        let received = try await RawConnection.roundTrip(to: bound, pieces, closesOutput: true)
        server.triggerGracefulShutdown()
        try await running.value
        return (received, log.lines.filter { $0.message == "request rejected" })
    }

    private static let json: RejectionHandler = { rejected in
        var response = Response(
            status: rejected.status,
            text: #"{"error":"\#(rejected.cause)","id":"\#(rejected.id)"}"#,
            contentType: "application/json")
        if let name = HTTPField.Name("X-Request-ID") { response.headers[name] = rejected.id }
        return response
    }

    /// A small limit of each kind.
    private static var small: ServerLimits {
        var limits = ServerLimits()
        limits.http1.maxStartLineBytes = 64
        limits.http1.maxHeadBytes = 256
        limits.http1.maxHeaderCount = 4
        limits.http1.maxBodyBytes = 10
        return limits
    }

    private static let cases: [(request: String, status: Int, cause: String, limit: String?)] = [
        ("nonsense\r\n\r\n", 400, "lineMalformed", nil),
        ("GET / HTTP/1.1\r\n\r\n", 400, "hostMissing", nil),
        ("GET / HTTP/3.0\r\nHost: a\r\n\r\n", 505, "versionUnsupported", nil),
        ("GET / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n", 417, "expectationUnknown", nil),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501,
            "framing.transferEncodingUnknown", nil
        ),
        (
            "GET /\(String(repeating: "x", count: 80)) HTTP/1.1\r\nHost: a\r\n\r\n", 414,
            "lineTooLong", "64 bytes"
        ),
        (
            "GET / HTTP/1.1\r\nHost: a\r\nx: \(String(repeating: "x", count: 300))\r\n\r\n", 431,
            "header.tooLarge", "256 bytes"
        ),
        (
            "GET / HTTP/1.1\r\nHost: a\r\na: 1\r\nb: 1\r\nc: 1\r\nd: 1\r\n\r\n", 431,
            "header.tooMany", "4 headers"
        ),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n", 413, "body.tooLarge",
            "10 bytes"
        ),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400,
            "body.chunkSizeMalformed", nil
        ),
    ]

    @Test(arguments: cases)
    func `a rejected request is logged at debug level, and its response contains the limit`(
        request: String, status: Int, cause: String, limit: String?
    ) async throws {
        let (received, log) = try await Self.rejected([request], limits: Self.small)
        #expect(received.hasPrefix("HTTP/1.1 \(status) "))
        #expect(received.contains("Connection: close\r\n"))
        // Without a head that was understood, there is no Accept to negotiate by.
        let isText = received.contains("Content-Type: text/plain; charset=utf-8\r\n")
        #expect(isText || received.contains("Content-Type: application/problem+json\r\n"))
        if let limit {
            let reason = "the limit is \(limit)"
            #expect(received.hasSuffix(isText ? ": \(reason)\n" : "\"detail\":\"\(reason)\"}"))
        } else {
            #expect(!received.contains("limit"))
        }
        #expect(log.count == 1)
        #expect(log.first?.level == .debug)
        #expect(log.first?.metadata["status"] == "\(status)")
        #expect(log.first?.metadata["cause"] == cause)
        #expect(log.first?.metadata["limit"] == limit)
        #expect(log.first?.metadata["explanation"]?.hasPrefix("\(cause): ") == true)
        #expect(log.first?.metadata["peer"]?.hasPrefix("127.0.0.1:") == true)
    }

    @Test(arguments: cases)
    func `the application creates the response, with the id in the log`(
        request: String, status: Int, cause: String, limit: String?
    ) async throws {
        let (received, log) = try await Self.rejected(
            [request], limits: Self.small, by: Self.json)
        let id = try #require(log.first?.metadata["id"])
        #expect(received.hasPrefix("HTTP/1.1 \(status) "))
        #expect(received.contains("Content-Type: application/json\r\n"))
        #expect(received.contains("Connection: close\r\n"))
        #expect(received.lowercased().contains("x-request-id: \(id)\r\n"))
        #expect(received.hasSuffix("\r\n\r\n{\"error\":\"\(cause)\",\"id\":\"\(id)\"}"))
    }

    /// Returns the first response that is not empty.
    ///
    /// A busy machine may take longer than the timeout to send the first byte, before which a connection is closed
    /// without a response.
    private static func firstResponse(_ roundTrip: () async throws -> String) async -> String {
        while !Task.isCancelled {
            if let received = try? await roundTrip(), !received.isEmpty { return received }
        }
        return ""
    }

    @Test func `a head and a body that time out get the same`() async throws {
        var limits = ServerLimits()
        (limits.headTimeout, limits.bodyTimeout) = (.seconds(1), .milliseconds(20))
        for (request, cause) in [
            ("GET / HT", "headTimeout"),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na", "bodyTimeout"),
        ] {
            let log = LogRecorder()
            let server = HTTPServer(
                listening: .loopback(port: 0), handler: Self.collect, limits: limits, loopCount: 1,
                logger: log.logger, rejectionHandler: Self.json)
            let running = Task { try await server.run() }
            let bound = try await server.localAddresses()[0]
            let received = await Self.firstResponse {
                try await RawConnection.roundTrip(to: bound, [request])
            }
            #expect(received.hasPrefix("HTTP/1.1 408 "))
            #expect(received.contains("{\"error\":\"\(cause)\""))
            #expect(received.contains("Connection: close\r\n"))
            server.triggerGracefulShutdown()
            try await running.value
            #expect(log.lines.filter { $0.metadata["cause"] == cause }.count == 1)
        }
    }

    @Test(
        arguments: TestMode.allCases,
        [
            ("nonsense\r\n\r\n", 400, "lineMalformed"), ("GET / HT", 408, "headTimeout"),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na", 408, "bodyTimeout"),
            (
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab", 408,
                "bodyTimeout"
            ),
            (
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3x\r\nabc\r\n",
                400,
                "body.chunk"
            ),
        ])
    func `the application creates the response over every kind of connection`(
        mode: TestMode, rejected: (request: String, status: Int, cause: String)
    ) async throws {
        var limits = ServerLimits()
        limits.bodyTimeout = .milliseconds(50)
        // A TLS connection has this time for its ClientHello as well.
        limits.headTimeout = mode == .tls ? .seconds(5) : .seconds(1)
        try await withTestClient(
            over: mode, handler: Self.collect, limits: limits, rejectionHandler: Self.json
        ) { client in
            let received = await Self.firstResponse {
                try await client.roundTrip([rejected.request])
            }
            #expect(received.hasPrefix("HTTP/1.1 \(rejected.status) "))
            #expect(received.contains("{\"error\":\"\(rejected.cause)"))
            #expect(received.contains("Content-Type: application/json\r\n"))
            #expect(received.contains("Connection: close\r\n"))
        }
    }

    @Test func `a peer with too many connections gets the response of the rejection handler`()
        async throws
    {
        var limits = ServerLimits()
        limits.maxConnectionsPerRemoteAddress = 1
        let log = LogRecorder()
        let server = HTTPServer(
            listening: .loopback(port: 0), handler: Self.collect, limits: limits, loopCount: 1,
            logger: log.logger, rejectionHandler: Self.json)
        let running = Task { try await server.run() }
        let bound = try await server.localAddresses()[0]
        try await RawConnection.connected(to: bound) { peer in
            try await peer.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try await peer.read(until: "\r\n\r\n")
            let received = try await RawConnection.roundTrip(to: bound, [])
            #expect(received.hasPrefix("HTTP/1.1 503 "))
            #expect(received.contains("{\"error\":\"maxConnectionsPerRemoteAddress\""))
        }
        server.triggerGracefulShutdown()
        try await running.value
    }

    @Test func `a rejection handler cannot break the framing or the status`() async throws {
        let shapes: [(Response, status: String)] = [
            // No error, and framing headers.
            (
                Response(
                    status: .ok,
                    headers: [
                        .contentLength: "7", .connection: "keep-alive",
                        .transferEncoding: "chunked",
                    ],
                    text: "x"), "400"
            ),
            (Response(status: .init(code: 101), text: "x"), "400"),
            (Response(status: .conflict, text: "x"), "409"),
            // Too long, or invalid: the default.
            (Response(status: .badRequest, text: String(repeating: "x", count: 20_000)), "400"),
            (Response(status: .badRequest, text: "x", contentType: "text/plain\r\nA: b"), "400"),
        ]
        for (response, status) in shapes {
            let (received, _) = try await Self.rejected(["nonsense\r\n\r\n"]) { _ in response }
            #expect(received.hasPrefix("HTTP/1.1 \(status) "))
            #expect(received.components(of: "Content-Length:") == 1)
            #expect(received.components(of: "Connection: close") == 1)
            #expect(!received.contains("chunked"))
            #expect(!received.contains("A: b"))
            #expect(received.utf8.count < 1000)
        }
    }

    @Test func `rejections by collect and by a body limit contain the limit`() async throws {
        let body = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n"
        let collecting = try await Self.rejected(
            [body], handler: AsyncHandler { try await $0.body.collect(upTo: 5) })
        #expect(collecting.received.hasPrefix("HTTP/1.1 413 "))
        #expect(collecting.received.hasSuffix("\"detail\":\"the limit is 5 bytes\"}"))
        let negative = try await Self.rejected(
            [body], handler: AsyncHandler { try await $0.body.collect(upTo: -5) })
        #expect(negative.received.hasSuffix("\"detail\":\"the limit is 0 bytes\"}"))
        let limited = try await Self.rejected([body], middleware: [BodyLimit(maxBytes: 7)])
        #expect(limited.received.hasPrefix("HTTP/1.1 413 "))
        #expect(limited.received.hasSuffix("\"detail\":\"the limit is 7 bytes\"}"))
        #expect(limited.log.first?.metadata["method"] == "POST")
    }
}

extension String {
    /// Returns the number of occurrences of a text.
    fileprivate func components(of part: String) -> Int {
        var count = 0
        var rest = self[...]
        while let range = rest.firstRange(of: part) {
            count += 1
            rest = rest[range.upperBound...]
        }
        return count
    }
}
