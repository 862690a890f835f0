import Logging
import SpoorTesting
import Synchronization

@testable import JaegerReporter

/// A collector that says what the test wants, and keeps what it was sent.
final class ScriptedSender: BatchSender {
    private let verdicts: Mutex<[Verdict]>
    private let bodies = Mutex<[BatchBody]>([])
    private let gate: Gate?

    /// Answers with the verdicts in turn, then accepts; with a gate, each answer waits for an admission.
    init(_ verdicts: [Verdict] = [], gate: Gate? = nil) {
        self.verdicts = Mutex(verdicts)
        self.gate = gate
    }

    var received: [[UInt8]] { bodies.withLock { $0.map(\.bytes) } }

    func send(_ body: BatchBody) async -> Verdict {
        if let gate {
            do { try await gate.wait() } catch { return .cancelled }
        }
        bodies.withLock { $0.append(body) }
        return verdicts.withLock { $0.isEmpty ? .accepted() : $0.removeFirst() }
    }

    func close() async {}
}
