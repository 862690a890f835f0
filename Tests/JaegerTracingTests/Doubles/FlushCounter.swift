import JaegerTracing
import SpoorTesting
import Synchronization

/// A reporter that counts its flushes; closing flushes.
final class FlushCounter: SpanReporter {
    private let flushes = Mutex(0)
    private let flushed = Gate()

    var count: Int { flushes.withLock { $0 } }

    func report(_ span: FinishedSpan) {}

    func forceFlush() async {
        flushes.withLock { $0 += 1 }
        flushed.admit()
    }

    /// Returns after the next flush that was not waited for yet.
    func waitForFlush() async throws { try await flushed.wait() }
}
