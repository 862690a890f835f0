import Testing

@testable import JaegerReporter

@Suite struct FailureJournalTests {
    private func at(_ seconds: Int) -> ContinuousClock.Instant {
        Self.start + .seconds(seconds)
    }
    private static let start = ContinuousClock.now

    @Test func `the first failure is logged immediately, later ones once a minute`() {
        var journal = FailureJournal()
        #expect(journal.attemptFailed("a", at: at(0)) == .unavailable(reason: "a"))
        #expect(journal.attemptFailed("b", at: at(59)) == nil)
        #expect(journal.attemptFailed("c", at: at(60)) == .unavailable(reason: "c"))
    }

    @Test func `losses are logged immediately, then summed up`() {
        var journal = FailureJournal()
        func lose(_ count: Int, _ seconds: Int) -> FailureJournal.Line? {
            journal.lost(count, because: "full", isRejection: false, at: at(seconds))
        }
        #expect(lose(2, 0) == .lost(2, reason: "full"))
        #expect(lose(3, 1) == nil)
        #expect(lose(4, 61) == .lost(7, reason: "full"))
    }

    @Test func `each rejection reason is logged immediately once`() {
        var journal = FailureJournal()
        func reject(_ reason: String, _ seconds: Int) -> FailureJournal.Line? {
            journal.lost(1, because: reason, isRejection: true, at: at(seconds))
        }
        #expect(reject("400", 0) == .lost(1, reason: "400"))
        #expect(reject("400", 1) == nil)
        #expect(reject("413", 2) == .lost(2, reason: "413"))
        #expect(reject("413", 3) == nil)
        for number in 0..<100 { _ = reject("new \(number)", 4) }
        #expect(reject("newer", 5) == nil, "the number of remembered reasons is limited")
    }

    @Test func `the recovery is logged if the failure was logged`() {
        var journal = FailureJournal()
        #expect(journal.sent(warning: nil, at: at(0)) == nil)
        _ = journal.attemptFailed("a", at: at(0))
        _ = journal.lost(5, because: "a", isRejection: false, at: at(1))
        #expect(journal.sent(warning: nil, at: at(2)) == .recovered(lost: 5))
        #expect(journal.sent(warning: nil, at: at(3)) == nil)
        #expect(journal.attemptFailed("a", at: at(4)) == nil)
        #expect(journal.sent(warning: nil, at: at(5)) == nil)
    }

    @Test func `a warning is logged once a minute`() {
        var journal = FailureJournal()
        #expect(journal.sent(warning: "old", at: at(0)) == .warned("old"))
        #expect(journal.sent(warning: "old", at: at(1)) == nil)
        #expect(journal.sent(warning: "old", at: at(60)) == .warned("old"))
    }
}
