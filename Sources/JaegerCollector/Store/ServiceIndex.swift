import JaegerTracing

/// What one service did: its operations, and the traces it took part in.
///
/// Everything is counted by span, so that eviction takes back exactly what insertion added.
struct ServiceIndex: Sendable {
    /// How many kept spans each operation has.
    private(set) var operations: [ServiceOperation: Int] = [:]
    /// The kept traces with a span of this service, each with the number of those spans.
    private(set) var traces: [TraceID: Int] = [:]

    var isEmpty: Bool { traces.isEmpty }

    mutating func add(_ span: FinishedSpan) {
        operations[ServiceOperation(of: span), default: 0] += 1
        traces[span.traceID, default: 0] += 1
    }

    mutating func remove(_ span: FinishedSpan) {
        operations.decrement(ServiceOperation(of: span))
        traces.decrement(span.traceID)
    }
}

/// An operation of a service, as Jaeger lists them: the same name may occur with several kinds.
struct ServiceOperation: Hashable, Sendable {
    let name: String
    /// The value of the tag `span.kind`; empty when there is none.
    let spanKind: String
}

extension ServiceOperation {
    init(of span: FinishedSpan) {
        name = span.operationName
        spanKind = Self.kind(of: span)
    }

    private static func kind(of span: FinishedSpan) -> String {
        for tag in span.tags where tag.key == "span.kind" {
            // Other texts are no kinds: listed, they would only be noise.
            guard case .string(let kind) = tag.value, kinds.contains(kind) else { return "" }
            return kind
        }
        return ""
    }

    private static let kinds = ["server", "client", "producer", "consumer", "internal"]
}

extension Dictionary where Value == Int {
    /// Takes one off a count and forgets it at zero.
    fileprivate mutating func decrement(_ key: Key) {
        guard let count = self[key] else { return }
        self[key] = count > 1 ? count - 1 : nil
    }
}
