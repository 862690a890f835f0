import Testing

@testable import SpoorNetworking

/// The time for which a peer accepts nothing, without sockets.
@Suite struct SendSilenceTests {
    private static func at(_ nanoseconds: UInt64) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: nanoseconds)
    }

    /// Returns when a silence of 1600 ns is over, if the peer accepts a byte at each of the instants.
    private static func end(acceptedAt instants: [UInt64]) -> UInt64 {
        var now = at(0)
        var silence = SendSilence(limit: 1600, queuedByteCount: 1000, at: now)
        while !silence.isOver(at: now), now < at(100_000) {
            now = silence.nextCheck(after: now)
            let count = 1000 - instants.filter { at($0) <= now }.count
            silence.note(queuedByteCount: count, at: now)
        }
        return now.nanoseconds
    }

    @Test func `a silence ends after its limit`() {
        #expect(Self.end(acceptedAt: []) == 1600)
    }

    @Test(arguments: [1, 99, 100, 450, 1500, 1599] as [UInt64])
    func `bytes that are accepted meanwhile defer the end to at most a sixteenth after the limit`(
        instant: UInt64
    ) {
        let end = Self.end(acceptedAt: [instant])
        #expect(end >= instant + 1600)
        #expect(end <= instant + 1700)
    }

    @Test func `a peer that accepts a byte now and then is not silent`() {
        let end = Self.end(acceptedAt: (0..<20).map { $0 * 1500 })
        #expect(end == 28_500 + 1600)
    }

    @Test func `a peer that sends is not silent`() {
        var silence = SendSilence(limit: 1600, queuedByteCount: 1000, at: Self.at(0))
        silence.note(activeAt: Self.at(1000))
        #expect(!silence.isOver(at: Self.at(2599)))
        #expect(silence.isOver(at: Self.at(2600)))
        silence.note(activeAt: Self.at(10))
        #expect(silence.isOver(at: Self.at(2600)))
    }

    @Test func `the shortest and the longest limit work`() {
        let shortest = SendSilence(limit: 0, queuedByteCount: 0, at: Self.at(5))
        #expect(shortest.isOver(at: Self.at(5)))
        let longest = SendSilence(limit: .max, queuedByteCount: 0, at: Self.at(5))
        #expect(!longest.isOver(at: Self.at(.max - 1)))
        #expect(longest.nextCheck(after: Self.at(5)) > Self.at(5))
    }
}
