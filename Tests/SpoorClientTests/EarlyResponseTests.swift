import HTTPTypes
import SpoorHTTP
import SpoorMiddleware
import SpoorNetworking
import SpoorServer
import SpoorTLS
import SpoorTesting
import TestSupport
import Testing

@testable import SpoorClient

/// Final responses that arrive before the whole request has been sent (RFC 9112 §9.5).
@Suite(.finishes(within: .seconds(120))) struct EarlyResponseTests {
    /// What a server does after an early response.
    enum Ending: CaseIterable {
        case readsNoMore, closes, closesOutput, drains
    }

    /// How the body is sent.
    enum Sending: CaseIterable {
        case whole, sized, chunked
    }

    static let bytesCount = 10 << 20

    /// A server that answers the first head that it receives, whatever follows.
    private static func server(
        _ response: String, _ ending: Ending, until done: Gate
    ) throws -> ScriptedServer {
        try ScriptedServer { peer async throws in
            _ = try await peer.read(until: "\r\n\r\n")
            try await peer.send(response)
            switch ending {
            case .closes: return
            case .readsNoMore: break
            case .closesOutput: try await peer.closeOutput()
            case .drains: while try await !peer.read().isEmpty {}
            }
            try await done.wait()
        }
    }

    @Test(arguments: Ending.allCases, Sending.allCases)
    func `an early rejection is received immediately, regardless of what the server does next`(
        ending: Ending, sending: Sending
    ) async throws {
        let done = Gate()
        let close = ending == .drains ? "" : "Connection: close\r\n"
        let server = try Self.server(
            "HTTP/1.1 413 Content Too Large\r\n\(close)Content-Length: 5\r\n\r\nlarge", ending,
            until: done)
        try await HTTPClientTests.withClient(of: server) { client async throws in
            let url = server.url()
            let (status, text): (Int, String)
            if case .whole = sending {
                let response = try await client.execute(
                    HTTPClientRequest(
                        .post, url,
                        body: .bytes([UInt8](repeating: 1, count: Self.bytesCount))))
                (status, text) = (response.status.code, response.text)
            } else {
                (status, text) = try await client.withResponse(
                    to: HTTPClientRequest(.post, url),
                    bodyLength: sending == .sized ? Self.bytesCount : nil
                ) { writer in
                    let piece = [UInt8](repeating: 1, count: 64 << 10)
                    for _ in 0..<Self.bytesCount / piece.count { try await writer.write(piece) }
                } _: { response in
                    let body = try await response.collect(upTo: 5)
                    return (response.status.code, String(decoding: body, as: UTF8.self))
                }
            }
            #expect(status == 413)
            #expect(text == "large")
            done.open()
        }
    }

    @Test(arguments: [false, true])
    func `the response of a handler that rejects a large body without reading it is received`(
        isSecure: Bool
    ) async throws {
        let authority = try TestCertificateAuthority()
        var routes = Router()
        routes.post("/") { _ in Response(status: .contentTooLarge, text: "large") }
        let tls = TLSServerConfiguration(identities: [try authority.serverIdentity()])
        let place = BindAddress.loopback(port: 0)
        let loops = try EventLoopGroup(loopCount: 1)
        let client = HTTPClient(
            limits: .withLongTimeouts,
            tls: TLSClientConfiguration(trustRoots: authority.trustRoots),
            loops: loops)
        try await withServer(
            at: isSecure ? place.tls(tls) : place, handler: routes
        ) { address, _ in
            let body = [UInt8](repeating: 1, count: Self.bytesCount)
            for _ in 0..<3 {
                let response = try await client.execute(
                    HTTPClientRequest(
                        .post, "\(isSecure ? "https" : "http")://\(address)/", body: .bytes(body)))
                #expect(response.status == .contentTooLarge)
                #expect(response.text == "large")
            }
            await client.shutdown()
        }
        await loops.shutdown()
    }

    @Test func `a body of the request value is sent completely although its response came early`()
        async throws
    {
        let taken = Gate()
        let server = try ScriptedServer { peer async throws in
            var received = try await peer.read(until: "\r\n\r\n").utf8.count
            try await peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            while received < Self.bytesCount {
                let count = try await peer.read().count
                guard count > 0 else { return }
                received += count
            }
            taken.open()
        }
        try await HTTPClientTests.withClient(of: server) { client async throws in
            let body = [UInt8](repeating: 1, count: Self.bytesCount)
            let response = try await client.execute(
                HTTPClientRequest(.post, server.url(), body: .bytes(body)))
            #expect(response.text == "ok")
            try await taken.wait()
        }
    }

    @Test func `an early rejection ends a slow writer, and its connection`() async throws {
        let done = Gate()
        let server = try Self.server(
            "HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno", .drains, until: done)
        try await HTTPClientTests.withClient(of: server) { client async throws in
            let answered = Gate()
            let text = try await client.withResponse(to: HTTPClientRequest(.post, server.url())) {
                writer in
                try await writer.write([1])
                // Nothing more is written before the response has arrived.
                try await answered.wait()
                await #expect(throws: ClientError.uploadStopped) { try await writer.write([2]) }
                throw ClientError.uploadStopped
            } _: { response in
                answered.open()
                return String(decoding: try await response.collect(upTo: 2), as: UTF8.self)
            }
            #expect(text == "no")
            done.open()
            _ = try? await client.execute(HTTPClientRequest(.get, server.url()))
            #expect(server.connectionCount == 2)
        }
    }

    @Test func `the connection is kept after a request that was sent completely`() async throws {
        let server = try ScriptedServer(
            respondingWith: "HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno")
        try await HTTPClientTests.withClient(of: server) { client async throws in
            for length in [nil, 3] as [Int?] {
                for _ in 0..<2 {
                    let status = try await client.withResponse(
                        to: HTTPClientRequest(.post, server.url()), bodyLength: length
                    ) {
                        try await $0.write("abc")
                    } _: { response in
                        _ = try await response.collect(upTo: 2)
                        return response.status.code
                    }
                    #expect(status == 401)
                }
            }
            #expect(server.connectionCount == 1)
        }
    }

    @Test func `a peer that neither reads nor sends times out, one that sends does not`()
        async throws
    {
        var limits = ClientLimits()
        limits.readTimeout = .milliseconds(200)
        let done = Gate()
        let silent = try ScriptedServer { peer async throws in
            _ = try await peer.read(until: "\r\n\r\n")
            try await done.wait()
        }
        let body = [UInt8](repeating: 1, count: Self.bytesCount)
        try await HTTPClientTests.withClient(of: silent, limits: limits) { client async throws in
            let error = await #expect(throws: ClientError.self) {
                try await client.execute(HTTPClientRequest(.post, silent.url(), body: .bytes(body)))
            }
            #expect(error?.interruption == .timedOut("send"))
            done.open()
        }
        limits.readTimeout = .seconds(2)
        let slow = try ScriptedServer { peer async throws in
            _ = try await peer.read(until: "\r\n\r\n")
            try await peer.send("HTTP/1.1 200 OK\r\nContent-Length: 25\r\n\r\n")
            for _ in 0..<25 {
                try await Task.sleep(for: .milliseconds(100))
                try await peer.send("x")
            }
            while try await !peer.read().isEmpty {}
        }
        try await HTTPClientTests.withClient(of: slow, limits: limits) { client async throws in
            var text: String?
            // On a busy machine the peer may be late by the whole timeout: then it tries again.
            for _ in 0..<5 where text == nil {
                let request = HTTPClientRequest(.post, slow.url(), body: .bytes(body))
                text = try? await client.execute(request).text
            }
            #expect(text?.utf8.count == 25)
        }
    }
}
