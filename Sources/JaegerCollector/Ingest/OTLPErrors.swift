import HTTPTypes
import SpoorHTTP
import SpoorMiddleware
import SpoorServer

/// Gives errors at the paths of OTLP the form of OTLP: those that are thrown (404, 405, 413, a refused host), and those
/// with which the HTTP layer rejects a request (400, 408, 413, 431).
struct OTLPErrors: Middleware {
    func intercept(_ exchange: Exchange, next: Next) async throws {
        guard OTLPFailure.isPath(exchange.request.path) else { return try await next(exchange) }
        do {
            try await next(exchange)
        } catch {
            guard !exchange.response.isHeadSent,
                let response = OTLPFailure.response(for: error, to: exchange.request)
            else { throw error }
            try await exchange.response.send(response)
        }
    }

    /// The response to a request that the HTTP layer rejects: in the form of OTLP where the path is known to be one of OTLP,
    /// else plain text.
    @Sendable static func rejection(_ rejected: RejectedRequest) -> Response {
        guard let request = rejected.request, OTLPFailure.isPath(request.path) else {
            return Response(status: rejected.status, text: reason(of: rejected) + "\n")
        }
        return OTLPFailure.response(rejected.status, reason(of: rejected), to: request)
    }

    /// As ``rejection(_:)``, for a port that is meant for OTLP: a request whose head was not understood is taken for one of
    /// OTLP.
    @Sendable static func rejectionByDefault(_ rejected: RejectedRequest) -> Response {
        guard rejected.request == nil else { return rejection(rejected) }
        return OTLPFailure.response(rejected.status, reason(of: rejected), to: nil)
    }

    private static func reason(of rejected: RejectedRequest) -> String {
        let status = "\(rejected.status.code) \(rejected.status.reasonPhrase)"
        guard let limit = rejected.limit else { return "\(status): \(rejected.cause)" }
        return "\(status): \(rejected.cause), the limit is \(limit)"
    }
}
