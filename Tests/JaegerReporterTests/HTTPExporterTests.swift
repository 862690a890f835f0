import HTTPTypes
import SpoorClient
import SpoorHTTP
import SpoorMiddleware
import SpoorServer
import SpoorTesting
import SpoorTLS
import Synchronization
import TestSupport
import Testing

@testable import JaegerReporter

@Suite(.finishes(within: .seconds(60))) struct HTTPExporterTests {
    private static let accepted = "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"
    private struct TokenExpired: Error {}

    /// Limits whose timeouts no test reaches accidentally.
    private static var patient: ReporterLimits {
        var limits = ReporterLimits()
        limits.exportTimeout = .seconds(3600)
        return limits
    }

    /// Returns what a collector receives for some bodies, and the results of its responses.
    private func exchange(
        _ bodies: [ExportBody] = [ExportBody(bytes: [0x61])],
        respondingWith text: String = accepted,
        path: String = "/api/traces", format: WireFormat = .jaegerThrift,
        limits: ReporterLimits = patient, _ change: (inout CollectorEndpoint) -> Void = { _ in }
    ) async throws -> (requests: [String], results: [ExportResult]) {
        try await withScriptedServer { peer in
            try await peer.respondToAll(with: text)
        } _: { server in
            var endpoint = CollectorEndpoint(server.url(path), format: format)
            change(&endpoint)
            let sender = HTTPExporter(endpoint, limits: limits)
            var results: [ExportResult] = []
            for body in bodies { results.append(await sender.export(body)) }
            await sender.shutdown()
            return (server.requests, results)
        }
    }

    @Test
    func
        `posts to the whole path and query, with the content type of the format and no content coding`()
        async throws
    {
        let (requests, results) = try await exchange(path: "/a/traces?format=jaeger.thrift&x=%20")
        let request = try #require(requests.first)
        #expect(request.hasPrefix("POST /a/traces?format=jaeger.thrift&x=%20 HTTP/1.1\r\n"))
        #expect(request.contains("\r\nContent-Type: application/x-thrift\r\n"))
        #expect(request.contains("\r\nContent-Length: 1\r\n"))
        #expect(!request.lowercased().contains("content-encoding"))
        #expect(!request.lowercased().contains("authorization"))
        #expect(request.hasSuffix("\r\n\r\na"))
        #expect(results == [.success()])
    }

    @Test func `OTLP has its own content type, and gzip sets the content coding`() async throws {
        let packed = try #require(Gzip.compressed([1, 2, 3]))
        let (requests, _) = try await exchange(
            [ExportBody(bytes: packed, isGzip: true)], format: .otlp)
        let request = try #require(requests.first)
        #expect(request.contains("\r\nContent-Type: application/x-protobuf\r\n"))
        #expect(request.contains("\r\nContent-Encoding: gzip\r\n"))
    }

    @Test func `sends credentials and configured headers`() async throws {
        let (requests, _) = try await exchange {
            $0.authorization = .basic(user: "Aladdin", password: "open sesame")
            $0.headers = [.from: "me"]
        }
        let request = try #require(requests.first)
        #expect(request.contains("\r\nAuthorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"))
        #expect(request.contains("\r\nFrom: me\r\n"))
    }

    @Test func `calls the header provider before each attempt`() async throws {
        let count = Atomic(0)
        let (requests, _) = try await exchange([.init(bytes: [1]), .init(bytes: [2])]) {
            $0.headerProvider = {
                let number = count.add(1, ordering: .relaxed).newValue
                return [.authorization: "Bearer token-\(number)"]
            }
        }
        #expect(requests.count == 2)
        #expect(requests[0].contains("Bearer token-1"))
        #expect(requests[1].contains("Bearer token-2"))
    }

    @Test func `without headers nothing is sent, and the attempt is retried`() async throws {
        let (requests, results) = try await exchange {
            $0.headerProvider = { throw TokenExpired() }
        }
        #expect(requests.isEmpty)
        #expect(
            results == [.retryable("header provider failed: threw an error of type TokenExpired")])
    }

    @Test func `a header provider that hangs does not block the export`() async throws {
        let never = Gate()
        var limits = Self.patient
        limits.exportTimeout = .milliseconds(5)
        let (requests, results) = try await exchange(limits: limits) {
            $0.headerProvider = {
                await Task.detached { () -> Void in try? await never.wait() }.value
                return [:]
            }
        }
        #expect(requests.isEmpty)
        #expect(results == [.retryable("header provider failed: timed out")])
        never.open()
    }

    @Test func `an invalid header is rejected without its value in the message`() async throws {
        let (requests, results) = try await exchange {
            $0.authorization = .bearer("sec\r\nret")
        }
        #expect(requests.isEmpty)
        guard case .failure(let reason) = results.first else {
            Issue.record("\(results)")
            return
        }
        #expect(!reason.contains("sec"))
    }

    @Test func `a redirect is not followed`() async throws {
        let (requests, results) = try await exchange(
            respondingWith: "HTTP/1.1 307 T\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n")
        #expect(requests.count == 1)
        #expect(
            results == [
                .failure(
                    "the collector responded with 307: a redirect to /elsewhere, which is not followed"
                )
            ])
    }

    @Test func `a response that contains a credential is redacted`() async throws {
        let (_, results) = try await exchange(
            respondingWith: "HTTP/1.1 401 U\r\nContent-Length: 15\r\n\r\nno such: sesame"
        ) { $0.authorization = .bearer("sesame") }
        #expect(
            results == [
                .failure(
                    "the collector's response contains a header of the request and is not shown")
            ])
    }

    @Test func `an accepted batch is not sent again if the response body is incomplete`()
        async throws
    {
        try await withScriptedServer { peer in
            _ = try await peer.readRequest()
            try await peer.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab")
        } _: { server in
            let sender = HTTPExporter(.jaeger(server.url()), limits: Self.patient)
            #expect(await sender.export(ExportBody(bytes: [1])) == .success())
            await sender.shutdown()
        }
    }

    @Test(arguments: [
        ("400 B", ExportResult.failure("the collector responded with 400: ab")),
        ("413 T", .failure("the collector responded with 413: ab")),
        (
            "503 S\r\nRetry-After: 30",
            .retryable("the collector responded with 503: ab", retryAfter: .seconds(30))
        ),
    ])
    func `a response with an incomplete body is evaluated by its status`(
        head: String, result: ExportResult
    )
        async throws
    {
        try await withScriptedServer { peer in
            _ = try await peer.readRequest()
            try await peer.send("HTTP/1.1 \(head)\r\nContent-Length: 9\r\n\r\nab")
        } _: { server in
            let sender = HTTPExporter(.jaeger(server.url()), limits: Self.patient)
            #expect(await sender.export(ExportBody(bytes: [1])) == result)
            await sender.shutdown()
        }
    }

    @Test func `a response with a hanging body is evaluated by its status`() async throws {
        try await withScriptedServer { peer in
            _ = try await peer.readRequest()
            try await peer.send("HTTP/1.1 400 B\r\nContent-Length: 9\r\n\r\nab")
            _ = try await peer.read()
        } _: { server in
            let expected = ExportResult.failure("the collector responded with 400: ab")
            var result: ExportResult?
            // On a busy machine parts of the response may be received later than the first of these.
            for timeout in [1, 10, 60] where result != expected {
                var limits = Self.patient
                limits.exportTimeout = .seconds(timeout)
                let sender = HTTPExporter(.jaeger(server.url()), limits: limits)
                result = await sender.export(ExportBody(bytes: [1]))
                await sender.shutdown()
            }
            #expect(result == expected)
        }
    }

    @Test func `the export timeout limits every part of an attempt`() {
        var limits = ReporterLimits()
        (limits.exportTimeout, limits.maxConnectionAge) = (.seconds(120), .seconds(50))
        let client = HTTPExporter.clientLimits(limits)
        #expect(client.requestTimeout == .seconds(120))
        #expect(client.connectTimeout == .seconds(120))
        #expect(client.readTimeout == .seconds(120))
        #expect(client.idleTimeout == .seconds(50))
    }

    @Test func `batches share a connection, and have a user agent`() async throws {
        try await withScriptedServer { peer in
            try await peer.respondToAll(with: Self.accepted)
        } _: { server in
            let sender = HTTPExporter(.jaeger(server.url()), limits: Self.patient)
            for _ in 0..<5 { #expect(await sender.export(ExportBody(bytes: [1])) == .success()) }
            #expect(server.connectionCount == 1)
            #expect(server.requests.allSatisfy { $0.contains("\r\nUser-Agent: Spoor/") })
            await sender.shutdown()
        }
    }

    @Test func `an endless response is not read completely`() async throws {
        try await withScriptedServer { peer in
            _ = try await peer.readRequest()
            try await peer.send("HTTP/1.1 503 S\r\nTransfer-Encoding: chunked\r\n\r\n")
            while true {
                try await peer.send("1000\r\n" + String(repeating: "a", count: 4096) + "\r\n")
            }
        } _: { server in
            let sender = HTTPExporter(.jaeger(server.url()), limits: Self.patient)
            let result = await sender.export(ExportBody(bytes: [1]))
            let line = String(repeating: "a", count: 200)
            #expect(result == .retryable("the collector responded with 503: \(line)"))
            await sender.shutdown()
        }
    }

    @Test(arguments: [
        "ftp://h/", "h:1/x", "http://user:secret@h/", "http://h:99999/", "",
    ])
    func `an invalid URL is rejected without its contents in the message`(url: String) async {
        let sender = HTTPExporter(.jaeger(url), limits: Self.patient)
        guard case .failure(let reason) = await sender.export(ExportBody(bytes: [1])) else {
            Issue.record("\(url) must not be retried")
            return
        }
        #expect(!reason.contains("secret"))
    }

    @Test func `a cancelled attempt results in cancelled`() async throws {
        let asked = Gate()
        try await withScriptedServer { peer in
            _ = try await peer.readRequest()
            asked.open()
            _ = try await peer.read()
        } _: { server in
            let sender = HTTPExporter(.jaeger(server.url()), limits: Self.patient)
            let sending = Task { await sender.export(ExportBody(bytes: [1])) }
            try await asked.wait()
            sending.cancel()
            #expect(await sending.value == .cancelled)
            await sender.shutdown()
        }
    }

    @Test func `posts over https only to servers that the configured roots certify`() async throws {
        let authority = try TestCertificateAuthority()
        let tls = TLSServerConfiguration(identities: [try authority.serverIdentity()])
        var routes = Router()
        routes.post("/api/traces") { _ in Response(status: .accepted) }
        try await withServer(at: .loopback(port: 0).tls(tls), handler: routes) {
            address, _ in
            var endpoint = CollectorEndpoint.jaeger("https://\(address)/api/traces")
            let stranger = HTTPExporter(endpoint, limits: Self.patient)
            guard case .retryable = await stranger.export(ExportBody(bytes: [1])) else {
                Issue.record("the system's roots do not know that server")
                return
            }
            endpoint.tls.trustRoots = authority.trustRoots
            let sender = HTTPExporter(endpoint, limits: Self.patient)
            #expect(await sender.export(ExportBody(bytes: [1])) == .success())
            await sender.shutdown()
            await stranger.shutdown()
        }
    }

    @Test func `a connection that is too old is replaced`() async throws {
        try await withScriptedServer { peer in
            try await peer.respondToAll(with: Self.accepted)
        } _: { server in
            var limits = Self.patient
            limits.maxConnectionAge = .zero
            let sender = HTTPExporter(.jaeger(server.url()), limits: limits)
            for _ in 0..<3 { #expect(await sender.export(ExportBody(bytes: [1])) == .success()) }
            #expect(server.connectionCount == 3)
            await sender.shutdown()
        }
    }
}
