import HTTPTypes
import SpoorHTTP
import SpoorMiddleware

/// The routes for sampling strategies: `GET /api/sampling?service=NAME` as in Jaeger's collector, and `GET /sampling`
/// as in its agents and backends.
struct SamplingRoutes: Sendable {
    let strategies: SamplingStrategies

    func add(to routes: inout Router) {
        for path in ["/api/sampling", "/sampling"] {
            routes.get(path) { exchange in response(for: exchange.request.query ?? "") }
        }
    }

    private func response(for query: String) -> Response {
        let services = QueryItems(query).values(of: "service")
        guard services.count == 1, !services[0].isEmpty else {
            return Response(
                status: .badRequest, text: "'service' parameter must be provided once\n")
        }
        return Response(
            bytes: strategies.response(for: services[0]), contentType: "application/json")
    }
}
