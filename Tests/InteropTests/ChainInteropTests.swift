import FoundationEssentials
import CollectorSupport
import HTTPTypes
import JaegerCollector
import Logging
import Spoor
import SpoorTesting
import TestSupport
import Testing
import Tracing

/// A trace through a Spoor service, a service in Python and another Spoor service: the whole context is propagated, and the
/// collector has one trace of all three.
@Suite(
    .enabled(if: ForeignClient.isExpected, ForeignClient.absence), .serialized,
    .timeLimit(.minutes(10)))
struct ChainInteropTests {
    /// How the trace begins at the first service.
    enum Beginning: CaseIterable {
        case sampled, ofOldWidth, unsampled, ofDebugID

        var flags: UInt8 {
            switch self {
            case .sampled, .ofOldWidth: 1
            case .unsampled: 0
            case .ofDebugID: 3
            }
        }
    }

    /// The trace as a service received it, and the response of the next service.
    private final class Seen: Codable {
        let traceID, spanID, parentID: String
        let flags: UInt8
        let baggage: [String: String]
        let next: Seen?

        init(_ context: SpanContext, parent: SpanID?, next: Seen? = nil) {
            traceID = "\(context.traceID)"
            spanID = "\(context.spanID)"
            parentID = parent.map { "\($0)" } ?? "0"
            flags = context.flags.rawValue
            baggage = context.baggage.items.reduce(into: [:]) { $0[$1.key] = $1.value }
            self.next = next
        }

        var json: [UInt8] { get throws { try [UInt8](JSONEncoder().encode(self)) } }
    }

    /// Values that encoders treat differently.
    private static let baggage = [
        "blank": "a b", "plus": "a+b", "percent": "100%", "accent": "é€😀", "list": "a=b,c;d",
    ]

    @Test(arguments: ForeignClient.all, Beginning.allCases)
    func `one trace through Swift, Python and Swift`(
        client: ForeignClient, beginning: Beginning
    ) async throws {
        try await withCollector { reporter, endpoint, query in
            let seen = try await withChain(of: client, beginning, reporter, endpoint)
            await reporter.forceFlush()
            let hop = try #require(seen.next)
            let end = try #require(hop.next)

            let traceID = try #require(TraceID(seen.traceID))
            #expect((traceID.high == 0) == (beginning == .ofOldWidth))
            for service in [seen, hop, end] {
                #expect(TraceID(service.traceID) == traceID)
                #expect(service.flags == beginning.flags)
            }
            #expect(hop.baggage == Self.baggage)
            var all = Self.baggage
            all["of-python"] = "50% é+ö & so on"
            #expect(end.baggage == all)

            let response = try await HTTPClient().execute(
                HTTPClientRequest(.get, "\(query)/api/traces/\(traceID)"))
            guard beginning != .unsampled else {
                #expect(response.status == .notFound)
                return
            }
            let traces = try QueriedTrace.decode(response.body)
            try #require(traces.count == 1)
            expectWhole(traces[0], seen, hop, end, beginning)
        }
    }

    private func expectWhole(
        _ trace: QueriedTrace, _ seen: Seen, _ hop: Seen, _ end: Seen, _ beginning: Beginning
    ) {
        // From the server span of the first service to that of the last, each the parent of the next.
        let path = [
            ("front", "GET /start"), ("front", "GET"), ("foreign", "hop"), ("foreign", "call"),
            ("back", "GET /end"),
        ]
        let spans = path.compactMap { trace.span($0, $1) }
        #expect(trace.spans.count == path.count)
        #expect(spans.count == path.count)
        #expect(spans.first?.references.isEmpty == true)
        for (parent, child) in zip(spans, spans.dropFirst()) {
            #expect(child.references.map(\.spanID) == [parent.spanID], "\(child.operationName)")
            #expect(child.references.map(\.refType) == ["CHILD_OF"])
        }
        #expect(spans.allSatisfy { $0.flags == Int(beginning.flags) })
        #expect(spans.map { SpanID($0.spanID) }.contains(SpanID(hop.spanID)))
        #expect(SpanID(spans[4].spanID) == SpanID(end.spanID))
        #expect(spans[0].text("jaeger-debug-id") == (beginning == .ofDebugID ? "my bug/é" : nil))
    }

    // MARK: The three services and the collector

    /// Runs the chain, sends one request, and returns the traces as the three services received them.
    private func withChain(
        of client: ForeignClient, _ beginning: Beginning, _ reporter: HTTPReporter,
        _ endpoint: String
    ) async throws -> Seen {
        let back = JaegerTracer(serviceName: "back", reporter: reporter)
        var configuration = JaegerTracerConfiguration()
        configuration.traceIDWidth = beginning == .ofOldWidth ? .bits64 : .bits128
        let front = JaegerTracer(
            serviceName: "front", reporter: reporter,
            sampler: ConstSampler(beginning != .unsampled), configuration: configuration)
        return try await withServer(middleware: [ServerTracing(back)], handler: Self.end()) {
            backAddress, _ in
            try await ForeignService.run("foreign_service.py", [client.name, endpoint]) { url in
                let next = "\(url)/hop?next=http://\(backAddress)/end"
                return try await withServer(
                    middleware: [ServerTracing(front)], handler: Self.start(front, next)
                ) { address, _ in
                    var headers = Headers()
                    if beginning == .ofDebugID {
                        let name = try #require(HTTPField.Name("jaeger-debug-id"))
                        headers.append(name, "my%20bug%2F%C3%A9")
                    }
                    let response = try await HTTPClient().execute(
                        HTTPClientRequest(.get, "http://\(address)/start", headers: headers))
                    try #require(response.status == .ok, "\(response.text)")
                    return try JSONDecoder().decode(Seen.self, from: Data(response.body))
                }
            }
        }
    }

    private static func start(_ tracer: JaegerTracer, _ next: String) -> Router {
        let client = HTTPClient(middleware: [ClientTracing(tracer)])
        var routes = Router()
        routes.get("/start") { _ in
            let span = try #require(ServiceContext.current?.jaegerSpan)
            for (key, value) in baggage { span.setBaggageItem(key, value) }
            let response = try await client.execute(HTTPClientRequest(.get, next))
            let following = try JSONDecoder().decode(Seen.self, from: Data(response.body))
            return try Seen(span.spanContext, parent: span.parentID, next: following).json
        }
        return routes
    }

    private static func end() -> Router {
        var routes = Router()
        routes.get("/end") { _ in
            let span = try #require(ServiceContext.current?.jaegerSpan)
            return try Seen(span.spanContext, parent: span.parentID).json
        }
        return routes
    }
}
