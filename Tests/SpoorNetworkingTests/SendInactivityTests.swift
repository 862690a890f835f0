import Testing

@testable import SpoorNetworking

/// The time limit for a peer that accepts nothing, without sockets.
@Suite struct SendInactivityTests {
    private static func at(_ nanoseconds: UInt64) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: nanoseconds)
    }

    /// Returns when a peer times out after 1600 ns, if the peer accepts a byte at each of the instants.
    private static func end(acceptedAt instants: [UInt64]) -> UInt64 {
        var now = at(0)
        var inactivity = SendInactivity(limit: 1600, queuedByteCount: 1000, at: now)
        while !inactivity.hasTimedOut(at: now), now < at(100_000) {
            now = inactivity.nextCheck(after: now)
            let count = 1000 - instants.filter { at($0) <= now }.count
            inactivity.record(queuedByteCount: count, at: now)
        }
        return now.nanoseconds
    }

    @Test func `a peer that accepts nothing times out after the limit`() {
        #expect(Self.end(acceptedAt: []) == 1600)
    }

    @Test(arguments: [1, 99, 100, 450, 1500, 1599] as [UInt64])
    func `accepted bytes defer the timeout, by at most a sixteenth more than the limit`(
        instant: UInt64
    ) {
        let end = Self.end(acceptedAt: [instant])
        #expect(end >= instant + 1600)
        #expect(end <= instant + 1700)
    }

    @Test func `a peer that accepts a byte now and then does not time out`() {
        let end = Self.end(acceptedAt: (0..<20).map { $0 * 1500 })
        #expect(end == 28_500 + 1600)
    }

    @Test func `a peer that sends does not time out`() {
        var inactivity = SendInactivity(limit: 1600, queuedByteCount: 1000, at: Self.at(0))
        inactivity.record(activityAt: Self.at(1000))
        #expect(!inactivity.hasTimedOut(at: Self.at(2599)))
        #expect(inactivity.hasTimedOut(at: Self.at(2600)))
        inactivity.record(activityAt: Self.at(10))
        #expect(inactivity.hasTimedOut(at: Self.at(2600)))
    }

    @Test func `the shortest and the longest limit work`() {
        let shortest = SendInactivity(limit: 0, queuedByteCount: 0, at: Self.at(5))
        #expect(shortest.hasTimedOut(at: Self.at(5)))
        let longest = SendInactivity(limit: .max, queuedByteCount: 0, at: Self.at(5))
        #expect(!longest.hasTimedOut(at: Self.at(.max - 1)))
        #expect(longest.nextCheck(after: Self.at(5)) > Self.at(5))
    }
}
