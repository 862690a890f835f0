/// Detects from samples of a loop's activity that a turn takes longer than the threshold, and that it has ended.
///
/// Pure: samples and instants are passed in, and the caller describes the blocking work.
package struct StallDetector: Sendable {
    /// The event that a sample reveals.
    package enum Event: Sendable, Equatable {
        /// The loop is blocked, so far for this time, by this work.
        case isBlocked(nanoseconds: UInt64, by: String)
        /// The loop was blocked for this time, by this work.
        case wasBlocked(nanoseconds: UInt64, by: String)
    }

    /// The turn of the last sample, and its state.
    private enum State: Sendable {
        case asleep
        case busy(turn: UInt64, by: String)
        /// The turn has been reported.
        case blocked(turn: UInt64, by: String)
    }

    private let threshold: UInt64
    private var state = State.asleep

    /// Creates a detector with a threshold in nanoseconds.
    package init(threshold: UInt64) {
        self.threshold = threshold
    }

    /// Processes a sample, and reports at most one turn.
    ///
    /// - Parameters:
    ///   - sample: The loop's activity.
    ///   - now: The instant of the sample, in nanoseconds.
    ///   - describe: Describes the running work; called for a turn that has taken a considerable part of the threshold.
    package mutating func process(
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
                return process(at: sample, now: now, describe: describe)
            }
            // The turn exceeded the threshold, and ended, between two samples.
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
