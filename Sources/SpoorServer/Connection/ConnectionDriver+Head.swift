import HTTPTypes
import SpoorHTTP
import SpoorHTTP1
import SpoorNetworking
import SpoorText

/// Receiving request heads.
extension ConnectionDriver {
    /// Reads the head of the next request; returns false if there is none, or if the connection ends.
    @inline(__always)
    func receiveHead(
        _ exchange: Exchange, of connection: ServerConnection
    ) async throws -> Bool {
        exchange.reset()
        var deadline: MonotonicInstant?
        while true {
            do {
                if !state.value.input.isEmpty, try parseHead(into: exchange) { return true }
            } catch {
                try await reject(error, of: exchange)
                return false
            }
            if state.value.output.pendingCount > 0 { try await flushBeforeWaiting(exchange) }
            if !connection.stream.mayHaveMore {
                if state.value.input.isEmpty { return false }
                let until = deadline ?? connection.deadline(server.timeouts.head)
                deadline = until
                guard try await waitForRestOfHead(until: until) else { return false }
            }
            switch try connection.fill(&state.value.input) {
            case .bytes: if isTurnOver() { await yieldTurn() }
            case .wouldBlock: continue
            case .endOfStream:
                _ = handle(.peerEnded)
                return false
            }
        }
    }

    /// Waits for the rest of a head that has begun; returns false if the connection ends, after the peer has received
    /// a response.
    private func waitForRestOfHead(until deadline: MonotonicInstant) async throws -> Bool {
        guard handle(.bytesReceived) == .proceed else { return false }
        let connection = state.value.connection
        let outcome = await connection.waitForRestOfHead(until: deadline)
        if outcome == .ready { return true }
        // While the server shuts down this is not the peer's fault: another server may have the time.
        switch handle(outcome == .timedOut && !server.isDraining ? .timedOut : .shutdown) {
        case .rejectLateHead:
            server.noteTimeout(.head)
            try await reject(.requestTimeout, because: "headTimeout")
        case .rejectAtShutdown:
            connection.resumeWaiting()
            try await reject(.serviceUnavailable, because: "draining")
        default: break
        }
        return false
    }

    /// Parses the received bytes; returns true if they contain the rest of a head, which is consumed.
    @inline(__always)
    private func parseHead(into exchange: Exchange) throws(RequestFault) -> Bool {
        let progress = try state.value.input.withUnread { unread throws(RequestFault) in
            try state.value.session.parser.parse(unread, into: &exchange.request)
        }
        guard case .complete(let count) = progress else { return false }
        state.value.input.consume(count)
        return true
    }
}
