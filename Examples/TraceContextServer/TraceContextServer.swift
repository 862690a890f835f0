import ArgumentParser
import FoundationEssentials
import Spoor

/// The service that the W3C test harness for Trace Context calls: `POST /test` with a list of calls, which it makes in order.
///
/// `ServerTracing` continues the incoming trace; `ClientTracing` propagates it with each call, as a new span.
@main
struct TraceContextServer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serves POST /test for the test harness of w3c/trace-context.",
        discussion: "Scripts/check-tracecontext fetches the harness and runs all of it.")

    @Option(help: "The port to listen on, at 127.0.0.1.")
    var port: UInt16 = 5000

    @Option(help: "Report to this collector, too: http://127.0.0.1:14268/api/traces.")
    var trace: String?

    /// One call of the list: its URL and its body.
    private struct Call: Codable {
        let url: String
        let arguments: [Call]?
    }

    func run() async throws {
        let reporter = trace.map { HTTPReporter(endpoint: $0) }
        let tracer = JaegerTracer(
            serviceName: "trace-context", reporter: reporter ?? NullReporter())
        let client = HTTPClient(middleware: [ClientTracing(tracer)])

        var routes = Router()
        routes.post("/test") { exchange in
            let body = Data(try await exchange.body.collect(upTo: 1 << 20))
            guard let calls = try? JSONDecoder().decode([Call].self, from: body) else {
                throw HTTPError(.badRequest, "not a list of {\"url\", \"arguments\"}")
            }
            for call in calls {
                let arguments = try JSONEncoder().encode(call.arguments ?? [])
                _ = try await client.execute(
                    HTTPClientRequest(
                        .post, call.url, headers: [.contentType: "application/json"],
                        body: .bytes([UInt8](arguments))))
            }
            return Response(text: "[]", contentType: "application/json")
        }

        let server = HTTPServer(
            listening: .loopback(port: port), middleware: [ServerTracing(tracer)], handler: routes,
            loopCount: 1)
        try await server.runService(with: reporter.map { [$0] } ?? [])
    }
}
