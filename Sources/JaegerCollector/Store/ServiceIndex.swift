import JaegerThrift
import JaegerTracing
import SpoorText

/// The index of one service: its operations, and its traces.
///
/// Operations are counted by span, so that eviction removes exactly what insertion added.
struct ServiceIndex: Sendable {
    /// The number of stored spans of each operation.
    private(set) var operations: [ServiceOperation: Int] = [:]
    /// The stored traces with a span of this service.
    private(set) var traces: Set<TraceID> = []

    var isEmpty: Bool { traces.isEmpty }

    mutating func add(_ run: StoredRun, of trace: TraceID) {
        for (operation, count) in run.operations {
            operations[operation, default: 0] += count
        }
        traces.insert(trace)
    }

    /// Removes a run of a trace that is evicted as a whole.
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
    let name: ExactText
    /// The value of the tag `span.kind`; empty if there is none.
    let spanKind: String

    init(name: String, spanKind: String) {
        self.name = Self.indexed(name)
        self.spanKind = spanKind
    }
}

extension ServiceOperation {
    init(of span: SpanOutline) {
        let spanKind = ExactText(span.spanKind)
        // Other texts are not kinds and would be noise in the list.
        self.init(
            name: span.operationName,
            spanKind: Self.kinds.first { ExactText($0) == spanKind } ?? "")
    }

    private static let kinds = ["server", "client", "producer", "consumer", "internal"]

    /// The maximum length of an operation name in the index and in searches, in bytes.
    static let maxNameBytes = 4096

    /// Returns the indexed part of a name: all of it, unless it is too long.
    static func indexed(_ name: String) -> ExactText {
        let bytes = name.utf8
        guard bytes.count > maxNameBytes else { return ExactText(name) }
        // The end moves back to the start of the scalar that contains it.
        let end = bytes.index(bytes.startIndex, offsetBy: maxNameBytes)
        return ExactText(String(name.unicodeScalars[..<end]))
    }
}
