/// What a server has done so far and what it does now, for tests and logs; the same goes to swift-metrics once a second.
///
/// Counts never go down, but for the connections that are open.
public struct ServerCounters: Sendable, Hashable {
    /// What the server waited for when its patience ended.
    public enum Timeout: String, Sendable, Hashable, CaseIterable {
        /// A TLS handshake.
        case handshake
        /// The first byte of a connection, or the rest of a head.
        case head
        /// The next request of a kept connection.
        case idle
        /// More of a request's body.
        case body
        /// A peer that takes nothing of its answer.
        case write
        /// A handler that had a time-out set.
        case handler
    }

    /// Why requests were refused.
    public struct Refusal: Sendable, Hashable {
        /// The status code of the response that was sent, which the application may have chosen; 0 if none was sent.
        public let status: Int
        /// The cause, one of a few dozen names.
        ///
        /// Such as `lineMalformed`, `hostMissing`, `field.valueInvalid`, `framing.lengthRepeated`, `body.tooLarge` and
        /// `headTimeout`.
        public let cause: String

        init(status: Int, cause: String) {
            self.status = status
            self.cause = cause
        }
    }

    /// Connections that were accepted, those refused afterwards included.
    public internal(set) var accepted = 0
    /// Connections that are open.
    public internal(set) var open = 0
    /// Open connections in their TLS handshake.
    public internal(set) var handshaking = 0
    /// Open connections with something to do: a request that is received, handled or answered.
    public internal(set) var active = 0
    /// Open connections that wait for a request.
    public var idle: Int { max(0, open - handshaking - active) }

    /// Requests whose head was received and understood.
    public internal(set) var requests = 0
    /// Bytes read from connections, after decryption.
    public internal(set) var bytesReceived = 0
    /// Bytes handed to the kernel, before encryption.
    public internal(set) var bytesSent = 0

    /// Requests that were refused before anybody could handle them, or whose body was refused while it was read.
    public internal(set) var refusals: [Refusal: Int] = [:]
    /// Connections that were refused because their peer had ``ServerLimits/maxConnectionsPerRemoteAddress`` already.
    public internal(set) var rejectedPeers = 0
    /// Waits that ended with the peer's or the handler's time, by what was waited for.
    public internal(set) var timeouts: [Timeout: Int] = [:]
    /// Exchanges that were cut off before their handler had returned, because ``ServerLimits/gracefulShutdownTimeout`` had passed, the
    /// server's task was cancelled, or ``HTTPServer/closeImmediately()`` was called; the log line has the same number.
    public internal(set) var aborted = 0
    /// How often an event loop was blocked for as long as ``ServerLimits/loopStallThreshold``, or longer.
    public internal(set) var loopStalls = 0
    /// How often a connection could not be accepted for lack of descriptors or memory; it was tried again.
    public internal(set) var acceptShortages = 0
    /// TLS handshakes, by how they ended: `completed`, `resumed` (with an earlier session), or the failure's cause, such as
    /// `timedOut`, `version` or `certificateMissing` (`TLSHandshakeError.Cause`).
    public internal(set) var handshakes: [String: Int] = [:]

    /// How often the certificates were read again, by how it went: `reloaded`, or `failed` (the old ones stay; counted once
    /// for each reason in a row).
    public internal(set) var certificateReloads: [String: Int] = [:]

    /// Adds what another loop has counted.
    static func += (left: inout ServerCounters, right: ServerCounters) {
        left.accepted += right.accepted
        left.open += right.open
        left.handshaking += right.handshaking
        left.active += right.active
        left.requests += right.requests
        left.bytesReceived &+= right.bytesReceived
        left.bytesSent &+= right.bytesSent
        left.refusals.merge(right.refusals, uniquingKeysWith: +)
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
    /// One line: `open 3 (0 handshaking, 2 idle, 1 active), accepted 9, requests 40, …`; what is zero at the end is left out.
    public var description: String {
        var parts = [
            "open \(open) (\(handshaking) handshaking, \(idle) idle, \(active) active)",
            "accepted \(accepted)", "requests \(requests)", "bytes in \(bytesReceived)",
            "bytes out \(bytesSent)",
        ]
        parts += refusals.map { "refused with \($0.key.status) \($0.key.cause): \($0.value)" }
            .sorted()
        if rejectedPeers > 0 { parts.append("peers refused \(rejectedPeers)") }
        for phase in Timeout.allCases {
            if let count = timeouts[phase] { parts.append("\(phase.rawValue) time-outs \(count)") }
        }
        if aborted > 0 { parts.append("cut off \(aborted)") }
        if loopStalls > 0 { parts.append("loop stalls \(loopStalls)") }
        if acceptShortages > 0 { parts.append("accept shortages \(acceptShortages)") }
        parts += handshakes.sorted { $0.key < $1.key }.map { "handshakes \($0.key) \($0.value)" }
        parts += certificateReloads.sorted { $0.key < $1.key }.map {
            "certificates \($0.key) \($0.value)"
        }
        return parts.joined(separator: ", ")
    }
}
