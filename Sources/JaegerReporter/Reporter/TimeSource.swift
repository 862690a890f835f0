import SpoorNetworking

/// Where a reporter's time comes from: the continuous clock, or one that a test moves.
struct TimeSource: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// The present instant.
    let now: @Sendable () -> Instant
    /// Returns at an instant, or after a day; throws if the task is cancelled before.
    let sleep: @Sendable (_ until: Instant) async throws -> Void

    /// Time as it goes by.
    static let continuous = TimeSource(
        now: { ContinuousClock.now },
        sleep: { instant in
            let pause = ContinuousClock.now.duration(to: instant)
            try await ContinuousClock().sleep(for: pause.upToADay)
        })
}
