import HTTPTypes
import Logging
import SpoorHTTP
import SpoorHTTP1
import SpoorNetworking
import SpoorText

/// Requests that are rejected before a handler is called, or whose bodies fail while a handler reads them: the
/// responses of the HTTP layer.
extension ConnectionDriver {
    /// Responds to a malformed head, and ends the connection.
    func reject(_ fault: RequestFault, of exchange: Exchange) async throws {
        guard handle(.requestRejected) == .linger else { return }
        let limits = server.limits.http1
        let isUnderstood = state.value.input.withUnread {
            state.value.session.parser.completeRejectedHead($0, into: &exchange.request)
        }
        try await reject(
            fault.status, because: fault.description,
            limit: .init(fault, limits, maxBodyBytes: limits.maxBodyBytes),
            request: isUnderstood ? exchange.request : nil,
            explanation: server.logger.logLevel <= .debug ? explanation(of: fault) : nil,
            isHead: exchange.request.knownMethod == .head)
    }

    /// Returns the description of a fault, with the received bytes.
    private func explanation(of fault: RequestFault) -> String {
        state.value.input.withUnread {
            fault.explanation(received: $0, limits: server.limits.http1)
        }
    }

    /// Sends the response to a rejected request, and lingers.
    func reject(
        _ status: HTTPResponse.Status, because cause: String, limit: RejectedRequest.Limit? = nil,
        request: Request? = nil, explanation: String? = nil, isHead: Bool = false
    ) async throws {
        let rejected = RejectedRequest(
            status, because: cause, limit: limit, connection: state.value.connection.info,
            request: request, explanation: explanation)
        server.append(rejected, isHead: isHead, to: &state.value.output.bytes)
        while try flush() == .mustDrain { try await waitWritable() }
        _ = await linger()
    }

    /// Returns the rejection of a request for a fault of its body.
    func rejection(of fault: BodyFault, for exchange: Exchange) -> RejectedRequest {
        let rejection = RequestFault.body(fault)
        return RejectedRequest(
            rejection.status, because: rejection.description,
            limit: .init(
                rejection, server.limits.http1, maxBodyBytes: state.value.body.maxBodyBytes),
            connection: state.value.connection.info, request: exchange.request,
            explanation: explanation(of: rejection))
    }

    func response(to error: any Error, for exchange: Exchange) -> Response? {
        let rejected: RejectedRequest
        var isCounted = true
        switch error {
        case let error as RejectedBody:
            rejected = error.rejected
            state.value.rejectedBody = nil
        case let error as HTTPError:
            guard let maxBytes = error.maxExceededBodyBytes, error.status == .contentTooLarge
            else { return nil }
            rejected = RejectedRequest(
                bodyLongerThan: maxBytes, server.limits.http1, of: exchange.request,
                on: state.value.connection.info)
        case ConnectionFault.timedOut(.body):
            rejected = RejectedRequest(
                .requestTimeout, because: "bodyTimeout", connection: state.value.connection.info,
                request: exchange.request)
            // Counted when the time-out expired.
            isCounted = false
        default: return nil
        }
        var response = server.response(to: rejected, isCounted: isCounted)
        response.headers[.connection] = "close"
        return response
    }

    /// Logs and counts a rejected body if the handler has responded itself, or there is no response.
    func logRejectedBody(of exchange: Exchange) {
        guard let rejected = state.value.rejectedBody else { return }
        state.value.rejectedBody = nil
        server.note(
            rejected, sent: exchange.response.isHeadSent ? exchange.response.status : nil)
    }
}
