import HTTPTypes
import JaegerOTLP
import SpoorHTTP
import SpoorMiddleware
import SpoorServer
import SpoorText

/// The response to a failed OTLP request: `google.rpc.Status` in the encoding of the request, so that SDKs can log the
/// reason.
///
/// JSON requests get JSON responses, all others protobuf, as the specification requires.
enum OTLPFailure {
    /// Returns whether a path is one of OTLP over HTTP, served or not: `/v1/traces`, `/v1/metrics`, `/v1/logs`.
    static func isPath(_ path: String) -> Bool { path.hasPrefix("/v1/") }

    static let protobuf = "application/x-protobuf"
    private static let json = "application/json"

    static func response(
        _ status: HTTPResponse.Status, _ message: String, to request: Request?,
        headers: Headers = Headers()
    ) -> Response {
        let reason = RPCStatus(RPCStatus.Code(httpStatus: status.code), message)
        guard request?.headers[.contentType].flatMap(MediaType.essence) == json else {
            return Response(
                status: status, headers: headers, bytes: reason.bytes, contentType: protobuf)
        }
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("code")
            writer.integer(reason.code)
            writer.key("message")
            writer.string(reason.message)
        }
        return Response(status: status, headers: headers, bytes: writer.bytes, contentType: json)
    }

    /// Returns the response of an error in OTLP's form; nil for an error without a response.
    static func response(for error: any Error, to request: Request) -> Response? {
        guard let error = error as? any ResponseError else { return nil }
        guard let problem = (error as? any ProblemError)?.problem else {
            let described = error.response()
            // The status alone is not a reason; what is malformed in a body is only in the error.
            return response(
                described.status, "\(described.status.text): \(error)", to: request)
        }
        let reason =
            problem.detail
            ?? (error is HTTPError
                ? problem.status.text : "\(problem.status.text): \(error)")
        return response(problem.status, reason, to: request, headers: problem.headers)
    }
}

/// Converts errors on OTLP paths to OTLP's form: errors that are thrown (404, 405, 413, a rejected host), and those
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

    /// Returns the response to a request that the HTTP layer rejects: in OTLP's form if its path is known to be one of
    /// OTLP, else plain text.
    @Sendable static func rejection(_ rejected: RejectedRequest) -> Response {
        guard let request = rejected.request, OTLPFailure.isPath(request.path) else {
            return Response(status: rejected.status, text: reason(of: rejected) + "\n")
        }
        return OTLPFailure.response(rejected.status, reason(of: rejected), to: request)
    }

    /// Like ``rejection(_:)``, for a port for OTLP: a request whose head could not be parsed counts as an OTLP request.
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
