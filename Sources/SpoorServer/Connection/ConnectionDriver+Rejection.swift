import HTTPTypes
import Logging
import SpoorHTTP
import SpoorHTTP1
import SpoorNetworking
import SpoorText

/// Requests that are rejected before a handler is called, or whose bodies fail while a handler reads them: the
/// responses of the HTTP layer.
extension ConnectionDriver {
    // What is needed to describe a rejection is large, and belongs to synchronous functions that are not inlined: an
    // asynchronous frame would hold it while the connection lingers.

    /// Responds to a malformed head, and ends the connection.
    func reject(_ fault: RequestFault, of exchange: Exchange) async throws {
        guard handle(.requestRejected) == .linger else { return }
        appendRejection(for: fault, of: exchange)
        try await sendRejection()
    }

    /// Responds to a request whose head was not received completely, and ends the connection.
    func reject(_ status: HTTPResponse.Status, because cause: String) async throws {
        appendRejection(status, because: cause)
        try await sendRejection()
    }

    /// Sends the response to a rejected request, and lingers.
    private func sendRejection() async throws {
        while try flush() == .mustDrain { try await waitWritable() }
        _ = await linger()
    }

    @inline(never)
    private func appendRejection(for fault: RequestFault, of exchange: Exchange) {
        let limits = server.limits.http1
        let isUnderstood = workspace.value.input.withUnread {
            workspace.value.session.parser.completeRejectedHead($0, into: &exchange.request)
        }
        let rejected = RejectedRequest(
            fault.status, because: fault.description,
            limit: .init(fault, limits, maxBodyBytes: limits.maxBodyBytes), connection: info,
            request: isUnderstood ? exchange.request : nil,
            explanation: server.logger.logLevel <= .debug ? explanation(of: fault) : nil)
        server.append(
            rejected, isHead: exchange.request.knownMethod == .head,
            to: &workspace.value.output.bytes)
    }

    @inline(never)
    private func appendRejection(_ status: HTTPResponse.Status, because cause: String) {
        let rejected = RejectedRequest(
            status, because: cause, connection: info)
        server.append(rejected, to: &workspace.value.output.bytes)
    }

    /// Returns the description of a fault, with the received bytes.
    private func explanation(of fault: RequestFault) -> String {
        workspace.value.input.withUnread {
            fault.explanation(received: $0, limits: server.limits.http1)
        }
    }

    /// Returns the rejection of a request for a fault of its body.
    @inline(never)
    func rejection(of fault: BodyFault, for exchange: Exchange) -> RejectedRequest {
        let rejection = RequestFault.body(fault)
        return RejectedRequest(
            rejection.status, because: rejection.description,
            limit: .init(
                rejection, server.limits.http1, maxBodyBytes: workspace.value.body.maxBodyBytes),
            connection: info, request: exchange.request, traceID: exchange.traceID,
            explanation: explanation(of: rejection))
    }

    func recordBodyTooLong(maxBytes: Int, for exchange: Exchange) {
        // Reported once, however often the handler tries again.
        guard workspace.value.rejectedBody == nil else { return }
        workspace.value.rejectedBody = RejectedRequest(
            bodyLongerThan: maxBytes, server.limits.http1, of: exchange, on: info)
    }

    func response(to error: any Error, for exchange: Exchange) -> Response? {
        let rejected: RejectedRequest
        var isCounted = true
        switch error {
        case let error as RejectedBody:
            rejected = error.rejected
            workspace.value.rejectedBody = nil
        case let error as HTTPError:
            guard let maxBytes = error.maxExceededBodyBytes, error.status == .contentTooLarge
            else { return nil }
            rejected = RejectedRequest(
                bodyLongerThan: maxBytes, server.limits.http1, of: exchange, on: info)
            workspace.value.rejectedBody = nil
        case ConnectionFault.timedOut(.body):
            rejected = RejectedRequest(
                .requestTimeout, because: "bodyTimeout", connection: info,
                request: exchange.request, traceID: exchange.traceID)
            // Counted when the timeout expired.
            isCounted = false
        default: return nil
        }
        var response = server.response(to: rejected, isCounted: isCounted)
        response.headers[.connection] = "close"
        return response
    }

    /// Logs and counts a rejected body if the handler has responded itself, or there is no response.
    @inline(never)
    func logRejectedBody(of exchange: Exchange) {
        guard let rejected = workspace.value.rejectedBody else { return }
        workspace.value.rejectedBody = nil
        server.logRejected(
            rejected, sent: exchange.response.isHeadSent ? exchange.response.status : nil)
    }
}
