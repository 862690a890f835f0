/// Coming to a loop from elsewhere: what touches a loop's descriptors runs on the loop.
extension EventLoop {
    /// The loop that the current task prefers and runs on, so that it will be there after each wait
    /// too; nil for a task that only happens to be on a loop's thread.
    package static var ofCurrentTask: EventLoop? {
        guard let loop = current, !loop.isStopping else { return nil }
        let isPreferred = unsafe withUnsafeCurrentTask { task in
            guard let preferred = unsafe task?.unownedTaskExecutor else { return false }
            return unsafe preferred == loop.asUnownedTaskExecutor()
        }
        return isPreferred ? loop : nil
    }

    /// Runs `work` on this loop, without a hop if the current task is at home there.
    package func run<Success: Sendable, Failure: Error>(
        _ work: @Sendable () async throws(Failure) -> Success
    ) async throws(Failure) -> Success {
        if Self.ofCurrentTask === self { return try await work() }
        return try await withTaskExecutorPreference(self) { () async throws(Failure) -> Success in
            try await leavingIsolation(work)
        }
    }

    /// A task executor is heeded by code that no actor isolates: so leave the actor, if there is
    /// one.
    @concurrent
    private func leavingIsolation<Success: Sendable, Failure: Error>(
        _ work: @Sendable () async throws(Failure) -> Success
    ) async throws(Failure) -> Success {
        // Not only a check: a function that does nothing before it calls on loses its hop to the
        // executor in optimisation (Swift 6.3.1), and `work` would run where the caller was.
        checkConfinement()
        return try await work()
    }
}
