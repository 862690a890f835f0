import HTTPTypes
import Logging
import SpoorHTTP
import SpoorHTTP1
import SpoorMiddleware
import SpoorNetworking

/// Drives the exchanges of one connection while it has something to do: bytes in, through the chain, bytes out.
///
/// A loop lends drivers to its connections, so that an idle connection holds no buffer. What bytes mean and what comes
/// next is decided in SpoorHTTP1; here it is done: reading, running the chain, writing, keeping the time-outs.
final class ExchangeDriver {
    /// All that changes, in one place that the connection's task alone touches.
    struct State {
        /// The connection that the driver is lent to.
        var connection: ServerConnection
        /// Where the connection's task is in memory, which a request is found by if it blocks the loop.
        var taskAddress: UInt
        /// What the connection does next.
        var machine: ServerConnectionState
        var parser: RequestHeadParser
        var body: BodyDecoder
        var encoder = BodyEncoder(MessageFraming(length: .none))
        /// Received and not yet consumed.
        var input = ReceiveBuffer()
        /// Serialised and not yet handed to the kernel.
        var output = SendBuffer()
        /// Whether the peer has ended the connection, or we have refused it.
        var isAtEnd = false
        /// How many reads and writes are left before other connections of the loop get a turn.
        var turnsLeft = ExchangeDriver.turnsMax
        /// How many answers stand complete in the send buffer.
        var gatheredCount = 0
        /// How fast the peer sends the body.
        var bodyPace = Pace()
        /// How fast the peer takes the answer.
        var writePace = Pace()

        /// Whether a handler is at work.
        var isHandling = false
        /// Whether the peer has left while the handler was at work, whose task is cancelled.
        var isPeerGone = false
        /// Ends the time of the handler; made when first needed.
        var handlerDeadline: Deadline?
        /// Whether the handler has passed its time-out, and its task is cancelled.
        var isHandlerLate = false
        /// When the first thing happened that ends an exchange from outside.
        var interruptedAt: MonotonicInstant?
        /// Whether the response is an event stream, which a drain ends.
        var eventStream = EventStreamState.none
        /// What the first fault of the connection was that was thrown to the handler.
        var faultInterruption: Interruption?
        /// The byte stream, while another protocol than HTTP has it.
        var handedOver: HandedOverStream?
    }

    /// A peer that sends or takes without a pause must not hold the thread of its loop: after four reads (64 KiB) or four
    /// writes (256 KiB), some milliseconds at the most, others come first.
    static let turnsMax = 4

    let server: LoopServer
    let state: TaskConfined<State>

    init(server: LoopServer, connection: ServerConnection) {
        self.server = server
        let limits = server.limits.http1
        state = TaskConfined(
            State(
                connection: connection, taskAddress: connection.taskAddress,
                machine: ServerConnectionState(limits: limits),
                parser: RequestHeadParser(limits: limits), body: BodyDecoder(.none, limits: limits))
        )
    }

    deinit {
        if let deadline = state.value.handlerDeadline { server.loop.remove(deadline) }
        state.deallocate()
    }

    /// Makes the driver ready for a connection that has something to read.
    func begin(_ connection: ServerConnection) {
        let limits = server.limits.http1
        state.value.connection = connection
        state.value.taskAddress = connection.taskAddress
        state.value.machine = ServerConnectionState(limits: limits)
        state.value.parser = RequestHeadParser(limits: limits)
        state.value.input.removeAll()
        state.value.output.removeAll()
        state.value.isAtEnd = false
        state.value.isPeerGone = false
        state.value.isHandlerLate = false
        state.value.eventStream = .none
        state.value.gatheredCount = 0
        state.value.turnsLeft = Self.turnsMax
    }

    /// Serves the requests that are there; true when the connection is to be kept and waits for the next one.
    func serve(_ exchange: Exchange) async -> Bool {
        let connection = state.value.connection
        exchange.connection = connection.info
        do {
            while try await receiveHead(exchange, of: connection) {
                begin(exchange, of: connection)
                try await server.chain.run(exchange)
                state.value.isHandling = false
                let next = state.value.machine.end()
                if case .readRequest = next {
                    // As nearly always.
                } else {
                    guard try await settle(next, exchange) else { return false }
                }
                // A cancelled task is no place for another request.
                if isTaskCancelled {
                    try await flushBeforeWaiting(exchange)
                    if !state.value.input.isEmpty || connection.stream.mayHaveMore {
                        await linger()
                    }
                    return false
                }
            }
            return !state.value.isAtEnd
        } catch {
            state.value.isHandling = false
            state.value.handedOver?.end()
            state.value.handedOver = nil
            state.value.connection.isBroken = true
            server.logger.debug(
                "a connection broke off",
                metadata: ["peer": "\(state.value.connection.info.peer)", "error": "\(error)"])
            return false
        }
    }

    /// Whether the connection's task was cancelled, for any of the reasons that there are.
    private var isTaskCancelled: Bool {
        state.value.isPeerGone || state.value.isHandlerLate
            || state.value.eventStream.hasBeenEnded || state.value.connection.isCutOff
    }

    // MARK: The head

    /// Reads the head of the next request; false when there is none to be had without waiting idly.
    @inline(__always)
    private func receiveHead(
        _ exchange: Exchange, of connection: ServerConnection
    ) async throws -> Bool {
        exchange.reset()
        var deadline: MonotonicInstant?
        while true {
            do {
                if !state.value.input.isEmpty, try parseHead(into: exchange) { return true }
            } catch {
                let limits = server.limits.http1
                try await refuse(
                    error.status, because: error.description,
                    limit: .init(error, limits, bodyBytesMax: limits.bodyBytesMax),
                    isHead: exchange.request.knownMethod == .head)
                return false
            }
            if state.value.output.pendingCount > 0 { try await flushBeforeWaiting(exchange) }
            if !connection.stream.mayHaveMore {
                if state.value.input.isEmpty { return false }
                let until = deadline ?? connection.deadline(server.timeouts.head)
                deadline = until
                guard try await waitForRestOfHead(of: connection, until: until) else {
                    return false
                }
            }
            switch try connection.fill(&state.value.input) {
            case .bytes: if isTurnOver() { await yieldTurn() }
            case .wouldBlock: continue
            case .endOfStream:
                state.value.isAtEnd = true
                return false
            }
        }
    }

    /// Waits for more of a head that has begun; false when the connection ends, and the peer has been told.
    private func waitForRestOfHead(
        of connection: ServerConnection, until deadline: MonotonicInstant
    ) async throws -> Bool {
        switch await connection.waitForRestOfHead(until: deadline) {
        case .ready: return true
        case .timedOut where !server.isDraining:
            server.noteTimeout(.head)
            try await refuse(.requestTimeout, because: "headTimeout")
        case .interrupted where connection.isCutOff: throw ConnectionFault.cutOff
        case .timedOut, .interrupted:
            // The server's haste and not the peer's fault: another server may have the time.
            connection.resumeWaiting()
            try await refuse(.serviceUnavailable, because: "draining")
        }
        return false
    }

    /// Looks at what was received; true if it holds the rest of a head, which is consumed.
    private func parseHead(into exchange: Exchange) throws(RequestFault) -> Bool {
        let progress = try state.value.input.withUnread { unread throws(RequestFault) in
            try state.value.parser.parse(unread, into: &exchange.request)
        }
        guard case .complete(let count) = progress else { return false }
        state.value.input.consume(count)
        return true
    }

    // MARK: The exchange

    /// Makes ready for the body and the response of the request whose head has come.
    private func begin(_ exchange: Exchange, of connection: ServerConnection) {
        server.noteRequest()
        connection.noteRequest()
        exchange.probe.begin(
            task: state.value.taskAddress, method: exchange.request.knownMethod)
        state.value.isHandling = true
        state.value.bodyPace = Pace()
        state.value.writePace = Pace()
        state.value.machine.begin(
            version: exchange.request.version, method: exchange.request.knownMethod,
            bodyLength: exchange.request.bodyLength, options: state.value.parser.options,
            expectsContinue: state.value.parser.expectsContinue)
        if !state.value.machine.isBodyComplete {
            state.value.body = BodyDecoder(
                exchange.request.bodyLength, limits: server.limits.http1)
        }
        state.value.interruptedAt = nil
        if state.value.faultInterruption != nil { state.value.faultInterruption = nil }
        // What came while nobody's task was there to be cancelled.
        if connection.stream.hasHungUp { peerLeft() }
    }

    /// Does what is left after a response; false when the connection ends.
    private func settle(
        _ first: ServerConnectionState.NextAction, _ exchange: Exchange
    ) async throws -> Bool {
        var next = first
        while case .drainBody(let bytesMax) = next {
            guard try await readAway(exchange, bytesMax: bytesMax) else {
                await linger()
                return false
            }
            next = state.value.machine.end()
        }
        switch next {
        case .close(let lingers): if lingers || peerMaySendMore { await linger() }
        case .handOver: await endHandOver()
        case .readRequest, .drainBody: break
        }
        return next == .readRequest
    }

    /// Whether the peer, which has not said that it ends the connection, may be sending its next request: closing would
    /// reset the connection and take the answer with it.
    private var peerMaySendMore: Bool {
        !state.value.input.isEmpty || state.value.connection.stream.mayHaveMore
            || state.value.machine.isPersistentForPeer
    }

    /// Reads and forgets what the handler left of the body; false if there is more than allowed, or if it is none.
    private func readAway(_ exchange: Exchange, bytesMax: Int) async throws -> Bool {
        let bytesBefore = state.value.body.bytesReceived
        do {
            while try await receiveBody(for: exchange) != nil {
                guard state.value.body.bytesReceived - bytesBefore <= bytesMax else { return false }
            }
        } catch is RefusedBody {
            // The answer is out, and the peer is to see it.
            return false
        }
        return true
    }

    /// Ends our side and reads on for a moment, so that the peer sees the answer and not a reset (RFC 9112 §9.6).
    func linger() async {
        let connection = state.value.connection
        let deadline = connection.deadline(server.timeouts.linger)
        do {
            try connection.stream.shutdownWrite()
            while server.loop.now < deadline {
                state.value.input.removeAll()
                if !connection.stream.mayHaveMore {
                    guard await connection.stream.waitReadable(until: deadline) == .ready else {
                        return
                    }
                }
                if try connection.fill(&state.value.input) == .endOfStream { return }
                if isTurnOver() { await yieldTurn() }
            }
        } catch {
            // The peer is gone: there is nobody left to be polite to.
        }
    }

    // MARK: Turns

    /// Counts a read or a write; true when others are to come first.
    func isTurnOver() -> Bool {
        state.value.turnsLeft -= 1
        return state.value.turnsLeft <= 0
    }

    /// Lets the loop's other jobs run, and look at its descriptors and its clock.
    func yieldTurn() async {
        state.value.turnsLeft = Self.turnsMax
        await Task.yield()
    }
}
