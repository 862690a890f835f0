import HTTPTypes
import JaegerTracing
import CoreMetrics
import SpoorHTTP
import SpoorMiddleware
import SpoorTracing
import TestSupport

extension JaegerTracer {
    /// Returns a tracer with defaults for everything that is not relevant to a test.
    static func stub(
        _ reporter: any SpanReporter, sampler: any Sampler = ConstSampler(true)
    ) -> JaegerTracer {
        var configuration = JaegerTracerConfiguration()
        configuration.metricsFactory = NOOPMetricsHandler.instance
        return JaegerTracer(
            serviceName: "stub", reporter: reporter, sampler: sampler,
            configuration: configuration)
    }
}

extension FinishedSpan {
    /// The value of a tag, if the span has it.
    subscript(tag key: String) -> TagValue? { tags.first { $0.key == key }?.value }
}

/// Runs a request through a middleware around routes, without sockets.
///
/// - Returns: The status that was sent, or that would have been sent if there is no head.
@discardableResult
func serve(
    _ middleware: some Middleware,
    _ request: Request = .stub(.get, "/hello/you"),
    over transport: RecordingTransport = RecordingTransport(),
    peer: ConnectionInfo.Endpoint = .ipv4("192.0.2.7", port: 4711),
    isSecure: Bool = false,
    _ addRoutes: (inout Router) -> Void = { routes in
        routes.get("/hello/{name}") { _ in "Hello\n" }
    }
) async throws -> HTTPResponse.Status {
    var routes = Router()
    addRoutes(&routes)
    let exchange = Exchange.stub(
        request, over: transport,
        connection: ConnectionInfo(
            peer: peer, local: .ipv4("127.0.0.1", port: 80), isSecure: isSecure))
    try await MiddlewareChain([middleware], handler: routes).run(exchange)
    return exchange.response.status
}
