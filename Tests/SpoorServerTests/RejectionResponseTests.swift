import HTTPTypes
import Logging
import SpoorHTTP
import SpoorHTTP1
import SpoorMiddleware
import SpoorNetworking
import SpoorServer
import SpoorTesting
import TestSupport
import Testing

/// The response to a rejected request is logged and counted as it was sent, whether the server or the application
/// created it.
@Suite(.finishes(within: .seconds(60))) struct RejectionResponseTests {
    private static let collect = AsyncHandler { try await $0.body.collect(upTo: 1 << 20) }

    /// What a separate server has sent, logged and counted.
    private struct Outcome {
        let response: String
        let log: [LogRecorder.Line]
        let rejectionCounts: [ServerCounters.Rejection: Int]

        var rejections: [LogRecorder.Line] {
            log.filter { $0.message.contains("rejected") }
        }
        var errors: [LogRecorder.Line] { log.filter { $0.level >= .error } }
        var counted: [String] {
            rejectionCounts.map { "\($0.key.status) \($0.key.cause): \($0.value)" }
        }
    }

    private static func outcome(
        of pieces: [String], limits: ServerLimits = small, handler: any Handler = collect,
        closesOutput: Bool = true, by rejectionHandler: RejectionHandler? = nil
    ) async throws -> Outcome {
        let log = LogRecorder()
        let server = HTTPServer(
            listening: .loopback(port: 0), handler: handler, limits: limits, loopCount: 1,
            logger: log.logger, rejectionHandler: rejectionHandler)
        let running = Task { try await server.run() }
        let bound = try await server.localAddresses()[0]
        let response = try await RawConnection.roundTrip(
            to: bound, pieces, closesOutput: closesOutput)
        server.triggerGracefulShutdown()
        try await running.value
        return Outcome(
            response: response, log: log.lines, rejectionCounts: await server.counters.rejections)
    }

    private static var small: ServerLimits {
        var limits = ServerLimits()
        limits.http1.maxBodyBytes = 10
        return limits
    }

    private static let malformedChunk =
        "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"
    private static let tooLong = "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n"

    private static var unsendableHeaders: Headers {
        var headers = Headers()
        for (name, value) in [("x-bad", "a\nb"), ("x-other", "not sent")] {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        return headers
    }

    /// A response that cannot be sent, because a value would end the head early.
    private static let unsendable: RejectionHandler = { rejected in
        Response(
            status: rejected.status,
            headers: Self.unsendableHeaders, text: "not sent either")
    }

    // MARK: Responses that cannot be sent

    @Test(arguments: [
        (malformedChunk, 400), (tooLong, 413), ("GET /a HTTP/1.1\r\n\r\n", 400),
        ("nonsense\r\n\r\n", 400),
    ])
    func `a response that cannot be sent is replaced by the default one, and one error is logged`(
        request: String, status: Int
    ) async throws {
        let outcome = try await Self.outcome(of: [request], by: Self.unsendable)
        #expect(outcome.response.hasPrefix("HTTP/1.1 \(status) "))
        #expect(outcome.response.contains("Connection: close\r\n"))
        #expect(!outcome.response.contains("not sent"))
        // Plain text if the head is not known, else problem details.
        #expect(
            outcome.response.contains("\r\n\r\n\(status) ")
                || outcome.response.contains("\"status\":\(status)"))
        #expect(outcome.errors.count == 1)
        #expect(
            outcome.errors.first?.message
                == "invalid response of rejection handler, default sent")
        #expect(outcome.errors.first?.metadata["error"]?.contains("x-bad") == true)
        #expect(outcome.rejectionCounts.map(\.key.status) == [status])
    }

    @Test(arguments: TestMode.allCases, [malformedChunk, tooLong])
    func `the default response replaces it over every kind of connection`(
        mode: TestMode, request: String
    ) async throws {
        try await withTestClient(
            over: mode, handler: Self.collect, limits: Self.small,
            rejectionHandler: Self.unsendable
        ) { client in
            let received = try await client.roundTrip([request])
            #expect(received.hasPrefix("HTTP/1.1 4"))
            #expect(!received.contains("not sent"))
        }
    }

    @Test func `an error whose response cannot be sent leaves none of its headers`() async throws {
        let thrown = AsyncHandler { _ -> Response in
            throw HTTPError(.conflict, headers: Self.unsendableHeaders)
        }
        let returned = SyncHandler { _ in
            Response(status: .ok, headers: Self.unsendableHeaders, text: "x")
        }
        let handlers: [any Handler] = [thrown, returned]
        for handler in handlers {
            let outcome = try await Self.outcome(
                of: ["GET / HTTP/1.1\r\nHost: a\r\n\r\n"], handler: handler)
            #expect(outcome.response.hasPrefix("HTTP/1.1 500 "))
            #expect(!outcome.response.contains("not sent"))
        }
    }

    // MARK: What is logged and counted

    @Test func `the status that the application chooses is logged and counted`() async throws {
        for request in [Self.malformedChunk, "nonsense\r\n\r\n"] {
            let outcome = try await Self.outcome(of: [request]) { _ in
                Response(status: .conflict, text: "x")
            }
            #expect(outcome.response.hasPrefix("HTTP/1.1 409 "))
            #expect(outcome.rejections.map { $0.metadata["status"] } == ["409"])
            #expect(outcome.rejectionCounts.map(\.key.status) == [409])
        }
    }

    @Test func `a rejected body to which the handler responds counts with that status`()
        async throws
    {
        let catching = AsyncHandler { exchange in
            _ = try? await exchange.body.collect(upTo: 1 << 20)
            _ = try? await exchange.body.next()
            return Response(status: .unprocessableContent, text: "own")
        }
        let ignoring = SyncHandler { _ in "own" }
        let cases: [(any Handler, Int)] = [(catching, 422), (ignoring, 200)]
        for (handler, status) in cases {
            let outcome = try await Self.outcome(of: [Self.malformedChunk], handler: handler)
            #expect(outcome.response.hasPrefix("HTTP/1.1 \(status) "))
            #expect(outcome.response.hasSuffix("own"))
            #expect(outcome.counted == ["\(status) body.chunkSizeMalformed: 1"])
            #expect(
                outcome.rejections.map(\.message) == [
                    "request body rejected, handler responded"
                ])
            #expect(outcome.rejections.first?.metadata["status"] == "\(status)")
            #expect(outcome.rejections.first?.metadata["path"] == "/a")
        }
    }

    @Test(arguments: [
        "Content-Length: 6\r\n\r\nabcdef",
        "Transfer-Encoding: chunked\r\n\r\n6\r\nabcdef\r\n0\r\n\r\n",
    ])
    func
        `a body that is longer than its handler collects is counted and logged if it responds itself`(
            body: String
        ) async throws
    {
        let catching = AsyncHandler { exchange in
            for _ in 0..<3 { _ = try? await exchange.body.collect(upTo: 5) }
            return "own"
        }
        let next = "GET /next HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        let outcome = try await Self.outcome(
            of: ["POST /a HTTP/1.1\r\nHost: a\r\n\(body)\(next)"], handler: catching)
        #expect(outcome.response.hasSuffix("own"))
        #expect(outcome.counted == ["200 body.tooLarge: 1"])
        #expect(outcome.rejections.map(\.message) == ["request body rejected, handler responded"])
        #expect(outcome.rejections.first?.metadata["status"] == "200")
        #expect(outcome.rejections.first?.metadata["limit"]?.contains("5") == true)
    }

    @Test func `a connection is closed with a response after a body that timed out`() async throws {
        var limits = ServerLimits()
        limits.bodyTimeout = .milliseconds(20)
        let catching = AsyncHandler { exchange in
            _ = try? await exchange.body.next()
            _ = try? await exchange.body.next()
            return Response(status: .unprocessableContent, text: "own")
        }
        let outcome = try await Self.outcome(
            of: ["POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na"], limits: limits,
            handler: catching, closesOutput: false)
        #expect(outcome.response.hasPrefix("HTTP/1.1 422 "))
        #expect(outcome.response.contains("Connection: close\r\n"))
        #expect(outcome.response.hasSuffix("own"))
        #expect(!outcome.log.contains { $0.message == "connection aborted" })
    }

    // MARK: What the application receives

    @Test
    func `a body that is longer than its handler collects is passed to the rejection handler`()
        async throws
    {
        for body in [
            "Content-Length: 6\r\n\r\nabcdef",
            "Transfer-Encoding: chunked\r\n\r\n6\r\nabcdef\r\n0\r\n\r\n",
        ] {
            let outcome = try await Self.outcome(
                of: ["POST /a HTTP/1.1\r\nHost: a\r\n\(body)"],
                handler: AsyncHandler { try await $0.body.collect(upTo: 5) }
            ) { rejected in
                Response(
                    status: rejected.status,
                    text:
                        "\(rejected.cause) \(rejected.limit?.value ?? 0) \(rejected.request?.path ?? "-")"
                )
            }
            #expect(outcome.response.hasPrefix("HTTP/1.1 413 "))
            #expect(outcome.response.hasSuffix("\r\n\r\nbody.tooLarge 5 /a"))
            #expect(outcome.counted == ["413 body.tooLarge: 1"])
            #expect(outcome.rejections.map(\.message) == ["request rejected"])
        }
    }

    @Test(arguments: [
        ("GET /a?b HTTP/1.1\r\nAccept: 1\r\n\r\n", "hostMissing"),
        ("GET /a?b HTTP/3.0\r\nHost: a\r\nAccept: 1\r\n\r\n", "versionUnsupported"),
        ("GET /a?b HTTP/1.1\r\nAccept: 1\r\nHost: a\r\nHost: a\r\n\r\n", "hostRepeated"),
        ("GET /a?b HTTP/1.1\r\nHost: a b\r\nAccept: 1\r\n\r\n", "hostInvalid"),
        ("GET /a?b HTTP/1.1\r\nHost: a\r\nExpect: y\r\nAccept: 1\r\n\r\n", "expectationUnknown"),
        (
            "GET /a?b HTTP/1.1\r\nHost: a\r\nContent-Length: y\r\nAccept: 1\r\n\r\n",
            "framing.lengthMalformed"
        ),
        (
            "GET /a?b HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\nAccept: 1\r\n\r\n",
            "framing.lengthWithTransferEncoding"
        ),
    ])
    func `the application and the log receive the request of a complete head that is rejected`(
        request: String, cause: String
    ) async throws {
        let outcome = try await Self.outcome(of: [request]) { rejected in
            Response(
                status: rejected.status,
                text: "\(rejected.cause) \(rejected.request?.path ?? "-") "
                    + "\(rejected.request?.headers[.accept] ?? "-") \(rejected.request?.bodyLength ?? .unknown)"
            )
        }
        #expect(outcome.response.hasSuffix("\r\n\r\n\(cause) /a 1 none"))
        #expect(outcome.rejections.first?.metadata["path"] == "/a")
        #expect(outcome.rejections.first?.metadata["method"] == "GET")
    }

    @Test(arguments: [
        "GET /a HTTP/1.1\r\nExpect: y\r\nHo", "GET /a HTTP/1.1\r\nExpect: y\r\n:\r\n\r\n",
        "GET /a HTTP/1.1\r\nHost: a\r\n:\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ])
    func `an incomplete or malformed head contains no request`(request: String) async throws {
        let outcome = try await Self.outcome(of: [request]) { rejected in
            Response(status: rejected.status, text: rejected.request == nil ? "none" : "some")
        }
        #expect(outcome.response.hasSuffix("\r\n\r\nnone"))
    }
}
