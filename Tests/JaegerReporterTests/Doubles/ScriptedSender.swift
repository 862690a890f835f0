import Logging
import Synchronization

@testable import JaegerReporter

/// A collector that says what the test wants, and keeps what it was sent.
final class ScriptedSender: BatchSender {
    private let verdicts: Mutex<[Verdict]>
    private let bodies = Mutex<[BatchBody]>([])
    private let gate: AsyncStream<Void>?

    /// Answers with the verdicts in turn, then accepts; with a gate, each answer waits for one element of it.
    init(_ verdicts: [Verdict] = [], gate: AsyncStream<Void>? = nil) {
        self.verdicts = Mutex(verdicts)
        self.gate = gate
    }

    var received: [[UInt8]] { bodies.withLock { $0.map(\.bytes) } }

    func send(_ body: BatchBody) async -> Verdict {
        if let gate {
            for await _ in gate { break }
            if Task.isCancelled { return .cancelled }
        }
        bodies.withLock { $0.append(body) }
        return verdicts.withLock { $0.isEmpty ? .accepted() : $0.removeFirst() }
    }

    func close() async {}
}
