import SpoorHTTP
import SpoorMiddleware

/// Answers with the request's method, target and host.
struct EchoHead: Handler {
    func handle(_ exchange: Exchange) async throws {
        let request = exchange.request
        try await exchange.response.send(
            Response(
                text: "\(request.method) \(request.target) \(request.authority ?? "-")"))
    }
}
