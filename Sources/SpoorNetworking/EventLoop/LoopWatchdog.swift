internal import Glibc
internal import Synchronization

/// A thread that looks at some event loops a few times a second, and reports the ones that are blocked.
///
/// It reads what the loops store anyhow and holds neither a loop nor anything that a blocked loop could hold.
package final class LoopWatchdog: Sendable {
    /// A loop under watch.
    package struct Watched: Sendable {
        let activity: LoopActivity
        let describe: @Sendable (_ job: UInt) -> String
        let report: @Sendable (StallDetector.Event) -> Void

        /// - Parameters:
        ///   - loop: The loop.
        ///   - describe: Describes what the task at an address does; called on the watchdog's thread.
        ///   - report: Gets what happens; called on the watchdog's thread.
        package init(
            _ loop: EventLoop, describe: @escaping @Sendable (_ job: UInt) -> String,
            report: @escaping @Sendable (StallDetector.Event) -> Void
        ) {
            activity = loop.activity
            self.describe = describe
            self.report = report
        }
    }

    private let isStopped = Atomic(false)

    /// Starts the thread.
    ///
    /// - Parameter threshold: How many nanoseconds a turn may take; a longer one is reported.
    /// - Throws: `SystemError` if the kernel has no threads left.
    package init(over watched: [Watched], threshold: UInt64) throws(SystemError) {
        // Five looks at a turn before it has taken too long, but no more than a hundred a second.
        let pause = min(max(threshold / 5, 10_000_000), 200_000_000)
        try LoopThread.start(name: "loop-watchdog") { [self] in
            var detectors = watched.map { _ in StallDetector(threshold: threshold) }
            var isLast = false
            while !isLast {
                usleep(UInt32(pause / 1000))
                // One look after the stop, for a turn that ended with it.
                isLast = isStopped.load(ordering: .acquiring)
                for index in watched.indices {
                    let loop = watched[index]
                    let sample = loop.activity.sample
                    let event = detectors[index].look(
                        at: sample, now: MonotonicInstant.now().nanoseconds
                    ) { loop.describe(sample.job) }
                    if let event { loop.report(event) }
                }
            }
        }
    }

    /// Ends the thread soon.
    package func stop() {
        isStopped.store(true, ordering: .releasing)
    }
}
