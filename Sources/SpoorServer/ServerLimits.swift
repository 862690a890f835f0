public import SpoorHTTP1

/// The limits and timeouts of a server, each with a default and its reason.
public struct ServerLimits: Sendable {
    /// The limits of request heads and bodies.
    public var http1 = HTTP1Limits()

    /// The maximum number of open connections; further ones wait in the kernel's queue.
    ///
    /// Each event loop gets an equal part, and at least one: with a lower limit than loops there is one connection
    /// per loop.
    ///
    /// 16 384: at 4 KiB per idle connection this is 64 MiB, and most systems allow as many file descriptors.
    public var maxConnections = 16_384

    /// The maximum number of open connections of one peer: an IPv4 address, or the /64 network of an IPv6 address.
    ///
    /// A connection above the limit is answered with 503 and closed. Peers of Unix sockets are not distinguished, and
    /// not limited.
    ///
    /// 12 288, three quarters of ``maxConnections``, so that no single peer can occupy all of them. It is that high
    /// because all clients of a reverse proxy are one peer; set it to some dozens if clients connect directly.
    public var maxConnectionsPerRemoteAddress = 12_288

    /// The timeout of an idle connection, which waits for its next request (keep-alive).
    ///
    /// 75 seconds, nginx's default: longer than the idle timeouts of common clients and proxies.
    public var idleTimeout = Duration.seconds(75)

    /// The timeout of a TLS handshake, from the accepted connection to its end.
    ///
    /// Ten seconds: three round trips and some lost packets; the same value as ``headTimeout``.
    public var handshakeTimeout = Duration.seconds(10)

    /// The timeout of a request head from its first byte to its last; also of a new connection that sends nothing.
    ///
    /// Ten seconds: a head fits into one packet; the timeout guards against slow-header attacks (Slowloris).
    public var headTimeout = Duration.seconds(10)

    /// The timeout of a peer that sends nothing in the middle of a body.
    public var bodyTimeout = Duration.seconds(30)

    /// The minimum average rate at which the peer has to send a body, in bytes per second; 0 for none.
    ///
    /// 500, Apache's default. Only the time in which the server waits for the body counts, and ``bodyTimeout`` is
    /// granted in advance: a peer that sends a byte now and then to keep a connection busy (slow-body attack) is
    /// rejected with 408 soon after that.
    public var minBodyBytesPerSecond = 500

    /// The timeout of a peer that does not read what is sent: the time since its kernel last accepted bytes.
    ///
    /// Checked sixteen times in that time, so the connection is aborted at most a sixteenth later.
    public var writeTimeout = Duration.seconds(30)

    /// The minimum average rate at which the peer has to read what is sent, in bytes per second; 0 for none.
    ///
    /// 500; counted like ``minBodyBytesPerSecond``, with ``writeTimeout`` granted in advance (slow-read attack).
    public var minWriteBytesPerSecond = 500

    /// The maximum number of requests per connection; the last response contains `Connection: close`.
    ///
    /// 100 000: low enough that long-lived clients are redistributed among processes and event loops now and then,
    /// and high enough that the cost of connecting is negligible.
    public var maxRequestsPerConnection = 100_000

    /// The maximum number of responses to pipelined requests that are batched before they are passed to the kernel.
    ///
    /// 128. The buffer is limited by ``maxSendBufferBytes``, too, and only responses to requests that one read has
    /// received are batched.
    public var maxPipelinedResponses = 128

    /// Whether the handler's task is cancelled when its client closes the sending direction (half-close) while the
    /// request is being handled.
    ///
    /// True, as in most servers: the kernel does not distinguish a half-close from a client that was stopped or has
    /// closed its socket. A client that only half-closes receives its response anyway, unless the handler returns
    /// early because it is cancelled. A half-close that arrives together with the request does not cancel the
    /// handler. A reset always does.
    public var cancelsWhenClientEndsSending = true

    /// The maximum number of response bytes that are buffered before they are passed to the kernel.
    ///
    /// 64 KiB: a handful of system calls per megabyte, and little memory per busy connection.
    public var maxSendBufferBytes = 64 << 10

    /// How long a connection that is closed because of a fault of the peer is still read from (linger), so that the
    /// peer receives the response and not a reset (RFC 9112 §9.6).
    public var lingerTimeout = Duration.seconds(1)

    /// How long the server continues to accept connections and to serve as usual after a graceful shutdown was
    /// triggered, at most one day; then it drains.
    ///
    /// Zero by default. From the start of the shutdown ``HTTPServer/isShuttingDown`` is true, so that a readiness check
    /// fails: set it to the time that load balancers and Kubernetes need to notice that and to stop sending connections,
    /// usually some periods of the check (`--shutdown-delay-duration` of kube-apiserver, elsewhere called lame-duck
    /// period). ``gracefulShutdownTimeout`` and ``idleConnectionGracePeriod`` begin after it.
    public var shutdownDelay = Duration.zero

    /// The time for which idle connections stay open after the server has begun to drain.
    ///
    /// Two seconds, in which a client that is about to send its next request receives a response with `Connection:
    /// close`; closing immediately would fail each request that is on its way when its connection ends.
    public var idleConnectionGracePeriod = Duration.seconds(2)

    /// How long requests in flight may take to complete after the server has begun to drain, at most one day; then
    /// they are aborted.
    public var gracefulShutdownTimeout = Duration.seconds(30)

    /// The time for which a handler may block its event loop before this is logged; nil disables the watchdog.
    ///
    /// Half a second by default, at least ten milliseconds: a handler that awaits needs microseconds, and all
    /// connections of the loop wait meanwhile. A thread samples the loops five times in that time and logs, at level
    /// warning, which route blocks which loop, once while it lasts and once when it has ended; each route at most
    /// once in ten seconds. The metric `spoor.server.event_loop.lag` is recorded in any case.
    public var loopStallThreshold: Duration? = .milliseconds(500)

    /// Creates limits with the default values.
    public init() {}
}

// MARK: - Validation

extension ServerLimits {
    /// Throws an error for the first limit with an invalid value.
    func validate() throws(ServerError) {
        let counts = [
            ("maxConnections", maxConnections),
            ("maxConnectionsPerRemoteAddress", maxConnectionsPerRemoteAddress),
            ("maxSendBufferBytes", maxSendBufferBytes),
            ("maxRequestsPerConnection", maxRequestsPerConnection),
            ("maxPipelinedResponses", maxPipelinedResponses),
            ("http1.maxStartLineBytes", http1.maxStartLineBytes),
            ("http1.maxHeadBytes", http1.maxHeadBytes),
        ]
        for (name, count) in counts where count < 1 {
            throw .invalidLimit(name, "\(count)", mustBe: "at least 1")
        }
        let timeouts = [
            ("idleTimeout", idleTimeout), ("headTimeout", headTimeout),
            ("bodyTimeout", bodyTimeout), ("writeTimeout", writeTimeout),
            ("handshakeTimeout", handshakeTimeout),
        ]
        for (name, timeout) in timeouts where timeout <= .zero {
            throw .invalidLimit(name, "\(timeout)", mustBe: "greater than zero")
        }
        let rates = [
            ("minBodyBytesPerSecond", minBodyBytesPerSecond),
            ("minWriteBytesPerSecond", minWriteBytesPerSecond),
        ]
        for (name, rate) in rates where rate < 0 {
            throw .invalidLimit(name, "\(rate)", mustBe: "zero or more")
        }
        if let threshold = loopStallThreshold, threshold < .milliseconds(10) {
            throw .invalidLimit("loopStallThreshold", "\(threshold)", mustBe: "10 ms or more")
        }
        let graces = [
            ("lingerTimeout", lingerTimeout), ("shutdownDelay", shutdownDelay),
            ("idleConnectionGracePeriod", idleConnectionGracePeriod),
            ("gracefulShutdownTimeout", gracefulShutdownTimeout),
        ]
        for (name, grace) in graces where grace < .zero {
            throw .invalidLimit(name, "\(grace)", mustBe: "zero or more")
        }
    }
}

// MARK: - Description

extension ServerLimits: CustomStringConvertible {
    /// The values that differ from the defaults: `ServerLimits(http1.maxBodyBytes: 1024, idleTimeout: 5.0 seconds)`.
    public var description: String {
        let own = Self.entries(self).filter { !Self.entries(ServerLimits()).contains($0) }
        return "ServerLimits(\(own.joined(separator: ", ")))"
    }

    /// Returns every limit with its name.
    private static func entries(_ limits: ServerLimits) -> [String] {
        let http1 = Mirror(reflecting: limits.http1).children.map { child in
            "http1.\(child.label ?? ""): \(child.value)"
        }
        return http1
            + Mirror(reflecting: limits).children.compactMap { child in
                child.value is HTTP1Limits ? nil : "\(child.label ?? ""): \(child.value)"
            }
    }
}
