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

/// Requests and responses that are in transit at the same time.
@Suite(.finishes(within: .seconds(120))) struct FullDuplexTests {
    /// More than the kernel's buffers of both ends can hold.
    static let bytesCount = 16 << 20
    private static let pieceCount = 256

    private static func piece(_ number: Int) -> [UInt8] {
        let count = bytesCount / pieceCount
        return [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: count)
    }

    /// Sends every piece of a request back as it arrives.
    private static let echo: Router = {
        var routes = Router()
        routes.stream(.post, "/echo") { exchange in
            while let piece = try await exchange.body.next() {
                try await exchange.response.write(piece)
            }
        }
        return routes
    }()

    /// Runs `body` with a client and an echoing server.
    private static func withEcho(
        isSecure: Bool, _ body: (HTTPClient, String) async throws -> Void
    ) async throws {
        let authority = try TestCertificateAuthority()
        let tls = TLSServerConfiguration(identities: [try authority.serverIdentity()])
        let place = BindAddress.loopback(port: 0)
        let loops = try EventLoopGroup(loopCount: 1)
        var limits = ClientLimits.withLongTimeouts
        limits.maxCollectedBodyBytes = bytesCount
        let client = HTTPClient(
            limits: limits, tls: TLSClientConfiguration(trustRoots: authority.trustRoots),
            loops: loops)
        try await withServer(
            at: isSecure ? place.tls(tls) : place, handler: echo
        ) { address, _ in
            try await body(client, "\(isSecure ? "https" : "http")://\(address)/echo")
            await client.shutdown()
        }
        await loops.shutdown()
    }

    @Test(arguments: [false, true], [nil, bytesCount])
    func `a body that is written is echoed while it is written`(
        isSecure: Bool, length: Int?
    ) async throws {
        try await Self.withEcho(isSecure: isSecure) { client, url in
            for _ in 0..<2 {
                let isWhole = try await client.withResponse(
                    to: HTTPClientRequest(.post, url), bodyLength: length
                ) { writer in
                    for number in 0..<Self.pieceCount { try await writer.write(Self.piece(number)) }
                } _: { response in
                    let echoed = try await response.collect(upTo: Self.bytesCount)
                    return echoed == (0..<Self.pieceCount).flatMap(Self.piece)
                }
                #expect(isWhole)
            }
            #expect(client.counters.connectionsOpened == 1)
        }
    }

    @Test(arguments: [false, true])
    func `a whole body is echoed while it is sent`(isSecure: Bool) async throws {
        try await Self.withEcho(isSecure: isSecure) { client, url in
            let body = (0..<Self.pieceCount).flatMap(Self.piece)
            for _ in 0..<2 {
                let response = try await client.execute(
                    HTTPClientRequest(.post, url, body: .bytes(body)))
                #expect(response.body == body)
            }
            #expect(client.counters.connectionsOpened == 1)
        }
    }

    @Test func `each piece may respond to the one before`() async throws {
        try await Self.withEcho(isSecure: false) { client, url in
            let (echoes, received) = AsyncStream.makeStream(of: [UInt8].self)
            let count = try await client.withResponse(to: HTTPClientRequest(.post, url)) { writer in
                try await writer.write([0])
                for await echo in echoes {
                    guard echo[0] < 99 else { return }
                    try await writer.write([echo[0] + 1])
                }
            } _: { response in
                var count = 0
                while let piece = try await response.next() {
                    count += piece.count
                    received.yield(piece)
                }
                return count
            }
            #expect(count == 100)
        }
    }

    // MARK: Ends

    private struct Own: Error, Equatable {}

    @Test func `an error of the writer ends the exchange, and is thrown to the caller`()
        async throws
    {
        try await Self.withEcho(isSecure: false) { client, url in
            let seen = Seen()
            let result = await Result.of {
                try await client.withResponse(to: HTTPClientRequest(.post, url)) { writer in
                    try await writer.write([1, 2, 3])
                    try await seen.gate.wait()
                    throw Own()
                } _: { response async throws in
                    #expect(try await response.next() == [1, 2, 3])
                    seen.gate.open()
                    await #expect(throws: ClientError.requestBodyFailed) {
                        try await response.next()
                    }
                    // The reader's reaction does not matter.
                }
            }
            #expect(throws: Own()) { try result.get() }
        }
    }

    @Test func `an error of the reader, or its return, cancels the writer`() async throws {
        try await Self.withEcho(isSecure: false) { client, url in
            for throwsError in [true, false] {
                let seen = Seen()
                let result = await Result.of {
                    try await client.withResponse(to: HTTPClientRequest(.post, url)) { writer in
                        defer { seen.ended.open() }
                        while true { try await writer.write([1]) }
                    } _: { response in
                        _ = try await response.next()
                        if throwsError { throw Own() }
                    }
                }
                if case .failure(let error) = result {
                    #expect(throwsError && error is Own)
                } else {
                    #expect(!throwsError)
                }
                try await seen.ended.wait()
            }
            let response = try await client.execute(HTTPClientRequest(.post, url, body: .text("a")))
            #expect(response.text == "a")
        }
    }

    @Test func `cancelling ends both sides`() async throws {
        try await Self.withEcho(isSecure: false) { client, url in
            let seen = Seen()
            let task = Task {
                try await client.withResponse(to: HTTPClientRequest(.post, url)) { writer in
                    try await writer.write([1])
                    seen.gate.open()
                    // More than is ever echoed to a reader that does not read.
                    let error = await #expect(throws: ClientError.self) {
                        while true { try await writer.write(Self.piece(0)) }
                    }
                    #expect(error == .cancelled)
                    seen.ended.open()
                } _: { response in
                    try await seen.ended.wait()
                    _ = try await response.next()
                }
            }
            try await seen.gate.wait()
            task.cancel()
            await #expect(throws: (any Error).self) { try await task.value }
        }
    }

    private struct Seen: Sendable {
        let gate = Gate()
        let ended = Gate()
    }
}

extension Result where Failure == any Error {
    fileprivate static func of(_ body: () async throws -> Success) async -> Self {
        do { return .success(try await body()) } catch { return .failure(error) }
    }
}
