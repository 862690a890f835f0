import Testing

@testable import SpoorServer

@Suite struct PaceTests {
    private static let second: UInt64 = 1_000_000_000

    @Test func `a pause is granted in advance, once`() {
        var pace = Pace()
        #expect(
            pace.allowance(silence: 30 * Self.second, minBytesPerSecond: 100) == 30 * Self.second)
        pace.noteWait(nanoseconds: 20 * Self.second)
        #expect(
            pace.allowance(silence: 30 * Self.second, minBytesPerSecond: 100) == 10 * Self.second)
        pace.noteWait(nanoseconds: 20 * Self.second)
        #expect(pace.allowance(silence: 30 * Self.second, minBytesPerSecond: 100) == 0)
    }

    @Test func `bytes earn time, and never more than one pause`() {
        var pace = Pace()
        pace.noteWait(nanoseconds: 30 * Self.second)
        pace.note(500)
        #expect(
            pace.allowance(silence: 30 * Self.second, minBytesPerSecond: 100) == 5 * Self.second)
        pace.note(1_000_000)
        #expect(
            pace.allowance(silence: 30 * Self.second, minBytesPerSecond: 100) == 30 * Self.second)
    }

    @Test(arguments: [0, -1])
    func `without a rate only a single pause is limited`(rate: Int) {
        var pace = Pace()
        pace.noteWait(nanoseconds: .max)
        #expect(pace.allowance(silence: 7, minBytesPerSecond: rate) == 7)
    }

    @Test func `no number is too large`() {
        var pace = Pace()
        pace.note(.max)
        pace.note(.max)
        #expect(pace.allowance(silence: .max, minBytesPerSecond: 1) == .max)
        #expect(pace.allowance(silence: 1, minBytesPerSecond: .max) == 1)
    }
}
