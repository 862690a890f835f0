import HTTPTypes
public import SpoorHTTP
import SpoorHTTP1
public import SpoorNetworking

/// What broke an exchange off from outside: the peer, the network, or the server's own end.
///
/// A handler that reads the body gets it thrown; if it lets it pass and the head is not out, the peer is told.
enum ConnectionFault: Error, Equatable {
    /// What the server was waiting for when it gave up.
    enum Phase: String {
        case body, write, handler
    }

    /// The peer ended the connection before its message was whole.
    case closedByPeer
    /// The peer was silent for too long, or slower than it may be; or the handler has passed its time-out.
    case timedOut(Phase)
    /// The server cut the connection off: the deadline of its shutdown had passed.
    case aborted
    /// The kernel reported an error, most often a reset.
    case broken(SystemError)
}

extension ConnectionFault: ResponseError, CustomStringConvertible {
    func response() -> Response {
        switch self {
        case .closedByPeer, .broken: .closing(.badRequest)
        case .timedOut(.handler): .closing(.serviceUnavailable)
        case .timedOut: .closing(.requestTimeout)
        case .aborted: .closing(.serviceUnavailable)
        }
    }

    var description: String {
        switch self {
        case .closedByPeer: "the peer closed the connection in the middle of a message"
        case .timedOut(.handler): "the handler has taken too long"
        case .timedOut(let phase): "the peer was silent or slow for too long (\(phase.rawValue))"
        case .aborted: "the server is shutting down"
        case .broken(let error): "\(error)"
        }
    }
}

extension ConnectionFault: ClassifiedError {
    var kind: String { interruption?.name ?? "connection_broken" }

    var interruption: Interruption? { cause?.interruption }

    /// What interrupted the exchange, in a form that costs nothing to keep and to forget; nil for another fault of the kernel.
    enum Cause {
        case peerLeft
        case timedOut(Phase)
        case aborted

        var interruption: Interruption {
            switch self {
            case .peerLeft: .peerLeft
            case .timedOut(let phase): .timedOut(phase.rawValue)
            case .aborted: .aborted
            }
        }
    }

    var cause: Cause? {
        switch self {
        case .closedByPeer: .peerLeft
        case .timedOut(let phase): .timedOut(phase)
        case .aborted: .aborted
        // A peer whose network has lost it is gone as well.
        case .broken(let error): error.isPeerGone || error.isTimeOut ? .peerLeft : nil
        }
    }
}

/// A body that breaks its framing or its bound; thrown to the handler that reads it.
struct RefusedBody: ResponseError, CustomStringConvertible {
    let fault: BodyFault
    let rejected: RejectedRequest

    func response() -> Response {
        var response = rejected.defaultResponse
        response.headers[.connection] = "close"
        return response
    }

    /// What is wrong with the body: the bytes that arrived and what is expected, or the bound and how to raise it.
    var description: String {
        if fault == .tooLarge, let limit = rejected.limit {
            return
                "the request body is longer than \(limit): raise the limit of the route with BodyLimit or "
                + "body.maxBytes, or that of the server with ServerLimits.http1.maxBodyBytes"
        }
        return "the request body is refused: \(rejected.explanation ?? rejected.cause)"
    }
}

extension Response {
    /// A short answer after which the connection closes.
    fileprivate static func closing(_ status: HTTPResponse.Status) -> Response {
        Response(status: status, headers: [.connection: "close"], text: "\(status.text)\n")
    }
}

/// What a server answers when a handler lets a refusal of a blocking pool pass.
extension BlockingPool.Refusal: ResponseError {
    /// A 503 with `Retry-After`: there is no room for the work now, and likely will be soon (RFC 9110 §15.6.4).
    public func response() -> Response {
        HTTPError(.serviceUnavailable, headers: [.retryAfter: "1"]).response()
    }
}
