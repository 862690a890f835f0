import JaegerThrift
import JaegerTracing

/// What one service did: its operations, and the traces it took part in.
///
/// Operations are counted by span, so that eviction takes back exactly what insertion added.
struct ServiceIndex: Sendable {
    /// How many kept spans each operation has.
    private(set) var operations: [ServiceOperation: Int] = [:]
    /// The kept traces with a span of this service.
    private(set) var traces: Set<TraceID> = []

    var isEmpty: Bool { traces.isEmpty }

    mutating func add(_ run: StoredRun, of trace: TraceID) {
        for (operation, count) in run.operations {
            operations[operation, default: 0] += count
        }
        traces.insert(trace)
    }

    /// Takes a run of a trace away that goes as a whole.
    mutating func remove(_ run: StoredRun, of trace: TraceID) {
        for (operation, count) in run.operations {
            let rest = operations[operation, default: 0] - count
            operations[operation] = rest > 0 ? rest : nil
        }
        traces.remove(trace)
    }
}
