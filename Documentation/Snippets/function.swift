import Logging
import ServiceLifecycle
import Spoor
import SpoorTesting
import Testing
import Tracing

/// The function that a fragment of statements stands in, with what it takes for granted.
func snippet(
    routes: inout Router, tracer: JaegerTracer, client: HTTPClient, exchange: Exchange,
    server: HTTPServer, prices: AsyncStream<Double>, token: String,
    freshToken: @escaping @Sendable () async throws -> String
) async throws {
// SNIPPET
}
