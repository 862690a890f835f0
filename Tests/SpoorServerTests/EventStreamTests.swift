import HTTPTypes
import SpoorHTTP
import SpoorMiddleware
import SpoorNetworking
import SpoorServer
import SpoorTesting
import TestSupport
import Testing

/// Event streams that a handler returns as a sequence of events.
@Suite(.finishes(within: .seconds(60))) struct EventStreamTests {
    private struct Failure: Error {}

    private static func numbers(after id: String?) -> AsyncStream<ServerSentEvent> {
        let first = id.flatMap { Int($0) }.map { $0 + 1 } ?? 1
        return AsyncStream { stream in
            for number in first...3 { stream.yield(ServerSentEvent("n\(number)", id: "\(number)")) }
            stream.finish()
        }
    }

    @Test(arguments: TestMode.allCases)
    func `the events of a sequence are sent, and the stream ends with it`(
        mode: TestMode
    ) async throws {
        let handler = SyncHandler { exchange in
            Response.events(
                Self.numbers(after: exchange.request.headers.lastEventID), headers: ["X-A": "1"])
        }
        try await withTestClient(over: mode, handler: handler) { client async throws in
            let all = try await client.get("/")
            #expect(all.text == "id: 1\ndata: n1\n\nid: 2\ndata: n2\n\nid: 3\ndata: n3\n\n")
            #expect(all["Content-Type"] == "text/event-stream" && all["X-A"] == "1")
            #expect(all["Cache-Control"] == "no-cache")
            let rest = try await client.get("/", headers: ["Last-Event-ID": "2"])
            #expect(rest.text == "id: 3\ndata: n3\n\n")
            let head = try await client.head("/")
            #expect(head["Content-Type"] == "text/event-stream" && head.body.isEmpty)
            #expect(head["Cache-Control"] == "no-cache")
        }
    }

    // P090
    @Test(arguments: TestMode.allCases)
    func `a silent stream has heartbeats between events`(mode: TestMode) async throws {
        let (events, feed) = AsyncStream.makeStream(of: ServerSentEvent.self)
        let handler = SyncHandler { _ in
            Response.events(events, heartbeat: .milliseconds(5))
        }
        try await withTestClient(over: mode, handler: handler) { client async throws in
            try await client.withRawConnection { peer in
                try await peer.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                _ = try await peer.read(until: ": \n\n")
                _ = try await peer.read(until: ": \n\n")
                feed.yield(ServerSentEvent("a"))
                _ = try await peer.read(until: "data: a\n\n")
                _ = try await peer.read(until: ": \n\n")
                feed.finish()
                #expect(try await peer.read(until: "0\r\n\r\n").hasSuffix("0\r\n\r\n"))
            }
        }
    }

    // P091
    @Test func `a client that only listens is not disconnected as idle`() async throws {
        let (events, feed) = AsyncStream.makeStream(of: ServerSentEvent.self)
        let handler = SyncHandler { _ in
            Response.events(events, heartbeat: .milliseconds(20))
        }
        var limits = ServerLimits()
        limits.idleTimeout = .milliseconds(30)
        limits.headTimeout = .milliseconds(30)
        limits.bodyTimeout = .milliseconds(30)
        try await withTestClient(handler: handler, limits: limits) { client async throws in
            try await client.withRawConnection { peer async throws in
                try await peer.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                // For three times the timeouts at least.
                for _ in 0..<5 { _ = try await peer.read(until: ": \n\n") }
                feed.yield(ServerSentEvent("a"))
                feed.finish()
                let rest = try await peer.read(until: "0\r\n\r\n")
                #expect(rest.contains("data: a\n\n") && rest.hasSuffix("0\r\n\r\n"))
            }
        }
    }

    // P087, P092
    @Test func `an event with a line break in its id aborts the stream and is not sent`()
        async throws
    {
        let handler = SyncHandler { _ in
            Response.events(
                AsyncStream { stream in
                    stream.yield(ServerSentEvent("first"))
                    stream.yield(ServerSentEvent("x", id: "abc\ndata: inj\n\nid: n"))
                    stream.finish()
                })
        }
        try await withTestClient(handler: handler) { client async throws in
            let text = try await client.roundTrip(["GET / HTTP/1.1\r\nHost: a\r\n\r\n"])
            #expect(text.contains("data: first\n\n") && !text.contains("inj"))
            #expect(!text.hasSuffix("0\r\n\r\n"))
        }
    }

    @Test(arguments: [Duration.seconds(Int64.max), .zero, .seconds(-1)])
    func `an interval of heartbeats may have any value`(heartbeat: Duration) async throws {
        let handler = SyncHandler { _ in
            Response.events(Self.numbers(after: nil), heartbeat: heartbeat)
        }
        try await withTestClient(handler: handler) { client async throws in
            #expect(try await client.get("/").text.hasSuffix("id: 3\ndata: n3\n\n"))
        }
    }

    @Test func `a graceful shutdown ends the stream with a last event`() async throws {
        let (events, feed) = AsyncStream.makeStream(of: ServerSentEvent.self)
        let handler = SyncHandler { _ in
            Response.events(events, lastEvent: ServerSentEvent("bye", event: "end"))
        }
        feed.yield(ServerSentEvent("a"))
        try await withServer(handler: handler) { bound, server in
            try await RawConnection.connected(to: bound) { peer in
                try await peer.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                _ = try await peer.read(until: "data: a\n\n")
                server.triggerGracefulShutdown()
                let rest = try await peer.readToEnd()
                #expect(rest.contains("event: end\ndata: bye\n\n"))
                #expect(rest.hasSuffix("0\r\n\r\n"))
            }
        }
    }

    @Test func `the sequence is cancelled when the client disconnects`() async throws {
        let (events, feed) = AsyncStream.makeStream(of: ServerSentEvent.self)
        let ended = Gate()
        feed.onTermination = { _ in ended.open() }
        feed.yield(ServerSentEvent("a"))
        try await withServer(handler: SyncHandler { _ in Response.events(events) }) { bound, _ in
            try await RawConnection.connected(to: bound) { peer in
                try await peer.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await peer.read(until: "data: a\n\n").hasSuffix("data: a\n\n"))
            }
            try await ended.wait()
        }
    }

    @Test func `an error of the sequence aborts the stream`() async throws {
        let handler = SyncHandler { _ in
            Response.events(
                AsyncThrowingStream<ServerSentEvent, any Error> { stream in
                    stream.yield(ServerSentEvent("a"))
                    stream.finish(throwing: Failure())
                })
        }
        try await withServer(handler: handler) { bound, _ in
            try await RawConnection.connected(to: bound) { peer in
                try await peer.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                _ = try await peer.read(until: "data: a\n\n")
                await #expect(!((try? peer.readToEnd()) ?? "").hasSuffix("0\r\n\r\n"))
            }
        }
    }

    @Test func `a client that does not read suspends the sequence`() async throws {
        let made = Count()
        let text = String(repeating: "x", count: 1 << 16)
        let events = AsyncStream(unfolding: { () -> ServerSentEvent? in
            made.add(1)
            return made.value > 1024 ? nil : ServerSentEvent(text)
        })
        try await withServer(handler: SyncHandler { _ in Response.events(events) }) {
            bound, server in
            try await RawConnection.connected(to: bound) { peer in
                try await peer.send("GET / HTTP/1.0\r\n\r\n")
                #expect(await made.settled { _ = await server.counters } < 1024)
            }
        }
    }
}
