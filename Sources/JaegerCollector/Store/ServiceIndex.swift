import JaegerThrift
import JaegerTracing
import SpoorText

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
    let name: ExactText
    /// The value of the tag `span.kind`; empty when there is none.
    let spanKind: String

    init(name: String, spanKind: String) {
        self.name = Self.indexed(name)
        self.spanKind = spanKind
    }
}

extension ServiceOperation {
    init(of span: SpanOutline) {
        let spanKind = ExactText(span.spanKind)
        // Other texts are no kinds: listed, they would only be noise.
        self.init(
            name: span.operationName,
            spanKind: Self.kinds.first { ExactText($0) == spanKind } ?? "")
    }

    private static let kinds = ["server", "client", "producer", "consumer", "internal"]

    /// How many bytes of an operation's name are looked at, when it is listed and when it is searched for.
    static let maxNameBytes = 4096

    /// What of a name tells operations apart: all of it, unless it is vast.
    static func indexed(_ name: String) -> ExactText {
        let bytes = name.utf8
        guard bytes.count > maxNameBytes else { return ExactText(name) }
        // The end moves back to the scalar that it is within.
        let end = bytes.index(bytes.startIndex, offsetBy: maxNameBytes)
        return ExactText(String(name.unicodeScalars[..<end]))
    }
}
