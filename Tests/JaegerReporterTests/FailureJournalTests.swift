import Testing

@testable import JaegerReporter

@Suite struct FailureJournalTests {
    private func at(_ seconds: Int) -> ContinuousClock.Instant {
        Self.start + .seconds(seconds)
    }
    private static let start = ContinuousClock.now

    @Test func `the first failure is told at once, later ones once a minute`() {
        var journal = FailureJournal()
        #expect(journal.attemptFailed("a", at: at(0)) == .unavailable(reason: "a"))
        #expect(journal.attemptFailed("b", at: at(59)) == nil)
        #expect(journal.attemptFailed("c", at: at(60)) == .unavailable(reason: "c"))
    }

    @Test func `losses are told at once, then summed up`() {
        var journal = FailureJournal()
        func lose(_ count: Int, _ seconds: Int) -> FailureJournal.Line? {
            journal.lost(count, because: "full", isRejection: false, at: at(seconds))
        }
        #expect(lose(2, 0) == .lost(2, reason: "full"))
        #expect(lose(3, 1) == nil)
        #expect(lose(4, 61) == .lost(7, reason: "full"))
    }

    @Test func `each refusal is told once at once`() {
        var journal = FailureJournal()
        func refuse(_ reason: String, _ seconds: Int) -> FailureJournal.Line? {
            journal.lost(1, because: reason, isRejection: true, at: at(seconds))
        }
        #expect(refuse("400", 0) == .lost(1, reason: "400"))
        #expect(refuse("400", 1) == nil)
        #expect(refuse("413", 2) == .lost(2, reason: "413"))
        #expect(refuse("413", 3) == nil)
        for number in 0..<100 { _ = refuse("new \(number)", 4) }
        #expect(refuse("newer", 5) == nil, "what is remembered has a bound")
    }

    @Test func `that it works again is told if it was told that it does not`() {
        var journal = FailureJournal()
        #expect(journal.sent(warning: nil, at: at(0)) == nil)
        _ = journal.attemptFailed("a", at: at(0))
        _ = journal.lost(5, because: "a", isRejection: false, at: at(1))
        #expect(journal.sent(warning: nil, at: at(2)) == .recovered(lost: 5))
        #expect(journal.sent(warning: nil, at: at(3)) == nil)
        #expect(journal.attemptFailed("a", at: at(4)) == nil)
        #expect(journal.sent(warning: nil, at: at(5)) == nil)
    }

    @Test func `a warning is told once a minute`() {
        var journal = FailureJournal()
        #expect(journal.sent(warning: "old", at: at(0)) == .warned("old"))
        #expect(journal.sent(warning: "old", at: at(1)) == nil)
        #expect(journal.sent(warning: "old", at: at(60)) == .warned("old"))
    }
}
