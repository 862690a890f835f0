import SpoorHTTP
import SpoorMiddleware
import SpoorNetworking
import SpoorTesting
import SpoorText
import TestSupport
import Testing

@Suite(.finishes(within: .seconds(60))) struct DateTests {
    @Test func `each response has the current date, over an idle connection too`() async throws {
        try await withServer(handler: SyncHandler { _ in "x" }) { bound, _ in
            try await RawConnection.connected(to: bound) { peer in
                for _ in 0..<4 {
                    let before = WallClock.secondsSinceEpoch()
                    try await peer.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                    let received = try await peer.read(until: "\r\n\r\nx")
                    let after = WallClock.secondsSinceEpoch()
                    let line = received.split(separator: "\r\n").first { $0.hasPrefix("Date: ") }
                    let date = try #require(
                        line.flatMap { HTTPDate(String($0.dropFirst(6)))?.secondsSince1970 })
                    // Created once per second of the event loop's clock, which starts at another moment than that of
                    // the wall clock.
                    #expect((before - 1...after).contains(date))
                    try await Task.sleep(for: .milliseconds(700))
                }
            }
        }
    }
}
