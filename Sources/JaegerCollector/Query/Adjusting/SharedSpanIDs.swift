import JaegerTracing
import SpoorText

/// Assigns a new id to a server span that has the same id as a client span, because in Zipkin's B3 both sides share it.
///
/// The client span becomes the server span's parent, and children of the shared id become children of the server span.
/// Children in the client's service remain children of the client span, unless the server span is in the same service.
enum SharedSpanIDs {
    static func separate(_ spans: inout [AdjustedSpan]) {
        let renamed = rename(&spans)
        guard !renamed.isEmpty else { return }
        for index in spans.indices where !renamed.indices.contains(index) {
            guard let id = spans[index].span.causeID,
                let servers = renamed.servers[id],
                let clientService = renamed.clientServices[id],
                let newID = parent(of: spans[index].span, servers, clientService)
            else { continue }
            spans[index].span.move(from: id, to: newID)
        }
    }

    /// The spans that have new ids.
    private struct Renamed {
        var indices: Set<Int> = []
        /// The server spans of a shared id.
        var servers: [SpanID: [(service: ExactText, newID: SpanID)]] = [:]
        /// The service of the client span of an id.
        var clientServices: [SpanID: ExactText] = [:]

        var isEmpty: Bool { indices.isEmpty }
    }

    private static func rename(_ spans: inout [AdjustedSpan]) -> Renamed {
        var renamed = Renamed()
        var clientIDs: [SpanID: Int] = [:]
        for index in spans.indices where spans[index].span.kind == "client" {
            clientIDs[spans[index].span.spanID] = clientIDs[spans[index].span.spanID] ?? index
        }
        guard !clientIDs.isEmpty else { return renamed }
        var used: Set<SpanID> = []
        var nextID: UInt64 = 1
        for index in spans.indices where spans[index].span.kind == "server" {
            let sharedID = spans[index].span.spanID
            guard let client = clientIDs[sharedID] else { continue }
            if used.isEmpty { used = idsInUse(spans) }
            while !used.insert(SpanID(nextID)).inserted { nextID += 1 }
            let newID = SpanID(nextID)
            if let oldParent = spans[index].span.causeID {
                spans[index].span.move(from: oldParent, to: sharedID)
            }
            spans[index].span.parentID = sharedID
            spans[index].span.spanID = newID
            renamed.indices.insert(index)
            renamed.servers[sharedID, default: []].append(
                (ExactText(spans[index].span.process.serviceName), newID))
            renamed.clientServices[sharedID] = ExactText(
                spans[client].span.process.serviceName)
        }
        return renamed
    }

    /// Returns the ids that must not be assigned: those of the spans, and those of parents and links that are not in
    /// the trace.
    private static func idsInUse(_ spans: [AdjustedSpan]) -> Set<SpanID> {
        var ids: Set<SpanID> = []
        for span in spans {
            ids.insert(span.span.spanID)
            if let parentID = span.span.parentID { ids.insert(parentID) }
            for reference in span.span.references { ids.insert(reference.spanID) }
        }
        return ids
    }

    /// Returns the server span for a child of a shared id; nil if the client span remains its parent.
    private static func parent(
        of span: FinishedSpan, _ servers: [(service: ExactText, newID: SpanID)],
        _ clientService: ExactText
    ) -> SpanID? {
        let service = ExactText(span.process.serviceName)
        // Only the first of many servers of one id are compared: real retries are few.
        if let own = servers.prefix(16).first(where: { $0.service == service }) { return own.newID }
        return service == clientService ? nil : servers.first?.newID
    }
}

extension FinishedSpan {
    /// Moves the span to another parent.
    fileprivate mutating func move(from old: SpanID, to new: SpanID) {
        if parentID == old { parentID = new }
        for index in references.indices
        where references[index].kind == .childOf && references[index].traceID == traceID
            && references[index].spanID == old
        {
            references[index].spanID = new
        }
    }
}
