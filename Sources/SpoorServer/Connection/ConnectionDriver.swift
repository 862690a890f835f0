import HTTPTypes
import Logging
import SpoorHTTP
import SpoorHTTP1
import SpoorMiddleware
import SpoorNetworking
import SpoorText

/// The exchanges of a connection that is not idle: passes events to the connection's state machine, executes the
/// actions that it returns, and owns buffers, framing and time-outs of an exchange.
///
/// It neither starts nor ends the connection's task, and never closes its stream: that is done by the
/// ``ServerConnection``. An event loop lends drivers to its connections, so that an idle connection holds no buffer.
final class ConnectionDriver {
    /// The mutable state, confined to the connection's task.
    struct State {
        /// The connection that the driver is lent to.
        var connection: ServerConnection
        /// The state that is reset for each connection.
        var session: Session
        /// Received bytes that were not consumed yet; the memory is kept.
        var input = ReceiveBuffer()
        /// Serialized bytes that were not passed to the kernel yet; the memory is kept.
        var output = SendBuffer()
        /// Removes the framing of the request body; created for each request that has one.
        var body: BodyDecoder
        /// The rejection of the body that is received, until it is logged and counted with the status that is sent.
        var rejectedBody: RejectedRequest?
        /// Adds the framing of the response body; created for each head that is sent before its body.
        var encoder = BodyEncoder(MessageFraming(length: .none))
        /// The byte stream, while another protocol than HTTP uses it; it ends before the driver is returned.
        var upgradedStream: UpgradedStream?
        /// The handler's time-out; created when first needed.
        var handlerDeadline: Deadline?
        /// Sends buffered responses if the next handler delays them; created when first needed.
        var flushTimer: Deadline?
    }

    /// The state that is reset when the driver is lent to a connection.
    ///
    /// It contains no references, so that an assignment copies bytes only; state with a reference is part of the
    /// memory that is kept, and is released when it ends.
    struct Session {
        /// The protocol state of the connection.
        var machine: ServerConnectionMachine
        var parser: RequestHeadParser
        /// The address of the connection's task, which identifies a request that blocks the event loop.
        let taskAddress: UInt
        /// The number of reads and writes before other connections of the loop get a turn.
        var turnsLeft = ConnectionDriver.maxTurns
        /// The number of complete responses in the send buffer.
        var batchedCount = 0
        var flushPause = FlushPause()
        var exchange = ExchangeProgress()
    }

    /// The state that is reset for each request.
    struct ExchangeProgress {
        /// The rate at which the peer sends the body.
        var bodyPace = Pace()
        /// The rate at which the peer reads the response.
        var writePace = Pace()
        /// The number of bytes that leave the send buffer in this exchange before the first one of a streamed
        /// response.
        var responseStart: UInt64 = 0
        /// The state of the event stream, which a graceful shutdown ends.
        var eventStream = EventStreamState.none
        /// The state of the handler's time-out.
        var handlerTime = HandlerTime.open
        /// The time of the first interruption from outside.
        var interruptedAt: MonotonicInstant?
        /// The cause of the first fault of the connection that was thrown to the handler.
        var faultCause: ConnectionFault.Cause?
    }

    /// The number of reads (64 KiB in total) or writes (256 KiB) without a pause, some milliseconds at most, after
    /// which other connections are served: a peer must not occupy the thread of its event loop.
    static let maxTurns = 4

    let server: LoopServer
    let loop: EventLoop
    let state: TaskConfined<State>

    init(server: LoopServer, connection: ServerConnection, _ machine: ServerConnectionMachine) {
        self.server = server
        loop = server.loop
        let limits = server.limits.http1
        state = TaskConfined(
            State(
                connection: connection,
                session: Self.session(of: connection, machine, limits: limits),
                body: BodyDecoder(.none, limits: limits)))
    }

    deinit {
        if let deadline = state.value.handlerDeadline { server.loop.remove(deadline) }
        if let deadline = state.value.flushTimer { server.loop.remove(deadline) }
        state.deallocate()
    }

    /// Prepares the driver for a connection that has something to read.
    func begin(_ connection: ServerConnection, _ machine: ServerConnectionMachine) {
        state.value.connection = connection
        assert(state.value.upgradedStream == nil && state.value.rejectedBody == nil)
        state.value.session = Self.session(of: connection, machine, limits: server.limits.http1)
        state.value.input.removeAll()
        state.value.output.removeAll()
    }

    @inline(__always)
    private static func session(
        of connection: ServerConnection, _ machine: ServerConnectionMachine, limits: HTTP1Limits
    ) -> Session {
        Session(
            machine: machine, parser: RequestHeadParser(limits: limits),
            taskAddress: connection.taskAddress)
    }

    // MARK: The machine

    /// The protocol state of the connection.
    @inline(__always)
    var machine: ServerConnectionMachine { state.value.session.machine }

    /// Passes an event to the machine; returns the resulting action.
    @inline(__always)
    func handle(_ event: ServerConnectionMachine.Event) -> ServerConnectionMachine.Action {
        state.value.session.machine.handle(event)
    }

    /// Passes an event of the response to the machine, and the new phase to the exchange.
    @inline(__always)
    func handle(responding event: ServerConnectionMachine.Event, _ exchange: Exchange) {
        _ = state.value.session.machine.handle(event)
        exchange.state.value.phase = state.value.session.machine.response
    }

    // MARK: Serving

    /// Serves the available requests; returns the machine, which is idle if the connection is to be kept.
    func serve(_ exchange: Exchange) async -> ServerConnectionMachine {
        let connection = state.value.connection
        exchange.connection = connection.info
        do {
            while try await receiveHead(exchange, of: connection), begin(exchange, of: connection) {
                try await server.chain.run(exchange)
                let action = handle(.handlerReturned)
                if case .readRequest = action { continue }
                logRejectedBody(of: exchange)
                try await finish(exchange, action)
            }
        } catch {
            logRejectedBody(of: exchange)
            _ = handle(.failed)
            endUpgrade()
            server.logger.debug(
                "connection aborted",
                metadata: ["peer": "\(connection.info.peer)", "error": "\(error)"])
        }
        if let flushTimer = state.value.flushTimer { server.loop.disarm(flushTimer) }
        // A request that ends the connection does not discard the complete responses before it.
        if state.value.output.pendingCount > 0 { _ = try? flush() }
        return machine
    }

    /// Prepares for the body and the response of the request whose head was received; returns false if the connection
    /// has ended.
    @inline(__always)
    private func begin(_ exchange: Exchange, of connection: ServerConnection) -> Bool {
        let traits = ServerConnectionMachine.RequestTraits(
            version: exchange.request.version, method: exchange.request.knownMethod,
            bodyLength: exchange.request.bodyLength, options: state.value.session.parser.options,
            expectsContinue: state.value.session.parser.expectsContinue)
        guard case .callHandler = state.value.session.machine.receive(traits) else { return false }
        state.value.session.exchange = ExchangeProgress()
        server.noteRequest()
        exchange.probe.begin(
            task: state.value.session.taskAddress, method: exchange.request.knownMethod)
        if exchange.request.bodyLength != .none {
            state.value.body = BodyDecoder(
                exchange.request.bodyLength, limits: server.limits.http1)
        }
        // Handles what arrived while there was no task to cancel.
        if connection.stream.hasHungUp { interrupt(.peerLeft) }
        return true
    }

    /// Does what is left after a response, until the next request can be read or the connection has ended.
    private func finish(_ exchange: Exchange, _ first: ServerConnectionMachine.Action) async throws
    {
        var action = first
        while true {
            switch action {
            case .drainBody: action = try await discardBody(exchange)
            case .linger: action = await linger()
            case .lingerIfBytesWait:
                try await flushBeforeWaiting(exchange)
                action =
                    state.value.input.isEmpty && !state.value.connection.stream.mayHaveMore
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
        let bytesBefore = state.value.body.bytesReceived
        do {
            while machine.state == .drainingBody {
                _ = try await receivePiece(for: exchange)
                let count = state.value.body.bytesReceived - bytesBefore
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
        let connection = state.value.connection
        state.value.input.removeAll()
        await server.linger(on: connection.stream, reusing: &state.value.input)
        return handle(.lingerEnded)
    }

    private func endUpgrade() {
        state.value.upgradedStream?.end()
        state.value.upgradedStream = nil
    }

    // MARK: Turns

    /// Counts a read or a write; returns true if others are to be served first.
    func isTurnOver() -> Bool {
        state.value.session.turnsLeft -= 1
        return state.value.session.turnsLeft <= 0
    }

    /// Lets the event loop run its other jobs and check its descriptors and timers.
    func yieldTurn() async {
        state.value.session.turnsLeft = Self.maxTurns
        await Task.yield()
    }
}

extension LoopServer {
    /// Closes the write side of a stream, and reads and discards input until the peer closes or `lingerTimeout` has
    /// expired (RFC 9112 §9.6).
    func linger(on stream: any ByteStream, reusing buffer: inout ReceiveBuffer) async {
        let deadline = loop.now.advanced(byNanoseconds: timeouts.linger)
        do {
            try stream.shutdownWrite()
            while loop.now < deadline {
                buffer.removeAll()
                if !stream.mayHaveMore {
                    guard await stream.waitReadable(until: deadline) == .ready else { return }
                }
                switch try buffer.fill(from: stream) {
                case .bytes(let count): noteReceived(count)
                case .wouldBlock: continue
                case .endOfStream: return
                }
                await Task.yield()
            }
        } catch {
            // The peer has closed the connection already.
        }
    }
}
