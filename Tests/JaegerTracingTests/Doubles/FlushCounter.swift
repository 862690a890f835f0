import JaegerTracing
import Synchronization

/// A reporter that counts its flushes; closing flushes.
final class FlushCounter: SpanReporter {
    private let counts = Mutex((soon: 0, flush: 0))

    var soonCount: Int { counts.withLock { $0.soon } }
    var count: Int { counts.withLock { $0.flush } }

    func report(_ span: FinishedSpan) {}
    func flush() async { counts.withLock { $0.flush += 1 } }
    func flushSoon() { counts.withLock { $0.soon += 1 } }
}
