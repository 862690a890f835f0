import JaegerCollector
import Logging
import SpoorNetworking
import SpoorServer
import TestSupport
import Testing

@Suite(.finishes(within: .seconds(60))) struct CollectorTests {
    private static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func collector(queryPort: Int = 0) throws -> Collector {
        try Collector(
            CollectorConfiguration(queryPort: queryPort, ingestPort: 0, otlpPort: 0),
            logger: Self.quiet)
    }

    private func port(_ url: String) throws -> UInt16 {
        let digits = url.dropFirst("http://127.0.0.1:".count).prefix { $0.isNumber }
        return try #require(UInt16(digits))
    }

    private func get(_ path: String, port: UInt16) async throws -> String {
        let request = "GET \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        return try await PlainExchange.text(of: Array(request.utf8), at: port)
    }

    @Test func `receives spans on one port and shows them on the other`() async throws {
        let collector = try collector()
        async let ended: Void = collector.run()
        let addresses = try await collector.addresses()
        #expect(addresses.ingest.hasSuffix("/api/traces"))
        let ingest = try port(addresses.ingest)
        let query = try port(addresses.query)

        let body = try Golden.body("jaeger-client-go-1")
        let head = """
            POST /api/traces?format=jaeger.thrift HTTP/1.1\r
            Host: localhost\r
            Content-Type: application/x-thrift\r
            Content-Length: \(body.count)\r
            Connection: close\r
            \r

            """
        let accepted = try await PlainExchange.text(of: Array(head.utf8) + body, at: ingest)
        #expect(accepted.hasPrefix("HTTP/1.1 202 "))
        #expect(collector.store.counts.keptSpans == 3)

        let found = try await get("/api/traces?tag=span.kind:server", port: query)
        #expect(found.hasPrefix("HTTP/1.1 200 "))
        #expect(found.contains("GET /köttur"))
        #expect(try await get("/trace/1", port: query).contains("<!doctype html>"))
        #expect(try await get("/", port: ingest).hasPrefix("HTTP/1.1 404 "))
        #expect(try await get("/api/traces", port: ingest).hasPrefix("HTTP/1.1 405 "))

        collector.triggerGracefulShutdown()
        try await ended
    }

    @Test func `the ports for spans accept both formats`() async throws {
        let collector = try collector()
        async let ended: Void = collector.run()
        let addresses = try await collector.addresses()
        let otlp = try #require(addresses.otlp)
        #expect(otlp.hasSuffix("/v1/traces"))
        for url in [addresses.ingest, otlp] {
            let port = try port(url)
            for (path, type, body) in [
                ("/v1/traces", "application/x-protobuf", try Golden.otlpBody()),
                ("/api/traces", "application/x-thrift", try Golden.body("jaeger-client-go-1")),
            ] {
                let head = """
                    POST \(path) HTTP/1.1\r
                    Host: localhost\r
                    Content-Type: \(type)\r
                    Content-Length: \(body.count)\r
                    Connection: close\r
                    \r

                    """
                let response = try await PlainExchange.text(of: Array(head.utf8) + body, at: port)
                #expect(response.hasPrefix("HTTP/1.1 20"))
            }
        }
        #expect(collector.store.counts.keptSpans == 10)
        collector.triggerGracefulShutdown()
        try await ended
    }

    @Test func `other hosts are rejected on all ports, in the form that the client reads`()
        async throws
    {
        let collector = try collector()
        async let ended: Void = collector.run()
        let addresses = try await collector.addresses()
        func response(_ head: String, at url: String) async throws -> String {
            let request = head + "\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
            return try await PlainExchange.text(of: Array(request.utf8), at: try port(url))
        }
        let page = try await response(
            "GET /api/services HTTP/1.1\r\nHost: evil.example", at: addresses.query)
        #expect(page.hasPrefix("HTTP/1.1 403 "))
        #expect(page.contains("Host “evil.example” is not allowed"))
        let otlp = try await response(
            "POST /v1/traces HTTP/1.1\r\nHost: evil.example\r\nContent-Type: application/json",
            at: try #require(addresses.otlp))
        #expect(otlp.hasPrefix("HTTP/1.1 403 "))
        #expect(otlp.contains(#"{"code":7,"message":"Host “evil.example”"#))
        let method = try await response(
            "GET /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json",
            at: addresses.ingest)
        #expect(method.hasPrefix("HTTP/1.1 405 "))
        #expect(method.contains(#"{"code":12,"message":"405"#))
        #expect(method.lowercased().contains("\r\nallow: "))
        for host in ["localhost", "127.0.0.1:1", "[::1]"] {
            let allowed = try await response(
                "GET /api/services HTTP/1.1\r\nHost: \(host)", at: addresses.query)
            #expect(allowed.hasPrefix("HTTP/1.1 200 "))
        }
        collector.triggerGracefulShutdown()
        try await ended
    }

    @Test func `names can be allowed`() async throws {
        let collector = try Collector(
            CollectorConfiguration(
                queryPort: 0, ingestPort: 0, allowedHosts: ["traces.example"]),
            logger: Self.quiet)
        async let ended: Void = collector.run()
        let query = try port(try await collector.addresses().query)
        let request =
            "GET /api/services HTTP/1.1\r\nHost: traces.example:1\r\nConnection: close\r\n\r\n"
        let response = try await PlainExchange.text(of: Array(request.utf8), at: query)
        #expect(response.hasPrefix("HTTP/1.1 200 "))
        collector.triggerGracefulShutdown()
        try await ended
    }

    @Test func `requests that the HTTP layer rejects are answered in the form of OTLP`()
        async throws
    {
        let collector = try collector()
        async let ended: Void = collector.run()
        let addresses = try await collector.addresses()
        let otlp = try port(try #require(addresses.otlp))
        let ingest = try port(addresses.ingest)
        func response(_ request: String, at port: UInt16) async throws -> String {
            try await PlainExchange.text(of: Array(request.utf8), at: port)
        }
        let noHost = "POST /v1/traces HTTP/1.1\r\nContent-Length: 0\r\n\r\n"
        let malformed = try await response(noHost, at: otlp)
        #expect(malformed.hasPrefix("HTTP/1.1 400 "))
        #expect(malformed.contains("Content-Type: application/x-protobuf"))
        #expect(malformed.contains("\u{8}\u{3}\u{12}"))
        #expect(malformed.contains("400 Bad Request: hostMissing"))
        let long = String(repeating: "a", count: 40_000)
        let tooLarge = try await response(
            "POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nX: \(long)\r\n\r\n", at: otlp)
        #expect(tooLarge.hasPrefix("HTTP/1.1 431 "))
        #expect(tooLarge.contains("\u{8}\u{8}\u{12}"))
        #expect(tooLarge.contains("the limit is 32768 bytes"))
        // If the head was received, the path and the encoding of the request decide, else the port.
        for port in [otlp, ingest] {
            for (line, status) in [
                ("X: 1", 400), ("Host: localhost\r\nExpect: y", 417),
                ("Host: localhost\r\nContent-Length: y", 400),
            ] {
                for type in ["application/x-protobuf", "application/json"] {
                    let rejected = try await response(
                        "POST /v1/traces HTTP/1.1\r\n\(line)\r\nContent-Type: \(type)\r\n\r\n",
                        at: port)
                    #expect(rejected.hasPrefix("HTTP/1.1 \(status) "))
                    #expect(rejected.contains("Content-Type: \(type)\r\n"))
                }
            }
        }
        let other = try await response("POST /api/traces HTTP/1.1\r\n\r\n", at: ingest)
        #expect(other.contains("Content-Type: text/plain"))
        #expect(other.contains("400 Bad Request: hostMissing"))
        let newer = try await response("POST /v1/traces HTTP/3.0\r\n\r\n", at: ingest)
        #expect(newer.hasPrefix("HTTP/1.1 505 "))
        #expect(newer.contains("Content-Type: application/x-protobuf"))
        // What OTLP defines and this collector does not support.
        let metrics = try await response(
            """
            POST /v1/metrics HTTP/1.1\r
            Host: localhost\r
            Content-Type: application/x-protobuf\r
            Content-Length: 0\r
            Connection: close\r
            \r

            """, at: otlp)
        #expect(metrics.hasPrefix("HTTP/1.1 404 "))
        #expect(metrics.contains("\u{8}\u{5}\u{12}"))
        collector.triggerGracefulShutdown()
        try await ended
    }

    @Test func `the port for OTLP is optional`() async throws {
        let collector = try Collector(
            CollectorConfiguration(queryPort: 0, ingestPort: 0), logger: Self.quiet)
        async let ended: Void = collector.run()
        #expect(try await collector.addresses().otlp == nil)
        collector.triggerGracefulShutdown()
        try await ended
    }

    @Test func `a port in use ends all servers`() async throws {
        let first = try collector()
        async let ended: Void = first.run()
        let taken = try port(try await first.addresses().query)
        let second = try collector(queryPort: Int(taken))
        await #expect(throws: ServerError.self) { try await second.run() }
        await #expect(throws: ServerError.self) { try await second.addresses() }
        first.triggerGracefulShutdown()
        try await ended
    }

    @Test(arguments: [("localhost", 0), ("", 0), ("127.0.0.1", 65_536), ("127.0.0.1", -1)])
    func `rejects invalid addresses`(host: String, port: Int) {
        #expect(throws: CollectorError.invalidAddress(host: host, port: port)) {
            try Collector(CollectorConfiguration(host: host, queryPort: port), logger: Self.quiet)
        }
    }
}
