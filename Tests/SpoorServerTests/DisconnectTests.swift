import SpoorTesting
import Logging
import SpoorHTTP
import SpoorMiddleware
import SpoorNetworking
import SpoorServer
import TestSupport
import Testing

@Suite(.finishes(within: .seconds(60))) struct DisconnectTests {
    private static let request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test func `a client that disconnects cancels its handler`() async throws {
        let entered = Gate()
        let cancelled = Gate()
        let handler = AsyncHandler { _ in
            entered.open()
            await cancelled.openWhenCancelled()
            return "late"
        }
        try await withServer(handler: handler) { bound, _ in
            try await RawConnection.connected(to: bound) { peer in
                try await peer.send(Self.request)
                try await entered.wait()
                #expect(!cancelled.isOpen)
            }
            try await cancelled.wait()
            #expect(cancelled.isOpen)
        }
    }

    @Test
    func `a client that disconnects from an event stream cancels the wait for the next event`()
        async throws
    {
        let cancelled = Gate()
        let handler = StreamingHandler { exchange in
            try await exchange.response.send(ServerSentEvent("hello", id: "1"))
            await cancelled.openWhenCancelled()
        }
        try await withServer(handler: handler) { bound, _ in
            try await RawConnection.connected(to: bound) { peer in
                try await peer.send(Self.request)
                let stream = try await peer.read(until: "data: hello\n\n")
                #expect(stream.contains("Content-Type: text/event-stream\r\n"))
                #expect(stream.contains("id: 1\n"))
            }
            try await cancelled.wait()
        }
    }

    @Test func `a reset cancels also where a half-close does not`() async throws {
        let cancelled = Gate()
        let entered = Gate()
        let handler = StreamingHandler { exchange in
            try await exchange.response.write("piece")
            try await exchange.response.flush()
            entered.open()
            await cancelled.openWhenCancelled()
        }
        var limits = ServerLimits()
        limits.cancelsWhenClientEndsSending = false
        try await withServer(handler: handler, limits: limits) { bound, _ in
            try await RawConnection.connected(to: bound) { peer in
                try await peer.send(Self.request)
                try await entered.wait()
                #expect(!cancelled.isOpen)
                // Closing with unread bytes makes the kernel reset the connection.
            }
            try await cancelled.wait()
            #expect(cancelled.isOpen)
        }
    }

    @Test func `a client that half-closes receives its response`() async throws {
        let entered = Gate()
        let handler = AsyncHandler { _ in
            entered.open()
            while !Task.isCancelled { await Task.yield() }
            return "all the same"
        }
        try await withServer(handler: handler) { bound, _ in
            let received = try await RawConnection.connected(to: bound) { peer in
                try await peer.send(Self.request)
                try await entered.wait()
                try await peer.closeOutput()
                return try await peer.readToEnd()
            }
            #expect(received.hasPrefix("HTTP/1.1 200 "))
            #expect(received.hasSuffix("all the same"))
            #expect(received.contains("Connection: close\r\n"))
        }
    }

    @Test
    func
        `a client that half-closes gets no response from a handler that returns when it is cancelled`()
        async throws
    {
        let log = LogRecorder()
        let entered = Gate()
        let handler = AsyncHandler { _ in
            entered.open()
            try await Gate().wait()
            return "late"
        }
        try await withServer(middleware: [AccessLog(logger: log.logger)], handler: handler) {
            bound, _ in
            let received = try await RawConnection.connected(to: bound) { peer in
                try await peer.send(Self.request)
                try await entered.wait()
                try await peer.closeOutput()
                return try await peer.readToEnd()
            }
            // As for clients that have disconnected, which cannot be distinguished from this one.
            #expect(received.isEmpty)
            let line = await log.firstLine { $0.message == "request" }
            #expect(line.metadata["status"] == "499" && line.level == .info)
        }
    }

    @Test func `a half-close does not cancel if that is disabled`() async throws {
        let entered = Gate()
        let gate = Gate()
        let handler = AsyncHandler { _ in
            entered.open()
            try await gate.wait()
            return Task.isCancelled ? "cancelled" : "undisturbed"
        }
        var limits = ServerLimits()
        limits.cancelsWhenClientEndsSending = false
        try await withServer(handler: handler, limits: limits) { bound, _ in
            let response = try await RawConnection.connected(to: bound) { peer in
                try await peer.send(Self.request)
                try await entered.wait()
                try await peer.closeOutput()
                gate.open()
                return try await peer.readToEnd()
            }
            #expect(response.hasSuffix("undisturbed"))
        }
    }

    @Test func `a half-close that arrives with the requests cancels none of them`()
        async throws
    {
        let handler = AsyncHandler { _ in
            await Task.yield()
            return Task.isCancelled ? "cancelled" : "whole;"
        }
        try await withServer(handler: handler) { bound, _ in
            let response = try await RawConnection.roundTrip(
                to: bound, [String(repeating: Self.request, count: 3)], closesOutput: true)
            #expect(response.components(of: "whole;").count == 4)
        }
    }

    @Test func `a client that disconnects does not affect others of the event loop`() async throws {
        let entered = Gate()
        var routes = Router()
        routes.get("/") { _ in
            entered.admit()
            try await Gate().wait()
            return "late"
        }
        routes.get("/quick") { _ in Task.isCancelled ? "cancelled" : "quick" }
        try await withServer(handler: routes) { bound, _ in
            for _ in 0..<10 {
                try await RawConnection.connected(to: bound) { peer in
                    try await peer.send(Self.request)
                    try await entered.wait()
                }
                let response = try await RawConnection.roundTrip(
                    to: bound, ["GET /quick HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"])
                #expect(response.hasSuffix("quick"))
            }
        }
    }
}

extension String {
    /// The parts between the occurrences of a text.
    fileprivate func components(of separator: String) -> [Substring] {
        split(separator: separator, omittingEmptySubsequences: false)
    }
}
