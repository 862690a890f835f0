import SpoorHTTP
import SpoorMiddleware
import SpoorNetworking
import SpoorTesting
import SpoorText
import TestSupport
import Testing

@Suite(.finishes(within: .seconds(60))) struct DateTests {
    @Test func `each answer has the date of its second, over a kept connection too`() async throws {
        try await withServer(handler: SyncHandler { _ in "x" }) { bound, _ in
            try await RawConnection.connected(to: bound) { peer in
                for _ in 0..<4 {
                    let before = WallClock.secondsSinceEpoch()
                    try await peer.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                    let answer = try await peer.read(until: "\r\n\r\nx")
                    let after = WallClock.secondsSinceEpoch()
                    let line = answer.split(separator: "\r\n").first { $0.hasPrefix("Date: ") }
                    let date = try #require(
                        line.flatMap { HTTPDate(String($0.dropFirst(6)))?.secondsSince1970 })
                    // Made once in a second of the loop's clock, which begins at another moment than the wall's.
                    #expect((before - 1...after).contains(date))
                    try await Task.sleep(for: .milliseconds(700))
                }
            }
        }
    }
}
