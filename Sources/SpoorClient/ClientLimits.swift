public import SpoorHTTP1

/// The bounds and time-outs of a client, each with a default and a reason.
///
/// Connections stay on the loop that opened them, so the bounds on connections hold for each loop.
public struct ClientLimits: Sendable {
    /// The bounds of a response's head and body.
    public var http1 = HTTP1Limits()

    /// How many bytes of body ``HTTPClient/send(_:)`` gathers at the most.
    ///
    /// 8 MiB, for they are held in memory; stream what is larger.
    public var collectedBytesMax = 8 << 20

    /// How many connections a loop holds to one host.
    ///
    /// 16: enough to keep a service busy, few enough to leave it some for others.
    public var connectionsPerHostMax = 16

    /// How many connections a loop holds in all.
    ///
    /// 256: a quarter of the descriptors that many systems allow a process.
    public var connectionsMax = 256

    /// How many requests of a loop wait for a connection; more are refused at once.
    ///
    /// 1024. They wait no longer than their own time-out.
    public var waitingMax = 1024

    /// How long a connection is kept without work.
    ///
    /// 4 seconds: shorter than the usual servers keep theirs (5 seconds for the quickest), so that
    /// a request seldom meets a connection that is being closed.
    public var idleTimeout = Duration.seconds(4)

    /// How old a connection gets before it is closed after an exchange, and another is opened in its place.
    ///
    /// 5 minutes: a client that is never without work follows a host whose addresses change, and servers that were added
    /// behind a balancer get their share.
    public var connectionAgeMax = Duration.seconds(300)

    /// How long looking up, connecting and, for `https`, the TLS handshake may take together.
    ///
    /// 10 seconds: two lost packets of a handshake are repeated within 3.
    public var connectTimeout = Duration.seconds(10)

    /// How long the peer may stay silent, or take nothing of what is sent.
    public var silenceTimeout = Duration.seconds(30)

    /// How long an exchange may take from the call to the last byte, unless its request says
    /// otherwise.
    public var totalTimeout = Duration.seconds(60)

    /// How long addresses of a host are remembered.
    ///
    /// 30 seconds, for the system's resolver does not tell how long they are good.
    public var addressLifetime = Duration.seconds(30)

    /// Whether a request of any method is sent again on a fresh connection when a kept one closed
    /// without a byte of answer; otherwise only those that may be repeated by their method, or have
    /// an `Idempotency-Key`.
    ///
    /// False, for the peer may have done what was asked before it closed (RFC 9110 §9.2.2). True
    /// says that this client's requests do no harm when they come twice.
    public var resendsAnyMethod = false

    /// The defaults.
    public init() {}
}
