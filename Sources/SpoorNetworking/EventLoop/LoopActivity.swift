internal import Synchronization

/// The activity of an event loop, for other threads: since when it has been busy, and with which job.
///
/// The loop writes it by plain stores, one per job and two per turn; a reader may miss a short turn but sees a long
/// one.
package final class LoopActivity: Sendable {
    /// A snapshot of a loop's activity.
    package struct Sample: Sendable {
        /// The start of the current turn, in nanoseconds of the monotonic clock; 0 while the loop sleeps.
        package var turnBegan: UInt64
        /// The address of the task whose job runs; 0 if there is none.
        package var job: UInt
        /// The start of the last long turn.
        package var longTurnBegan: UInt64
        /// The length of the last long turn.
        package var longTurnNanoseconds: UInt64

        package init(
            turnBegan: UInt64 = 0, job: UInt = 0, longTurnBegan: UInt64 = 0,
            longTurnNanoseconds: UInt64 = 0
        ) {
            self.turnBegan = turnBegan
            self.job = job
            self.longTurnBegan = longTurnBegan
            self.longTurnNanoseconds = longTurnNanoseconds
        }
    }

    /// The number of nanoseconds from which a turn is recorded as long: 5 ms.
    static let longTurn: UInt64 = 5_000_000

    private let turnBegan = Atomic<UInt64>(0)
    private let job = Atomic<UInt>(0)
    private let longTurnBegan = Atomic<UInt64>(0)
    private let longTurnNanoseconds = Atomic<UInt64>(0)

    // MARK: Writing, by the loop

    func beginTurn(at now: MonotonicInstant) {
        turnBegan.store(now.nanoseconds, ordering: .releasing)
    }

    func beginSleep() {
        turnBegan.store(0, ordering: .releasing)
    }

    func beginJob(_ address: UInt) {
        job.store(address, ordering: .relaxed)
    }

    func recordLongTurn(since began: MonotonicInstant, nanoseconds: UInt64) {
        longTurnNanoseconds.store(nanoseconds, ordering: .relaxed)
        longTurnBegan.store(began.nanoseconds, ordering: .releasing)
    }

    // MARK: Reading, by other threads

    /// The current activity.
    package var sample: Sample {
        let began = turnBegan.load(ordering: .acquiring)
        let longBegan = longTurnBegan.load(ordering: .acquiring)
        return Sample(
            turnBegan: began, job: job.load(ordering: .relaxed), longTurnBegan: longBegan,
            longTurnNanoseconds: longTurnNanoseconds.load(ordering: .relaxed))
    }
}
