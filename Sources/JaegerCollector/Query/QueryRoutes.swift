import HTTPTypes
import JaegerTracing
import SpoorHTTP
import SpoorMiddleware

/// Jaeger's query API over a store: services, operations, search, one trace.
struct QueryRoutes: Sendable {
    let store: TraceStore
    /// The wall clock, in nanoseconds since the Unix epoch: `lookback` is counted from it.
    let now: @Sendable () -> UInt64

    func add(to routes: inout Router) {
        routes.get("/api/services") { _ in services() }
        routes.get("/api/services/{service}/operations") { exchange in
            operationNames(of: exchange.parameters["service"] ?? "")
        }
        routes.get("/api/operations") { exchange in operations(items(of: exchange)) }
        routes.get("/api/traces") { exchange in try await search(exchange) }
        routes.get("/api/traces/{id}") { exchange in
            trace(exchange.parameters["id"] ?? "")
        }
        // Not Jaeger's: what the store keeps and what it lost.
        routes.get("/api/store") { _ in counts() }
    }

    private func items(of exchange: Exchange) -> QueryItems {
        QueryItems(exchange.request.query ?? "")
    }

    // MARK: Services and operations

    private func services() -> Response {
        let names = store.services()
        return json(
            JSONWriter.answer(total: names.count) { $0.array(of: names) { $0.string($1) } })
    }

    private func operationNames(of service: String) -> Response {
        let names = Set(store.operations(of: service).map(\.name)).sorted().map(\.text)
        return json(
            JSONWriter.answer(total: names.count) { $0.array(of: names) { $0.string($1) } })
    }

    private func operations(_ items: QueryItems) -> Response {
        guard let service = items["service"] else {
            return failure(.badRequest, "parameter 'service' is required")
        }
        let kind = items["spanKind"]
        let operations = store.operations(of: service)
            .filter { kind == nil || $0.spanKind == kind }
        return json(
            JSONWriter.answer(total: operations.count) { writer in
                writer.array(of: operations) { writer, operation in
                    writer.object { writer in
                        writer.key("name")
                        writer.string(operation.name.text)
                        writer.key("spanKind")
                        writer.string(operation.spanKind)
                    }
                }
            })
    }

    // MARK: Traces

    private func trace(_ text: String) -> Response {
        guard let id = TraceID(text) else {
            return failure(.badRequest, "cannot parse trace ID: \(text)")
        }
        guard let trace = store.trace(id) else {
            return failure(.notFound, Self.traceNotFound)
        }
        return json(JSONWriter.answer { $0.array { $0.trace(trace) } })
    }

    private static let traceNotFound = "trace not found"

    /// Traces leave one by one, so that a large answer takes the memory of one trace.
    private func search(_ exchange: Exchange) async throws {
        let search: TraceSearch
        do throws(QueryError) {
            search = try TraceSearch(items(of: exchange), nowNanoseconds: now())
        } catch {
            return try await exchange.response.send(failure(.badRequest, error.message))
        }
        let (traces, errors) = found(search)
        let frame = JSONWriter.answerOfTraces(errors: errors)
        exchange.response.fields[.contentType] = "application/json"
        try await exchange.response.write(frame.head)
        for (index, trace) in traces.enumerated() {
            var writer = JSONWriter()
            writer.trace(trace)
            try await exchange.response.write(
                index == 0 ? writer.bytes : [UInt8(ascii: ",")] + writer.bytes)
        }
        try await exchange.response.write(frame.tail)
    }

    private func found(_ search: TraceSearch) -> ([StoredTrace], [AnswerError]) {
        switch search {
        case .matching(let query):
            return (store.traces(matching: query), [])
        case .ids(let ids):
            var traces: [StoredTrace] = []
            var errors: [AnswerError] = []
            for id in ids {
                if let trace = store.trace(id) {
                    traces.append(trace)
                } else {
                    errors.append(
                        AnswerError(message: Self.traceNotFound, traceID: id))
                }
            }
            return (traces, errors)
        }
    }

    // MARK: Answers

    private func counts() -> Response {
        let counts = store.counts
        return json(
            JSONWriter.answer { writer in
                writer.object { writer in
                    for (name, count) in [
                        ("receivedSpans", counts.receivedSpans),
                        ("refusedSpans", counts.refusedSpans),
                        ("evictedSpans", counts.evictedSpans),
                        ("evictedTraces", counts.evictedTraces),
                        ("keptSpans", counts.keptSpans), ("keptTraces", counts.keptTraces),
                        ("keptBytes", counts.keptBytes),
                    ] {
                        writer.key(name)
                        writer.integer(count)
                    }
                }
            })
    }

    private func json(_ bytes: [UInt8], status: HTTPResponse.Status = .ok) -> Response {
        Response(status: status, bytes: bytes, contentType: "application/json")
    }

    private func failure(_ status: HTTPResponse.Status, _ message: String) -> Response {
        json(
            JSONWriter.answer(errors: [AnswerError(code: status.code, message: message)]) {
                $0.null()
            },
            status: status)
    }
}
