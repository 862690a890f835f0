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
    public var maxCollectedBodyBytes = 8 << 20

    /// How many connections a loop holds to one host.
    ///
    /// 16: enough to keep a service busy, few enough to leave it some for others.
    public var maxConnectionsPerHost = 16

    /// How many connections a loop holds in all.
    ///
    /// 256: a quarter of the descriptors that many systems allow a process.
    public var maxConnections = 256

    /// How many requests to one origin wait for a connection on a loop; more are refused at once.
    ///
    /// 1024. They wait no longer than their own time-out. An origin is a scheme, a host and a port.
    public var maxPendingRequestsPerHost = 1024

    /// How many requests wait for a connection on a loop in all.
    ///
    /// 8192: several origins may be slow at once without taking the places of others. When all places are taken, a request to
    /// an origin with few waiting requests takes that of the latest request to the origin with the most, which is refused.
    public var maxPendingRequests = 8192

    /// How long a connection is kept without work.
    ///
    /// 4 seconds: shorter than the usual servers keep theirs (5 seconds for the quickest), so that
    /// a request seldom meets a connection that is being closed.
    public var idleTimeout = Duration.seconds(4)

    /// How old a connection gets before it is closed after an exchange, and another is opened in its place.
    ///
    /// 5 minutes: a client that is never without work follows a host whose addresses change, and servers that were added
    /// behind a balancer get their share.
    public var maxConnectionAge = Duration.seconds(300)

    /// How long looking up, connecting and, for `https`, the TLS handshake may take together.
    ///
    /// 10 seconds: two lost packets of a handshake are repeated within 3.
    public var connectTimeout = Duration.seconds(10)

    /// How long the peer may stay silent, or take nothing of what is sent.
    public var readTimeout = Duration.seconds(30)

    /// How long the body of a request with `Expect: 100-continue` waits for `100 Continue`, or for a final response, before it
    /// is sent all the same (RFC 9110 §10.1.1).
    ///
    /// 1 second, for servers that do not know the expectation never answer it.
    public var continueTimeout = Duration.seconds(1)

    /// How long an exchange may take from the call to the last byte, unless its request says
    /// otherwise.
    public var requestTimeout = Duration.seconds(60)

    /// How long addresses of a host are remembered.
    ///
    /// 30 seconds, for the system's resolver does not tell how long they are good.
    public var dnsCacheTTL = Duration.seconds(30)

    /// Whether a request of any method is sent again on a fresh connection when a kept one closed
    /// without a byte of answer; otherwise only those that may be repeated by their method, or have
    /// an `Idempotency-Key`.
    ///
    /// False, for the peer may have done what was asked before it closed (RFC 9110 §9.2.2). True
    /// says that this client's requests do no harm when they come twice.
    public var retriesNonIdempotentRequests = false

    /// How long one attempt to connect goes on alone before the next address is tried beside it.
    ///
    /// 250 milliseconds, as RFC 8305 §5 recommends.
    package var connectionAttemptDelay = Duration.milliseconds(250)

    /// The defaults.
    public init() {}
}
