import HTTPTypes
public import SpoorHTTP
import SpoorHTTP1
public import SpoorNetworking

/// An error that aborts an exchange from outside: caused by the peer, the network, or the server's shutdown.
///
/// It is thrown to a handler that reads the body; if the handler rethrows it before the head is sent, the peer
/// receives a response.
enum ConnectionFault: Error, Equatable {
    /// The phase in which a timeout expired.
    enum Phase: String {
        case body, write, handler
    }

    /// The peer closed the connection before its message was complete.
    case closedByPeer
    /// The peer sent nothing for too long, or was too slow; or the handler's timeout has expired.
    case timedOut(Phase)
    /// The server aborted the connection, because its graceful shutdown had timed out.
    case aborted
    /// The kernel reported an error, usually a reset.
    case broken(SystemError)
}

extension ConnectionFault: ProblemError, CustomStringConvertible {
    /// A problem without details, after which the connection closes.
    var problem: Problem { Problem(status, headers: [.connection: "close"]) }

    private var status: HTTPResponse.Status {
        switch self {
        case .closedByPeer, .broken: .badRequest
        case .timedOut(.handler), .aborted: .serviceUnavailable
        case .timedOut: .requestTimeout
        }
    }

    var description: String {
        switch self {
        case .closedByPeer: "the peer closed the connection in the middle of a message"
        case .timedOut(.handler): "the handler timed out"
        case .timedOut(let phase): "the peer timed out (\(phase.rawValue))"
        case .aborted: "the server is shutting down"
        case .broken(let error): "\(error)"
        }
    }
}

extension ConnectionFault: ClassifiedError {
    var kind: String { interruption?.name ?? "connection_broken" }

    var interruption: Interruption? { cause?.interruption }

    /// The cause of an interruption, in a form that is cheap to store; nil for another fault of the kernel.
    enum Cause {
        case peerDisconnected
        case timedOut(Phase)
        case aborted

        var interruption: Interruption {
            switch self {
            case .peerDisconnected: .peerDisconnected
            case .timedOut(let phase): .timedOut(phase.rawValue)
            case .aborted: .aborted
            }
        }
    }

    var cause: Cause? {
        switch self {
        case .closedByPeer: .peerDisconnected
        case .timedOut(let phase): .timedOut(phase)
        case .aborted: .aborted
        // A peer that is unreachable has disconnected, too.
        case .broken(let error): error.isPeerGone || error.isTimeout ? .peerDisconnected : nil
        }
    }
}

/// A body with malformed framing or above its limit; thrown to the handler that reads it.
struct RejectedBody: ResponseError, CustomStringConvertible {
    let fault: BodyFault
    let rejected: RejectedRequest

    func response() -> Response {
        var response = rejected.defaultResponse
        response.headers[.connection] = "close"
        return response
    }

    /// The fault: the received bytes and what is expected, or the limit and how to raise it.
    var description: String {
        if fault == .tooLarge, let limit = rejected.limit {
            return
                "the request body is longer than \(limit): raise the limit of the route with BodyLimit or "
                + "body.maxBytes, or that of the server with ServerLimits.http1.maxBodyBytes"
        }
        return "the request body is rejected: \(rejected.explanation ?? rejected.cause)"
    }
}

/// The response of a server whose handler rethrows a rejection by a blocking pool.
extension BlockingPool.Rejection: ProblemError {
    /// A 503 with `Retry-After`: the pool is full, which is probably temporary (RFC 9110 §15.6.4).
    public var problem: Problem { Problem(.serviceUnavailable, headers: [.retryAfter: "1"]) }
}
