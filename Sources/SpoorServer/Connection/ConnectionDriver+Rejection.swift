import HTTPTypes
import SpoorHTTP
import SpoorHTTP1

/// Requests that no handler sees, or whose bodies fail while one reads them: the responses that the HTTP layer makes.
extension ConnectionDriver {
    /// Answers a malformed head, and ends the connection.
    func reject(_ fault: RequestFault, isHead: Bool) async throws {
        guard handle(.requestRejected) == .linger else { return }
        let limits = server.limits.http1
        try await reject(
            fault.status, because: fault.description,
            limit: .init(fault, limits, bodyBytesMax: limits.bodyBytesMax), isHead: isHead)
    }

    /// Sends the response of a rejection, and lingers.
    func reject(
        _ status: HTTPResponse.Status, because cause: String, limit: RejectedRequest.Limit? = nil,
        isHead: Bool = false
    ) async throws {
        let rejected = RejectedRequest(
            status, because: cause, limit: limit, connection: state.value.connection.info)
        server.note(rejected)
        server.append(rejected, isHead: isHead, to: &state.value.output.bytes)
        while try flush() == .mustDrain { try await waitWritable() }
        _ = await linger()
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
