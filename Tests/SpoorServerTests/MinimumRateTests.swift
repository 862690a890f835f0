import Testing

@testable import SpoorServer

@Suite struct MinimumRateTests {
    private static let second: UInt64 = 1_000_000_000

    @Test func `the timeout is granted in advance, once`() {
        var rate = MinimumRate()
        #expect(
            rate.allowance(timeout: 30 * Self.second, minBytesPerSecond: 100) == 30 * Self.second)
        rate.countWait(nanoseconds: 20 * Self.second)
        #expect(
            rate.allowance(timeout: 30 * Self.second, minBytesPerSecond: 100) == 10 * Self.second)
        rate.countWait(nanoseconds: 20 * Self.second)
        #expect(rate.allowance(timeout: 30 * Self.second, minBytesPerSecond: 100) == 0)
    }

    @Test func `bytes earn time, and never more than one timeout`() {
        var rate = MinimumRate()
        rate.countWait(nanoseconds: 30 * Self.second)
        rate.count(500)
        #expect(
            rate.allowance(timeout: 30 * Self.second, minBytesPerSecond: 100) == 5 * Self.second)
        rate.count(1_000_000)
        #expect(
            rate.allowance(timeout: 30 * Self.second, minBytesPerSecond: 100) == 30 * Self.second)
    }

    @Test(arguments: [0, -1])
    func `without a minimum only a single wait is limited`(minimum: Int) {
        var rate = MinimumRate()
        rate.countWait(nanoseconds: .max)
        #expect(rate.allowance(timeout: 7, minBytesPerSecond: minimum) == 7)
    }

    @Test func `no number is too large`() {
        var rate = MinimumRate()
        rate.count(.max)
        rate.count(.max)
        #expect(rate.allowance(timeout: .max, minBytesPerSecond: 1) == .max)
        #expect(rate.allowance(timeout: 1, minBytesPerSecond: .max) == 1)
    }
}
