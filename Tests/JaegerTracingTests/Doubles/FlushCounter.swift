import JaegerTracing
import Synchronization

/// A reporter that counts its flushes; closing flushes.
final class FlushCounter: SpanReporter {
    private let counts = Mutex((requested: 0, awaited: 0))

    var requestedCount: Int { counts.withLock { $0.requested } }
    var count: Int { counts.withLock { $0.awaited } }

    func report(_ span: FinishedSpan) {}
    func forceFlush() async { counts.withLock { $0.awaited += 1 } }
    func requestFlush() { counts.withLock { $0.requested += 1 } }
}
