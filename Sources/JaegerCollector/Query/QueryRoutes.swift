import HTTPTypes
import JaegerTracing
import SpoorHTTP
import SpoorMiddleware
import SpoorNetworking
import SpoorText

/// Jaeger's query API on a store: services, operations, search, one trace; and trace summaries for the page.
///
/// Expensive work runs on ``QueryWorker``'s threads, so that a long search delays neither the event loop nor other
/// queries.
struct QueryRoutes: Sendable {
    let store: TraceStore
    /// The default maximum correction of clock skew, in nanoseconds; 0 for none.
    var maxSkewNanoseconds: UInt64 = 0
    /// Returns the wall clock, in nanoseconds since the Unix epoch, to which `lookback` refers.
    let now: @Sendable () -> UInt64
    private let worker = QueryWorker()

    init(
        store: TraceStore, maxSkewNanoseconds: UInt64 = 0, now: @escaping @Sendable () -> UInt64
    ) {
        self.store = store
        self.maxSkewNanoseconds = maxSkewNanoseconds
        self.now = now
    }

    func add(to routes: inout Router) {
        add("/api/services", to: &routes) { exchange, _ in try await services(exchange) }
        add("/api/services/{service}/operations", to: &routes) { exchange, _ in
            try await operationNames(of: exchange.parameters["service"] ?? "", exchange)
        }
        add("/api/operations", to: &routes) { exchange, items in
            try await operations(items, exchange)
        }
        add("/api/traces", to: &routes) { exchange, items in
            let adjustment = try adjustment(items)
            let (traces, errors) = try await found(items)
            try await send(TracePieces(traces, errors: errors, adjustment), exchange)
        }
        add("/api/traces/{id}", to: &routes) { exchange, items in
            try await trace(exchange.parameters["id"] ?? "", items, exchange)
        }
        // Not in Jaeger: the equivalent of `/api/v3/trace-summaries`, with the parameters of `/api/traces`.
        add("/api/trace-summaries", to: &routes) { exchange, items in
            try await summaries(items, exchange)
        }
        // Not in Jaeger: what the store keeps and has dropped, and its limits.
        routes.get("/api/store") { _ in
            Self.json(JSONWriter.response { $0.store(store.counts, store.limits) })
        }
    }

    /// Adds a route whose errors are returned in Jaeger's form.
    private func add(
        _ template: String, to routes: inout Router,
        _ respond: @escaping @Sendable @concurrent (Exchange, QueryItems) async throws -> Void
    ) {
        routes.stream(.get, template) { exchange in
            do {
                try worker.enter()
                defer { worker.leave() }
                try await respond(exchange, QueryItems(exchange.request.query ?? ""))
            } catch let error as QueryError where !exchange.response.isHeadSent {
                try await exchange.response.send(
                    Self.failure(error.status, error.message, headers: error.headers))
            }
        }
    }

    // MARK: Services and operations

    private func services(_ exchange: Exchange) async throws {
        let names = try await worker.createResponse { store.services() }
        try await send(ListPieces(total: names.count, names) { $0.string($1) }, exchange)
    }

    private func operationNames(of service: String, _ exchange: Exchange) async throws {
        let names = try await worker.createResponse {
            Set(store.operations(of: service).map(\.name)).sorted().map(\.text)
        }
        try await send(ListPieces(total: names.count, names) { $0.string($1) }, exchange)
    }

    private func operations(_ items: QueryItems, _ exchange: Exchange) async throws {
        guard let service = items["service"] else {
            throw QueryError("parameter 'service' is required")
        }
        let kind = items["spanKind"]
        let operations = try await worker.createResponse {
            store.operations(of: service).filter { kind == nil || $0.spanKind == kind }
        }
        let pieces = ListPieces(total: operations.count, operations) { writer, operation in
            writer.object { writer in
                writer.member("name", operation.name.text)
                writer.member("spanKind", operation.spanKind)
            }
        }
        try await send(pieces, exchange)
    }

    // MARK: Traces

    private func trace(_ text: String, _ items: QueryItems, _ exchange: Exchange) async throws {
        guard let id = TraceID(text) else {
            throw QueryError("cannot parse trace ID: \(text)")
        }
        let adjustment = try adjustment(items)
        guard let trace = store.trace(id) else {
            throw QueryError(Self.traceNotFound, status: .notFound)
        }
        try await send(TracePieces([trace], adjustment), exchange)
    }

    private static let traceNotFound = "trace not found"

    private func summaries(_ items: QueryItems, _ exchange: Exchange) async throws {
        let adjustment = try adjustment(items)
        let (traces, errors) = try await found(items)
        let pieces = ListPieces(
            total: traces.count, errors: errors, traces, maxPieceCount: 8
        ) { writer, trace in
            writer.summary(TraceSummary(AdjustedTrace(trace, adjustment)))
        }
        try await send(pieces, exchange)
    }

    /// Returns the adjustment of Jaeger's `raw`, and of `maxClockSkewAdjust`, which in Jaeger is only configurable.
    private func adjustment(_ items: QueryItems) throws(QueryError) -> TraceAdjustment {
        let maxSkew = try items.duration("maxClockSkewAdjust") ?? maxSkewNanoseconds
        return try items.bool("raw") ? .none : .standard(maxSkewNanoseconds: maxSkew)
    }

    private func found(_ items: QueryItems) async throws -> ([StoredTrace], [APIError]) {
        switch try TraceSearch(items, nowNanoseconds: now()) {
        case .matching(let query):
            return (try await traces(matching: query), [])
        case .ids(let ids):
            var traces: [StoredTrace] = []
            var errors: [APIError] = []
            for id in ids {
                if let trace = store.trace(id) {
                    traces.append(trace)
                } else {
                    errors.append(
                        APIError(message: Self.traceNotFound, traceID: id))
                }
            }
            return (traces, errors)
        }
    }

    /// Searches in parts, so that searches are interleaved, and one whose client has disconnected ends soon.
    private func traces(matching query: TraceQuery) async throws -> [StoredTrace] {
        let candidates = try await worker.search { store.candidates(for: query) }
        var found: [StoredTrace] = []
        var position = 0
        while position < candidates.count, found.count < query.limit {
            let (first, wanted) = (position, query.limit - found.count)
            let part = try await worker.search {
                store.search(candidates, from: first, query, limit: wanted)
            }
            found += part.found
            position = part.next
        }
        return found
    }

    // MARK: Responses

    /// Sends a long response; one that fits into one piece has a `Content-Length`.
    private func send(_ pieces: some ResponsePieces, _ exchange: Exchange) async throws {
        var pieces = pieces
        var piece = try await worker.next(of: &pieces)
        guard !pieces.isComplete else {
            return try await exchange.response.send(Self.json(piece))
        }
        exchange.response.headers[.contentType] = "application/json"
        try await exchange.response.write(piece)
        while !pieces.isComplete {
            piece = try await worker.next(of: &pieces)
            try await exchange.response.write(piece)
        }
    }

    private static func json(
        _ bytes: [UInt8], status: HTTPResponse.Status = .ok, headers: Headers = Headers()
    ) -> Response {
        Response(status: status, headers: headers, bytes: bytes, contentType: "application/json")
    }

    private static func failure(
        _ status: HTTPResponse.Status, _ message: String, headers: Headers
    ) -> Response {
        json(
            JSONWriter.response(errors: [APIError(code: status.code, message: message)]) {
                $0.null()
            },
            status: status, headers: headers)
    }
}
