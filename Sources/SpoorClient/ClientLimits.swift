public import SpoorHTTP1

/// The limits and timeouts of a client, each with a default and its reason.
///
/// Connections stay on the event loop that opened them, so the limits on connections apply to each loop.
public struct ClientLimits: Sendable {
    /// The limits of response heads and bodies.
    public var http1 = HTTP1Limits()

    /// The maximum number of body bytes that ``HTTPClient/execute(_:)`` collects.
    ///
    /// 8 MiB, because they are held in memory; stream larger bodies.
    public var maxCollectedBodyBytes = 8 << 20

    /// The maximum number of connections to one host per event loop.
    ///
    /// 16: sufficient to use a service fully, without occupying all connections of a server.
    public var maxConnectionsPerHost = 16

    /// The maximum number of connections per event loop.
    ///
    /// 256: a quarter of the file descriptors that many systems allow a process.
    public var maxConnections = 256

    /// The maximum number of requests to one origin that wait for a connection on an event loop; more are rejected
    /// immediately.
    ///
    /// 1024. They wait no longer than their timeout. An origin is a scheme, a host and a port.
    public var maxPendingRequestsPerHost = 1024

    /// The maximum number of requests that wait for a connection on an event loop, for all origins.
    ///
    /// 8192: several origins may be slow at the same time without displacing requests to others. If the limit is reached, a
    /// request to an origin with few waiting requests replaces the latest request to the origin with the most, which
    /// is rejected.
    public var maxPendingRequests = 8192

    /// The idle timeout: an idle connection is closed after this time.
    ///
    /// 4 seconds: shorter than the idle timeouts of common servers (5 seconds and more), so that a request seldom
    /// meets a connection that is being closed.
    public var idleTimeout = Duration.seconds(4)

    /// The age after which a connection is closed at the end of an exchange and replaced by a new one.
    ///
    /// 5 minutes: a client that is never idle follows DNS changes of a host, and servers that are added to a load
    /// balancer receive their share. Each new connection begins with the next of the host's addresses.
    public var maxConnectionAge = Duration.seconds(300)

    /// The timeout for name resolution, connecting and, for `https`, the TLS handshake together.
    ///
    /// 10 seconds: two lost packets of a handshake are retransmitted within 3.
    public var connectTimeout = Duration.seconds(10)

    /// The timeout for a peer that sends nothing, or reads nothing of what is sent.
    public var readTimeout = Duration.seconds(30)

    /// The maximum time that the body of a request with `Expect: 100-continue` waits for `100 Continue`, or for a
    /// final response, before it is sent anyway (RFC 9110 §10.1.1).
    ///
    /// 1 second, because servers that do not support the expectation never answer it.
    public var continueTimeout = Duration.seconds(1)

    /// The timeout for an exchange from the call to the last byte, unless the request sets another.
    public var requestTimeout = Duration.seconds(60)

    /// The time for which resolved addresses are cached.
    ///
    /// 30 seconds, because the system's resolver does not return their time to live. Connections that are opened in
    /// this time are spread over the addresses of one family, and avoid those that failed (RFC 8305 §4).
    public var dnsCacheTTL = Duration.seconds(30)

    /// Whether requests with any method are sent again on a new connection when an idle one is closed without a byte
    /// of response; otherwise only requests with an idempotent method or an `Idempotency-Key`.
    ///
    /// False, because the peer may have executed the request before it closed (RFC 9110 §9.2.2). Set it if all
    /// requests of the client may safely be executed twice.
    public var retriesNonIdempotentRequests = false

    /// The connection attempt delay: the time before the next address is tried in parallel.
    ///
    /// 250 milliseconds, as RFC 8305 §5 recommends.
    package var connectionAttemptDelay = Duration.milliseconds(250)

    /// Creates limits with the default values.
    public init() {}
}
