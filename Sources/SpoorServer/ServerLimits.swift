public import SpoorHTTP1

/// The bounds and time-outs of a server, each with a default and a reason.
public struct ServerLimits: Sendable {
    /// The bounds of a request's head and body.
    public var http1 = HTTP1Limits()

    /// How many connections the server holds at once; more wait in the kernel's queue.
    ///
    /// Each loop takes its part of them, and at least one: with fewer connections than loops there is one for each loop.
    ///
    /// 16 384: at 4 KiB an idle connection that is 64 MiB, and most systems allow as many descriptors.
    public var maxConnections = 16_384

    /// How many of them one peer may hold: an IPv4 address, or the /64 network of an IPv6 address.
    ///
    /// A connection beyond that is answered with 503 and closed. Peers of Unix sockets are not told apart, and not bounded.
    ///
    /// 12 288, three quarters of ``maxConnections``, so that no single peer can take all of them. It is that high because behind
    /// a reverse proxy all clients are one peer; set it to some dozens where clients connect directly.
    public var maxConnectionsPerRemoteAddress = 12_288

    /// How long a kept connection may wait for its next request.
    ///
    /// 75 seconds, nginx's default: longer than the pools of usual clients and proxies keep theirs.
    public var idleTimeout = Duration.seconds(75)

    /// How long a TLS handshake may take, from the connection to the last of it.
    ///
    /// Ten seconds: three round trips and some lost packets. What it is for the head, it is for the hello.
    public var handshakeTimeout = Duration.seconds(10)

    /// How long a head may take from its first byte to its last; also how long a new connection may stay silent.
    ///
    /// Ten seconds: a head fits in one packet; who sends it by the byte means no good (slow headers).
    public var headTimeout = Duration.seconds(10)

    /// How long the peer may stay silent in the middle of a body.
    public var bodyTimeout = Duration.seconds(30)

    /// How many bytes of body a second the peer has to send on average; 0 for no such rule.
    ///
    /// 500, Apache's default. Only time in which the server waits for the body counts, and ``bodyTimeout`` is granted in
    /// advance: who sends a byte now and then to keep a connection busy (slow body) is sent away with 408 soon after that.
    public var minBodyBytesPerSecond = 500

    /// How long the peer may take nothing of what is being sent.
    public var writeTimeout = Duration.seconds(30)

    /// How many bytes a second the peer has to take on average of what is being sent; 0 for no such rule.
    ///
    /// 500; counted as ``minBodyBytesPerSecond`` is, with ``writeTimeout`` granted in advance (slow read).
    public var minWriteBytesPerSecond = 500

    /// How many requests a connection may bring; the last answer says `Connection: close`.
    ///
    /// 100 000: few enough that long-lived clients are dealt anew among processes and loops now and then, and so many that
    /// the cost of connecting does not show.
    public var maxRequestsPerConnection = 100_000

    /// How many answers to pipelined requests are gathered before they are handed to the kernel.
    ///
    /// 128. What is buffered is bounded by ``maxSendBufferBytes`` too, and nothing is gathered beyond what one read brought.
    public var maxPipelinedResponses = 128

    /// Whether a client that ends its sending direction while its request is being handled is taken to have left, so that
    /// the handler's task is cancelled.
    ///
    /// True, as in most servers: the kernel says no more of a client that was stopped or has closed its socket. A client
    /// that only half-closes gets its answer all the same, unless the handler gives up when it is cancelled; one
    /// whose end of sending comes along with its request is taken at its word and cancels nothing. A reset always cancels.
    public var cancelsWhenClientEndsSending = true

    /// How many bytes of response are gathered before they are handed to the kernel.
    ///
    /// 64 KiB: a handful of kernel calls for a megabyte, and little memory a busy connection.
    public var maxSendBufferBytes = 64 << 10

    /// How long a connection that is closed for the peer's fault is still read from, so that the peer sees the answer and not
    /// a reset (RFC 9112 §9.6).
    public var lingerTimeout = Duration.seconds(1)

    /// How long the server goes on accepting connections and serving as usual after a graceful shutdown has begun, a day at
    /// the most; then it drains.
    ///
    /// Zero unless set. From the begin of the shutdown on ``HTTPServer/isDraining`` is true, so that a readiness check fails:
    /// give balancers and Kubernetes as long as they need to see that and to send no more connections, usually some periods of
    /// the check (what kube-apiserver calls `--shutdown-delay-duration`, others a lame-duck period). ``gracefulShutdownTimeout`` and
    /// ``idleConnectionGracePeriod`` begin after it.
    public var shutdownDelay = Duration.zero

    /// How long kept connections without a request stay open after the server has begun to drain.
    ///
    /// Two seconds, in which a client that is about to send its next request gets an answer, with `Connection: close`; who
    /// closed at once would fail each request that crosses with the end of its connection.
    public var idleConnectionGracePeriod = Duration.seconds(2)

    /// How long exchanges in flight may take to finish after the server has begun to drain, a day at the most; then they
    /// are cut off.
    public var gracefulShutdownTimeout = Duration.seconds(30)

    /// How long a handler may block its event loop before the log says so; nil switches that off.
    ///
    /// Half a second unless set, at least ten milliseconds: a handler that awaits needs microseconds, and every connection of the
    /// loop waits meanwhile. A thread looks at the loops five times in that time and logs, at warning, which route blocks which
    /// loop, once while it lasts and once when it has ended; each route once in ten seconds. The metric
    /// `spoor.server.event_loop.lag` is recorded in any case.
    public var loopStallThreshold: Duration? = .milliseconds(500)

    /// The defaults.
    public init() {}
}

// MARK: - Validation

extension ServerLimits {
    /// Reports the first limit with which no server can work.
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
            throw .invalidLimit(name, "\(timeout)", mustBe: "longer than nothing")
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
    /// What differs from the defaults: `ServerLimits(http1.maxBodyBytes: 1024, idleTimeout: 5.0 seconds)`.
    public var description: String {
        let own = Self.told(self).filter { !Self.told(ServerLimits()).contains($0) }
        return "ServerLimits(\(own.joined(separator: ", ")))"
    }

    /// Every bound with its name.
    private static func told(_ limits: ServerLimits) -> [String] {
        let http1 = Mirror(reflecting: limits.http1).children.map { child in
            "http1.\(child.label ?? ""): \(child.value)"
        }
        return http1
            + Mirror(reflecting: limits).children.compactMap { child in
                child.value is HTTP1Limits ? nil : "\(child.label ?? ""): \(child.value)"
            }
    }
}
