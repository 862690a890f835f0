import Logging
import SpoorTesting
import Synchronization

@testable import JaegerReporter

/// A collector that says what the test wants, and keeps what it was sent.
final class ScriptedExporter: SpanExporter {
    private let verdicts: Mutex<[ExportResult]>
    private let bodies = Mutex<[ExportBody]>([])
    private let gate: Gate?

    /// Answers with the verdicts in turn, then accepts; with a gate, each answer waits for an admission.
    init(_ verdicts: [ExportResult] = [], gate: Gate? = nil) {
        self.verdicts = Mutex(verdicts)
        self.gate = gate
    }

    var received: [[UInt8]] { bodies.withLock { $0.map(\.bytes) } }

    func export(_ body: ExportBody) async -> ExportResult {
        if let gate {
            do { try await gate.wait() } catch { return .cancelled }
        }
        bodies.withLock { $0.append(body) }
        return verdicts.withLock { $0.isEmpty ? .success() : $0.removeFirst() }
    }

    func shutdown() async {}
}
