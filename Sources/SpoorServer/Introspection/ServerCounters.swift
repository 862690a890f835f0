/// The counters and gauges of a server, for tests and logs; the same values are published to swift-metrics once per
/// second.
///
/// Counters never decrease; numbers of open connections do.
public struct ServerCounters: Sendable, Hashable {
    /// The phase in which a timeout expired.
    public enum Timeout: String, Sendable, Hashable, CaseIterable {
        /// A TLS handshake.
        case handshake
        /// The first byte of a connection, or the rest of a head.
        case head
        /// The next request of an idle connection (keep-alive).
        case idle
        /// The rest of a request body.
        case body
        /// A peer that does not read its response.
        case write
        /// A handler with a timeout.
        case handler
    }

    /// The kind of a rejection: its status and cause.
    public struct Rejection: Sendable, Hashable {
        /// The status code of the response that was sent, which the application may have chosen; 0 if none was sent.
        public let status: Int
        /// The cause, one of a few dozen names.
        ///
        /// Examples are `lineMalformed`, `hostMissing`, `header.valueInvalid`, `framing.lengthRepeated`,
        /// `body.tooLarge` and `headTimeout`.
        public let cause: String

        init(status: Int, cause: String) {
            self.status = status
            self.cause = cause
        }
    }

    /// The number of accepted connections, including those that were then rejected.
    public internal(set) var accepted = 0
    /// The number of open connections.
    public internal(set) var open = 0
    /// The number of open connections in their TLS handshake.
    public internal(set) var handshaking = 0
    /// The number of open connections with a request that is received, handled or answered.
    public internal(set) var active = 0
    /// The number of open connections that wait for a request.
    public var idle: Int { max(0, open - handshaking - active) }

    /// The number of requests whose head was received and valid.
    public internal(set) var requests = 0
    /// The number of bytes read from connections, after decryption.
    public internal(set) var bytesReceived = 0
    /// The number of bytes passed to the kernel, before encryption.
    public internal(set) var bytesSent = 0

    /// The numbers of requests that were rejected before a handler was called, or whose body was rejected while it
    /// was read.
    public internal(set) var rejections: [Rejection: Int] = [:]
    /// The number of connections that were rejected because their peer had
    /// ``ServerLimits/maxConnectionsPerRemoteAddress`` already.
    public internal(set) var rejectedPeers = 0
    /// The numbers of expired timeouts of peers and handlers, by phase.
    public internal(set) var timeouts: [Timeout: Int] = [:]
    /// The number of exchanges that were aborted before their handler had returned, because
    /// ``ServerLimits/gracefulShutdownTimeout`` had expired, the server's task was cancelled, or
    /// ``HTTPServer/closeImmediately()`` was called.
    ///
    /// The log line contains the same number.
    public internal(set) var aborted = 0
    /// The number of times an event loop was blocked for ``ServerLimits/loopStallThreshold`` or longer.
    public internal(set) var loopStalls = 0
    /// The number of times a connection could not be accepted for lack of file descriptors or memory; accepting was
    /// retried.
    public internal(set) var acceptShortages = 0
    /// The numbers of TLS handshakes by result: `completed`, `resumed` (with an earlier session), or the cause of the
    /// failure, such as `timedOut`, `version` or `certificateMissing` (`TLSHandshakeError.Cause`).
    public internal(set) var handshakes: [String: Int] = [:]

    /// The numbers of certificate reloads by result: `reloaded`, or `failed` (the previous ones stay in use; repeated
    /// failures for the same reason count once).
    public internal(set) var certificateReloads: [String: Int] = [:]

    /// Adds the counters of another event loop.
    static func += (left: inout ServerCounters, right: ServerCounters) {
        left.accepted += right.accepted
        left.open += right.open
        left.handshaking += right.handshaking
        left.active += right.active
        left.requests += right.requests
        left.bytesReceived &+= right.bytesReceived
        left.bytesSent &+= right.bytesSent
        left.rejections.merge(right.rejections, uniquingKeysWith: +)
        left.rejectedPeers += right.rejectedPeers
        left.timeouts.merge(right.timeouts, uniquingKeysWith: +)
        left.aborted += right.aborted
        left.loopStalls += right.loopStalls
        left.acceptShortages += right.acceptShortages
        left.handshakes.merge(right.handshakes, uniquingKeysWith: +)
        left.certificateReloads.merge(right.certificateReloads, uniquingKeysWith: +)
    }
}

extension ServerCounters: CustomStringConvertible {
    /// One line: `open 3 (0 handshaking, 2 idle, 1 active), accepted 9, requests 40, …`; zeros at the end are left
    /// out.
    public var description: String {
        var parts = [
            "open \(open) (\(handshaking) handshaking, \(idle) idle, \(active) active)",
            "accepted \(accepted)", "requests \(requests)", "bytes in \(bytesReceived)",
            "bytes out \(bytesSent)",
        ]
        parts += rejections.map { "rejected with \($0.key.status) \($0.key.cause): \($0.value)" }
            .sorted()
        if rejectedPeers > 0 { parts.append("peers rejected \(rejectedPeers)") }
        for phase in Timeout.allCases {
            if let count = timeouts[phase] { parts.append("\(phase.rawValue) timeouts \(count)") }
        }
        if aborted > 0 { parts.append("aborted \(aborted)") }
        if loopStalls > 0 { parts.append("loop stalls \(loopStalls)") }
        if acceptShortages > 0 { parts.append("accept shortages \(acceptShortages)") }
        parts += handshakes.sorted { $0.key < $1.key }.map { "handshakes \($0.key) \($0.value)" }
        parts += certificateReloads.sorted { $0.key < $1.key }.map {
            "certificates \($0.key) \($0.value)"
        }
        return parts.joined(separator: ", ")
    }
}
