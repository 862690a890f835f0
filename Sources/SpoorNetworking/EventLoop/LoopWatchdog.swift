internal import Glibc
internal import Synchronization

/// A thread that samples event loops a few times per second, and reports those that are blocked.
///
/// It reads the activity that loops record anyway, and holds neither a loop nor a lock that a blocked loop could
/// hold.
package final class LoopWatchdog: Sendable {
    /// A monitored loop.
    package struct Watched: Sendable {
        let activity: LoopActivity
        let describe: @Sendable (_ job: UInt) -> String
        let report: @Sendable (StallDetector.Event) -> Void

        /// - Parameters:
        ///   - loop: The loop.
        ///   - describe: Describes the work of the task at an address; called on the watchdog's thread.
        ///   - report: Called with each event, on the watchdog's thread.
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

    /// Creates a watchdog and starts its thread.
    ///
    /// - Parameter threshold: The number of nanoseconds from which a turn is reported.
    /// - Throws: `SystemError` if the kernel has no threads left.
    package init(over watched: [Watched], threshold: UInt64) throws(SystemError) {
        // Five samples of a turn before it exceeds the threshold, but at most a hundred per second.
        let pause = min(max(threshold / 5, 10_000_000), 200_000_000)
        try LoopThread.start(name: "loop-watchdog") { [self] in
            var detectors = watched.map { _ in StallDetector(threshold: threshold) }
            var isLast = false
            while !isLast {
                usleep(UInt32(pause / 1000))
                // One sample after the stop, for a turn that ended with it.
                isLast = isStopped.load(ordering: .acquiring)
                for index in watched.indices {
                    let loop = watched[index]
                    let sample = loop.activity.sample
                    let event = detectors[index].process(
                        at: sample, now: MonotonicInstant.now().nanoseconds
                    ) { loop.describe(sample.job) }
                    if let event { loop.report(event) }
                }
            }
        }
    }

    /// Stops the thread soon.
    package func stop() {
        isStopped.store(true, ordering: .releasing)
    }
}
