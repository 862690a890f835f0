import HTTPTypes
import SpoorHTTP
import SpoorHTTP1
import SpoorNetworking
import SpoorText

/// Receiving request heads.
extension ConnectionDriver {
    /// The result of reading a head as far as that is possible without waiting.
    private enum HeadProgress {
        /// The head is complete.
        case complete
        /// No request has begun, or the peer has ended the connection.
        case none
        /// The head has begun, and no more bytes are available.
        case incomplete
        /// The kernel must accept buffered responses first.
        case mustDrain
        /// Other connections are to be served first.
        case turnIsOver
        /// The head is malformed.
        case rejected(RequestFault)
    }

    /// Reads the head of the next request; returns false if there is none, or if the connection ends.
    @inline(__always)
    func receiveHead(_ exchange: Exchange) async throws -> Bool {
        exchange.reset()
        let progress = try readHead(into: exchange)
        switch progress {
        case .complete: return true
        case .none: return false
        case .incomplete, .mustDrain, .turnIsOver, .rejected:
            return try await receiveHead(exchange, after: progress)
        }
    }

    /// Continues to read a head that could not be read without waiting.
    ///
    /// Not inlined, so that what it needs is not part of the frame in which handlers run.
    @inline(never)
    private func receiveHead(
        _ exchange: Exchange, after first: HeadProgress
    ) async throws -> Bool {
        var progress = first
        var deadline: MonotonicInstant?
        while true {
            switch progress {
            case .complete: return true
            case .none: return false
            case .incomplete:
                let until = deadline ?? self.deadline(server.timeouts.head)
                deadline = until
                guard try await waitForRestOfHead(until: until) else { return false }
            case .mustDrain: try await drain(for: exchange)
            case .turnIsOver: await yieldTurn()
            case .rejected(let fault):
                try await reject(fault, of: exchange)
                return false
            }
            progress = try readHeadAgain(into: exchange)
        }
    }

    @inline(never)
    private func readHeadAgain(into exchange: Exchange) throws -> HeadProgress {
        try readHead(into: exchange)
    }

    /// Parses and receives until the head is complete, or something has to be waited for.
    @inline(__always)
    private func readHead(into exchange: Exchange) throws -> HeadProgress {
        while true {
            do {
                if !workspace.value.input.isEmpty, try parseHead(into: exchange) {
                    return .complete
                }
            } catch {
                return .rejected(error)
            }
            // The peer may be waiting for these responses.
            if workspace.value.output.pendingCount > 0, try flush() == .mustDrain {
                return .mustDrain
            }
            if !stream.mayHaveMore { return workspace.value.input.isEmpty ? .none : .incomplete }
            switch try fill(&workspace.value.input) {
            case .bytes: if isTurnOver() { return .turnIsOver }
            case .wouldBlock: continue
            case .endOfStream:
                _ = handle(.peerEnded)
                return .none
            }
        }
    }

    /// Parses the received bytes; returns true if they contain the rest of a head, which is consumed.
    @inline(__always)
    private func parseHead(into exchange: Exchange) throws(RequestFault) -> Bool {
        let progress = try workspace.value.input.withUnread { unread throws(RequestFault) in
            try workspace.value.session.parser.parse(unread, into: &exchange.request)
        }
        guard case .complete(let count) = progress else { return false }
        workspace.value.input.consume(count)
        return true
    }

    /// Waits for the rest of a head that has begun; returns false if the connection ends, after the peer has received
    /// a response.
    ///
    /// A shutdown ends this wait too, because no exchange has begun.
    private func waitForRestOfHead(until deadline: MonotonicInstant) async throws -> Bool {
        guard handle(.bytesReceived) == .proceed else { return false }
        waitingSince = loop.now
        let outcome = await stream.waitReadable(
            until: min(deadline, server.idleDeadline(server.timeouts.head)))
        waitingSince = nil
        if outcome == .ready { return true }
        // While the server shuts down this is not the peer's fault: another server may have the time.
        switch handle(outcome == .timedOut && !server.isDraining ? .timedOut : .shutdown) {
        case .rejectLateHead:
            server.countTimeout(.head)
            try await reject(.requestTimeout, because: "headTimeout")
        case .rejectAtShutdown:
            resumeWaiting()
            try await reject(.serviceUnavailable, because: "draining")
        default: break
        }
        return false
    }

    /// Reads once into a buffer.
    func fill(_ buffer: inout ReceiveBuffer) throws(ConnectionFault) -> ReceiveResult {
        do {
            let result = try buffer.fill(from: stream)
            if case .bytes(let count) = result { server.countReceived(count) }
            return result
        } catch {
            throw .broken(error)
        }
    }
}
