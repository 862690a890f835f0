import HTTPTypes
import SpoorHTTP
import SpoorHTTP1

/// Requests that no handler sees, or whose bodies break off under one: the responses that the HTTP layer makes.
extension ExchangeDriver {
    /// Rejects a request that cannot be handled, and ends the connection.
    func refuse(
        _ status: HTTPResponse.Status, because cause: String, limit: RejectedRequest.Limit? = nil,
        isHead: Bool = false
    ) async throws {
        state.value.isAtEnd = true
        let rejected = RejectedRequest(
            status, because: cause, limit: limit, connection: state.value.connection.info)
        server.note(rejected)
        server.append(rejected, isHead: isHead, to: &state.value.output.bytes)
        while try flush() == .mustDrain { try await waitWritable() }
        await linger()
    }

    /// What a fault of a body makes of its request.
    func rejection(of fault: BodyFault, for exchange: Exchange) -> RejectedRequest {
        let refusal = RequestFault.body(fault)
        return RejectedRequest(
            refusal.status, because: refusal.description,
            limit: .init(
                refusal, server.limits.http1, bodyBytesMax: state.value.body.bodyBytesMax),
            connection: state.value.connection.info, request: exchange.request)
    }

    func response(to error: any Error, for exchange: Exchange) -> Response? {
        let rejected: RejectedRequest
        switch error {
        case let refused as RefusedBody: rejected = refused.rejected
        case ConnectionFault.timedOut(.body):
            rejected = RejectedRequest(
                .requestTimeout, because: "bodyTimeout", connection: state.value.connection.info,
                request: exchange.request)
            // Counted where the time passed.
            server.log(rejected)
        default: return nil
        }
        var response = server.response(to: rejected)
        response.fields[.connection] = "close"
        return response
    }
}
