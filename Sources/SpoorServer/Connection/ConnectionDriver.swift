import HTTPTypes
import Logging
import SpoorHTTP
import SpoorHTTP1
import SpoorMiddleware
import SpoorNetworking
import SpoorText

/// The exchanges of a connection while there are any: passes each event to the connection's machine, executes the action that
/// comes back, and owns buffers, framing and the times of an exchange.
///
/// It neither starts nor ends the connection's task, and never closes its stream: that is up to the ``ServerConnection``. A loop lends
/// drivers to its connections, so that an idle connection holds no buffer.
final class ConnectionDriver {
    /// All that changes, in one place that the connection's task alone touches.
    struct State {
        /// The connection that the driver is lent to.
        var connection: ServerConnection
        /// What begins anew with each connection.
        var session: Session
        /// Received and not yet consumed; its memory is kept.
        var input = ReceiveBuffer()
        /// Serialized and not yet handed to the kernel; its memory is kept.
        var output = SendBuffer()
        /// Takes the framing off the request's body; made anew for each request that has one.
        var body: BodyDecoder
        /// The refusal of the body that is received, until it is logged and counted with the status that is sent.
        var refusedBody: RejectedRequest?
        /// Puts the framing around the response's body; made anew for each head that is sent ahead of its body.
        var encoder = BodyEncoder(MessageFraming(length: .none))
        /// The byte stream, while another protocol than HTTP has it; it ends before the driver is given back.
        var upgradedStream: UpgradedStream?
        /// Ends the time of the handler; made when first needed.
        var handlerDeadline: Deadline?
        /// Sends gathered responses if the next handler keeps them waiting; made when first needed.
        var lateFlush: Deadline?
    }

    /// What begins anew when the driver is lent to a connection.
    ///
    /// Without references, so that an assignment is a copy of bytes; what holds one is among the memory that is kept, and is
    /// given up when it ends.
    struct Session {
        /// Where the connection is.
        var machine: ServerConnectionMachine
        var parser: RequestHeadParser
        /// Where the connection's task is in memory, by which a request is found that blocks the loop.
        let taskAddress: UInt
        /// How many reads and writes are left before other connections of the loop get a turn.
        var turnsLeft = ConnectionDriver.maxTurns
        /// How many complete responses are in the send buffer.
        var gatheredCount = 0
        var flushPause = FlushPause()
        var exchange = ExchangeProgress()
    }

    /// What begins anew with each request.
    struct ExchangeProgress {
        /// How fast the peer sends the body.
        var bodyPace = Pace()
        /// How fast the peer takes the response.
        var writePace = Pace()
        /// How many bytes leave the send buffer in this exchange before the first one of a response that is written in pieces.
        var responseStart: UInt64 = 0
        /// Whether the response is an event stream, which a graceful shutdown ends.
        var eventStream = EventStreamState.none
        /// Whether the time of the handler has passed.
        var handlerTime = HandlerTime.open
        /// When the first thing happened that ends an exchange from outside.
        var interruptedAt: MonotonicInstant?
        /// The cause of the first fault of the connection that was thrown to the handler.
        var faultCause: ConnectionFault.Cause?
    }

    /// After four reads (64 KiB) or four writes (256 KiB) without a pause, some milliseconds at the most, others come first: a
    /// peer must not hold the thread of its loop.
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
        if let deadline = state.value.lateFlush { server.loop.remove(deadline) }
        state.deallocate()
    }

    /// Makes the driver ready for a connection that has something to read.
    func begin(_ connection: ServerConnection, _ machine: ServerConnectionMachine) {
        state.value.connection = connection
        assert(state.value.upgradedStream == nil && state.value.refusedBody == nil)
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

    /// Where the connection is.
    @inline(__always)
    var machine: ServerConnectionMachine { state.value.session.machine }

    /// Tells the machine what has happened; gives what is to be done.
    @inline(__always)
    func handle(_ event: ServerConnectionMachine.Event) -> ServerConnectionMachine.Action {
        state.value.session.machine.handle(event)
    }

    /// Tells the machine what has become of the response, and the exchange how far the response is.
    @inline(__always)
    func handle(responding event: ServerConnectionMachine.Event, _ exchange: Exchange) {
        _ = state.value.session.machine.handle(event)
        exchange.state.value.phase = state.value.session.machine.response
    }

    // MARK: Serving

    /// Serves the requests that are there; gives back the machine, which is idle if the connection is to be kept.
    func serve(_ exchange: Exchange) async -> ServerConnectionMachine {
        let connection = state.value.connection
        exchange.connection = connection.info
        do {
            while try await receiveHead(exchange, of: connection), begin(exchange, of: connection) {
                try await server.chain.run(exchange)
                let action = handle(.handlerReturned)
                if case .readRequest = action { continue }
                noteRefusedBody(of: exchange)
                try await finish(exchange, action)
            }
        } catch {
            noteRefusedBody(of: exchange)
            _ = handle(.failed)
            endUpgrade()
            server.logger.debug(
                "connection aborted",
                metadata: ["peer": "\(connection.info.peer)", "error": "\(error)"])
        }
        if let lateFlush = state.value.lateFlush { server.loop.disarm(lateFlush) }
        // A request that ends the connection does not take the complete responses before it along.
        if state.value.output.pendingCount > 0 { _ = try? flush() }
        return machine
    }

    /// Makes ready for the body and the response of the request whose head has come; false if the connection has ended.
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
        // What came while there was no task to be cancelled.
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

    /// Reads and discards what the handler left of the body, up to the limit.
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
        } catch is RefusedBody {
            // The response has been sent, and is to reach the peer.
            noteRefusedBody(of: exchange)
            return .linger
        }
        return .readRequest
    }

    /// Shuts down the sending side, and reads and discards for a moment, so that the peer sees the response and not a reset
    /// (RFC 9112 §9.6).
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

    /// Counts a read or a write; true when others are to come first.
    func isTurnOver() -> Bool {
        state.value.session.turnsLeft -= 1
        return state.value.session.turnsLeft <= 0
    }

    /// Lets the loop's other jobs run, and look at its descriptors and its clock.
    func yieldTurn() async {
        state.value.session.turnsLeft = Self.maxTurns
        await Task.yield()
    }
}

extension LoopServer {
    /// Shuts down the sending side of a stream, and reads and discards what still comes until the peer ends its direction or
    /// `lingerTimeout` has passed (RFC 9112 §9.6).
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
