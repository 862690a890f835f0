import SpoorHTTP
import SpoorHTTP1
import SpoorNetworking
import SpoorText

/// The reusable memory of a connection that serves requests: an exchange, buffers, and the framing of the bodies.
///
/// The driver of a connection acquires it from its event loop when there is something to read, and releases it when the
/// connection is idle. It makes no decisions, and refers to the connection only as the exchange's ``ExchangeWire``.
struct ExchangeWorkspace {
    /// The exchange; attached to the connection that uses the workspace.
    let exchange: Exchange
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
    /// The byte stream of another protocol than HTTP, after an upgrade; it ends before the workspace is released.
    var upgradedStream: UpgradedStream?

    /// The state that is reset when a connection acquires the workspace.
    ///
    /// It contains no references, so that assigning it only copies bytes. State with references belongs to the
    /// workspace itself.
    struct Session {
        var parser: RequestHeadParser
        /// The address of the connection's task, which identifies a request that blocks the event loop.
        let taskAddress: UInt
        /// The number of reads and writes before the connection yields to others of the loop.
        var turnsLeft = ConnectionDriver.maxTurns
        /// The number of complete responses in the send buffer.
        var batchedCount = 0
        var flushBackoff = FlushBackoff()
        var exchange = ExchangeProgress()
    }

    /// The state that is reset for each request.
    struct ExchangeProgress {
        /// The rate at which the peer sends the body.
        var bodyRate = MinimumRate()
        /// The rate at which the peer reads the response.
        var writeRate = MinimumRate()
        /// The number of bytes that leave the send buffer in this exchange before the first one of a streamed
        /// response.
        var responseStart: UInt64 = 0
        /// The state of the event stream, which a graceful shutdown ends.
        var eventStream = EventStreamState.none
        /// The state of the handler's timeout.
        var handlerTime = HandlerTime.open
        /// The time of the first interruption from outside.
        var interruptedAt: MonotonicInstant?
        /// The cause of the first fault of the connection that was thrown to the handler.
        var faultCause: ConnectionFault.Cause?
    }

    /// The state of a handler's timeout.
    enum HandlerTime {
        /// None is set, or it has not expired.
        case open
        /// It has expired: what the handler sends is rejected.
        case expired
        /// It has expired, and the response to that may be sent.
        case responding
    }

    /// The state of an event stream during graceful shutdown.
    enum EventStreamState {
        /// The response is not an event stream.
        case none
        /// Events are sent.
        case open
        /// The shutdown has cancelled the handler's task; one last event may be sent.
        case ending
        /// The last event was sent.
        case ended
    }

    /// Creates an unused workspace.
    init(limits: HTTP1Limits) {
        exchange = Exchange()
        session = Session(parser: RequestHeadParser(limits: limits), taskAddress: 0)
        body = BodyDecoder(.none, limits: limits)
    }

    /// Resets the state of the previous connection.
    ///
    /// - Parameter address: The address of the task that uses the workspace.
    @inline(__always)
    mutating func begin(task address: UInt, limits: HTTP1Limits) {
        assert(upgradedStream == nil && rejectedBody == nil)
        session = Session(parser: RequestHeadParser(limits: limits), taskAddress: address)
        input.removeAll()
        output.removeAll()
    }
}

/// The unused workspaces of an event loop.
struct WorkspacePool {
    /// The maximum number of unused workspaces that are kept: 16 KiB and more each.
    private static let maxUnused = 256

    private var unused: [TaskConfined<ExchangeWorkspace>] = []

    /// Returns an unused workspace; nil if there is none.
    mutating func take() -> TaskConfined<ExchangeWorkspace>? {
        unused.popLast()
    }

    /// Keeps a workspace for the next connection; returns false if the pool is full.
    mutating func keep(_ workspace: TaskConfined<ExchangeWorkspace>) -> Bool {
        guard unused.count < Self.maxUnused else { return false }
        unused.append(workspace)
        return true
    }

    /// Frees the memory of all unused workspaces.
    func deallocate() {
        for workspace in unused { workspace.deallocate() }
    }
}
