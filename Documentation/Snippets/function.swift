import Logging
import ServiceLifecycle
import Spoor
import SpoorJSON
import SpoorJSONTesting
import SpoorTesting
import Testing
import Tracing

/// The function around a fragment of statements, with the names that the fragment uses.
func snippet(
    routes: inout Router, tracer: JaegerTracer, client: HTTPClient, exchange: Exchange,
    server: HTTPServer, prices: AsyncStream<Double>, rows: AsyncStream<String>,
    token: String,
    freshToken: @escaping @Sendable () async throws -> String
) async throws {
    // SNIPPET
}
