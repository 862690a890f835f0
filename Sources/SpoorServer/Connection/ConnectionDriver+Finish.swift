import SpoorHTTP
import SpoorHTTP1
import SpoorNetworking
import SpoorText

/// What follows a response: the rest of the request's body is discarded, the connection lingers, or an upgrade ends.
extension ConnectionDriver {
    /// Executes the actions after a response, until the next request can be read or the connection has ended.
    func finish(_ exchange: Exchange, _ first: ServerConnectionMachine.Action) async throws {
        var action = first
        while true {
            switch action {
            case .drainBody: action = try await discardBody(exchange)
            case .linger: action = await linger()
            case .lingerIfBytesWait:
                try await flushBeforeWaiting(exchange)
                action =
                    workspace.value.input.isEmpty && !stream.mayHaveMore
                    ? handle(.lingerEnded) : await linger()
            case .endUpgrade:
                endUpgrade()
                action = await linger()
            case .proceed, .callHandler, .readRequest, .sendContinue, .decodeBody, .endBody,
                .reportBody, .cancelHandler, .rejectLateHead, .rejectAtShutdown, .close, .abort:
                return
            }
        }
    }

    /// Reads and discards the unread rest of the body, up to the limit.
    private func discardBody(
        _ exchange: Exchange
    ) async throws -> ServerConnectionMachine.Action {
        let bytesBefore = workspace.value.body.bytesReceived
        do {
            while machine.state == .drainingBody {
                _ = try await receivePiece(for: exchange)
                let count = workspace.value.body.bytesReceived - bytesBefore
                if machine.state == .drainingBody, count > server.limits.http1.maxDrainBytes {
                    return handle(.drainLimitReached)
                }
            }
        } catch is RejectedBody {
            // The response has been sent, and must reach the peer.
            logRejectedBody(of: exchange)
            return .linger
        }
        return .readRequest
    }

    /// Closes the write side, and reads and discards for a moment, so that the peer receives the response and not a
    /// reset (RFC 9112 §9.6).
    func linger() async -> ServerConnectionMachine.Action {
        workspace.value.input.removeAll()
        await LingeringClose.run(
            on: stream, forNanoseconds: server.timeouts.linger,
            reusing: &workspace.value.input, server.countReceived)
        return handle(.lingerEnded)
    }

    /// Ends the stream of the other protocol, if there is one.
    func endUpgrade() {
        workspace.value.upgradedStream?.end()
        workspace.value.upgradedStream = nil
    }
}
