import HTTPTypes
import Logging
import SpoorHTTP
import SpoorHTTP1
import SpoorNetworking
import SpoorText

/// Requests that no handler sees, or whose bodies fail while one reads them: the responses that the HTTP layer makes.
extension ConnectionDriver {
    /// Answers a malformed head, and ends the connection.
    func reject(_ fault: RequestFault, isHead: Bool) async throws {
        guard handle(.requestRejected) == .linger else { return }
        let limits = server.limits.http1
        try await reject(
            fault.status, because: fault.description,
            limit: .init(fault, limits, bodyBytesMax: limits.bodyBytesMax),
            explanation: explanation(of: fault), isHead: isHead)
    }

    /// A fault in words, with the bytes that arrived; nil if the log does not get it.
    private func explanation(of fault: RequestFault) -> String? {
        guard server.logger.logLevel <= .debug else { return nil }
        return state.value.input.withUnread {
            fault.explanation(received: $0, limits: server.limits.http1)
        }
    }

    /// Sends the response of a rejection, and lingers.
    func reject(
        _ status: HTTPResponse.Status, because cause: String, limit: RejectedRequest.Limit? = nil,
        explanation: String? = nil, isHead: Bool = false
    ) async throws {
        let rejected = RejectedRequest(
            status, because: cause, limit: limit, connection: state.value.connection.info,
            explanation: explanation)
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
            connection: state.value.connection.info, request: exchange.request,
            explanation: explanation(of: refusal))
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
