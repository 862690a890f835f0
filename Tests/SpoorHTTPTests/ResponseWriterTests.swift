import HTTPTypes
import SpoorHTTP
import TestSupport
import Testing

@Suite struct ResponseWriterTests {
    private static let large = String(repeating: "spoor ", count: 100_000)

    @Test func `a large body is sent in pieces, both complete and written`() async throws {
        let ways: [(Exchange) async throws -> Void] = [
            { try await $0.response.send(Response(text: Self.large)) },
            { try await $0.response.send(Response(bytes: Array(Self.large.utf8))) },
            { try await $0.response.write(Self.large) },
            { try await $0.response.write(Array(Self.large.utf8)) },
        ]
        for way in ways {
            let wire = RecordingTransport()
            try await way(.stub(over: wire))
            #expect(wire.text == Self.large)
            #expect(wire.headCount == 1)
            #expect(wire.longestPiece <= 64 << 10)
        }
    }

    @Test func `a large complete response keeps its status and headers, and ends`() async throws {
        let wire = RecordingTransport()
        let exchange = Exchange.stub(over: wire)
        try await exchange.response.send(
            Response(status: .created, headers: [.location: "/new"], text: Self.large))
        #expect(wire.isFinished)
        #expect(exchange.response.isComplete)
        #expect(exchange.response.status == .created)
        #expect(exchange.response.headers[.location] == "/new")
        #expect(exchange.response.headers[.contentType] == "text/plain; charset=utf-8")
        #expect(exchange.response.bodyBytesSent == Self.large.utf8.count)
    }

    private struct Gone: Error {}

    @Test func `a serialized response that waits for the kernel is not replaced`()
        async throws
    {
        let ways: [(Exchange) async throws -> Void] = [
            { try await $0.response.send(Response(text: "all of it")) },
            { try await $0.response.finish() },
            {
                try await $0.response.write("a piece")
                try await $0.response.finish()
            },
        ]
        for way in ways {
            let wire = RecordingTransport()
            wire.drainFault = Gone()
            let exchange = Exchange.stub(over: wire)
            await #expect(throws: Gone.self) { try await way(exchange) }
            #expect(exchange.response.isHeadSent)
            #expect(!exchange.response.isComplete)
            await #expect(throws: ResponseStateError.headAlreadySent) {
                try await exchange.response.send(Response(status: .requestTimeout))
            }
            // As the chain does when a handler has caught the error.
            try await exchange.response.finish()
            #expect(wire.headCount == 1)
            #expect(!exchange.response.isComplete)
        }
    }
}
