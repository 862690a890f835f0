/// Detects from samples of a loop's activity when a turn takes longer than the threshold, and when it has ended.
///
/// Pure: samples and instants come from outside, and the caller describes what blocks.
package struct StallDetector: Sendable {
    /// What a sample shows.
    package enum Event: Sendable, Equatable {
        /// The loop is blocked, and has been for so long, by this.
        case isBlocked(nanoseconds: UInt64, by: String)
        /// The loop was blocked for so long, by this.
        case wasBlocked(nanoseconds: UInt64, by: String)
    }

    /// The turn that the last sample found, and what is known of it.
    private enum State: Sendable {
        case asleep
        case busy(turn: UInt64, by: String)
        /// It has been reported.
        case blocked(turn: UInt64, by: String)
    }

    private let threshold: UInt64
    private var state = State.asleep

    /// Makes a detector for turns of so many nanoseconds.
    package init(threshold: UInt64) {
        self.threshold = threshold
    }

    /// Looks at a sample, and reports at most one turn.
    ///
    /// - Parameters:
    ///   - sample: What the loop does.
    ///   - now: The instant of the sample, in nanoseconds.
    ///   - describe: Describes what runs; called for a turn that has taken a good part of the threshold.
    package mutating func look(
        at sample: LoopActivity.Sample, now: UInt64, describe: () -> String
    ) -> Event? {
        switch state {
        case .blocked(let turn, let cause):
            guard sample.turnBegan != turn else { return nil }
            state = .asleep
            let length = sample.longTurnBegan == turn ? sample.longTurnNanoseconds : now &- turn
            return .wasBlocked(nanoseconds: length, by: cause)
        case .busy(let turn, let cause) where sample.turnBegan != turn:
            state = .asleep
            guard sample.longTurnBegan == turn, sample.longTurnNanoseconds >= threshold else {
                return look(at: sample, now: now, describe: describe)
            }
            // It passed the threshold, and ended, between two samples.
            return .wasBlocked(nanoseconds: sample.longTurnNanoseconds, by: cause)
        case .busy, .asleep:
            guard sample.turnBegan != 0, now > sample.turnBegan else { return nil }
            let length = now - sample.turnBegan
            guard length >= threshold / 8 else { return nil }
            let cause = describe()
            guard length >= threshold else {
                state = .busy(turn: sample.turnBegan, by: cause)
                return nil
            }
            state = .blocked(turn: sample.turnBegan, by: cause)
            return .isBlocked(nanoseconds: length, by: cause)
        }
    }
}
