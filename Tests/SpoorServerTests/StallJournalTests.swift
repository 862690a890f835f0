import Testing

@testable import SpoorServer

@Suite struct StallJournalTests {
    private static let second: UInt64 = 1_000_000_000

    @Test func `each cause is logged once in ten seconds, with the number of suppressed ones`() {
        var journal = StallJournal()
        #expect(journal.admit("a", at: Self.second) == 0)
        #expect(journal.admit("b", at: Self.second) == 0)
        for _ in 0..<3 { #expect(journal.admit("a", at: 5 * Self.second) == nil) }
        #expect(journal.admit("a", at: 11 * Self.second) == 3)
        #expect(journal.admit("a", at: 12 * Self.second) == nil)
        #expect(journal.admit("b", at: 12 * Self.second) == 0)
    }

    @Test func `causes above the maximum share an entry`() {
        var journal = StallJournal()
        var logged = 0
        for number in 0..<1000 where journal.admit("\(number)", at: Self.second) != nil {
            logged += 1
        }
        #expect(logged == 65)
    }
}
