import Logging
import SpoorTesting
import Synchronization

@testable import JaegerReporter

/// An exporter that returns the results of a test, and records the bodies.
final class ScriptedExporter: SpanExporter {
    private let results: Mutex<[ExportResult]>
    private let bodies = Mutex<[ExportBody]>([])
    private let gate: Gate?

    /// Returns the results in turn, then success; with a gate, each result waits for it to open.
    init(_ results: [ExportResult] = [], gate: Gate? = nil) {
        self.results = Mutex(results)
        self.gate = gate
    }

    var received: [[UInt8]] { bodies.withLock { $0.map(\.bytes) } }

    func export(_ body: ExportBody) async -> ExportResult {
        if let gate {
            do { try await gate.wait() } catch { return .cancelled }
        }
        bodies.withLock { $0.append(body) }
        return results.withLock { $0.isEmpty ? .success() : $0.removeFirst() }
    }

    func shutdown() async {}
}
