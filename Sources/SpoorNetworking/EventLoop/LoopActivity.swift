internal import Synchronization

/// What other threads may see of an event loop's work: since when it has been busy, and with which job.
///
/// The loop writes by plain stores, one for each job and two for each turn; a reader may miss a short turn but sees a long
/// one.
package final class LoopActivity: Sendable {
    /// One look at a loop.
    package struct Sample: Sendable {
        /// When the present turn began, in nanoseconds of the monotonic clock; 0 while the loop sleeps.
        package var turnBegan: UInt64
        /// The address of the task whose job runs; 0 for none.
        package var job: UInt
        /// When the last long turn began.
        package var longTurnBegan: UInt64
        /// How long that one was.
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

    /// A turn of so many nanoseconds, or more, is noted with its length: 5 ms.
    static let longTurn: UInt64 = 5_000_000

    private let turnBegan = Atomic<UInt64>(0)
    private let job = Atomic<UInt>(0)
    private let longTurnBegan = Atomic<UInt64>(0)
    private let longTurnNanoseconds = Atomic<UInt64>(0)

    // MARK: For the loop

    func beginTurn(at now: MonotonicInstant) {
        turnBegan.store(now.nanoseconds, ordering: .releasing)
    }

    func beginSleep() {
        turnBegan.store(0, ordering: .releasing)
    }

    func beginJob(_ address: UInt) {
        job.store(address, ordering: .relaxed)
    }

    func noteLongTurn(since began: MonotonicInstant, nanoseconds: UInt64) {
        longTurnNanoseconds.store(nanoseconds, ordering: .relaxed)
        longTurnBegan.store(began.nanoseconds, ordering: .releasing)
    }

    // MARK: For others

    /// What the loop does now.
    package var sample: Sample {
        let began = turnBegan.load(ordering: .acquiring)
        let longBegan = longTurnBegan.load(ordering: .acquiring)
        return Sample(
            turnBegan: began, job: job.load(ordering: .relaxed), longTurnBegan: longBegan,
            longTurnNanoseconds: longTurnNanoseconds.load(ordering: .relaxed))
    }
}
