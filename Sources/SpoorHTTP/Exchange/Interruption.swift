/// What ended an exchange, or tried to, from outside of it: neither the handler's doing nor the answer's.
package enum Interruption: Hashable, Sendable {
    /// The other end has left before the exchange was over.
    case peerLeft
    /// A time-out has passed while waiting for this: `head`, `body`, `write`, `handler`, or a phase of the client.
    case timedOut(String)
    /// The server cut the exchange off when it was shut down.
    case cutOff
    /// The caller of a client has given up.
    case cancelled

    /// The interruption in one word.
    package var name: String {
        switch self {
        case .peerLeft: "peer_left"
        case .timedOut: "timeout"
        case .cutOff: "cut_off"
        case .cancelled: "cancelled"
        }
    }
}

/// An error that knows its kind, in one word of which there are few: fit for the tag `error.type` and for metrics.
package protocol ClassifiedError: Error {
    /// The kind.
    var kind: String { get }
    /// What ended the exchange from outside, if that is what the error tells.
    var interruption: Interruption? { get }
}
