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

/// An operation of a service, as Jaeger lists them: the same name may occur with several kinds.
struct ServiceOperation: Hashable, Sendable {
    let name: String
    /// The value of the tag `span.kind`; empty when there is none.
    let spanKind: String
}

extension ServiceOperation {
    init(of span: SpanOutline) {
        name = span.operationName
        // Other texts are no kinds: listed, they would only be noise.
        spanKind = Self.kinds.contains(span.spanKind) ? span.spanKind : ""
    }

    private static let kinds = ["server", "client", "producer", "consumer", "internal"]
}
