import HTTPTypes
public import SpoorHTTP
public import SpoorNetworking
public import SpoorTLS

/// Why an exchange failed, by phase and by whose fault it was.
///
/// An error that concerns a server names its ``origin``; the client fills it in, so a pattern may leave it out.
public indirect enum ClientError: Error, Hashable, Sendable {
    /// What an exchange was doing.
    public enum Phase: Hashable, Sendable {
        /// Waiting for one of the bounded connections.
        case connectionWait(ConnectionWait)
        /// Looking up the host's addresses.
        case resolve
        /// Connecting.
        case connect
        /// Shaking hands for TLS.
        case handshake
        /// Sending the request.
        case send
        /// Waiting for the head of the response, and reading it.
        case responseHead
        /// Reading the body of the response, of which so many bytes have arrived; `announced` is nil where the head does not
        /// tell the length.
        case responseBody(received: Int, announced: Int?)
    }

    /// What a request waited for that got no connection: the state of its queue when it gave up.
    public struct ConnectionWait: Hashable, Sendable {
        /// A bound on the connections of one event loop, and its value.
        public enum Bound: Hashable, Sendable {
            /// The bound on the connections to one origin, ``ClientLimits/maxConnectionsPerHost``.
            case perHost(Int)
            /// The bound on all connections, ``ClientLimits/maxConnections``.
            case total(Int)
        }

        /// The origin of the request, such as `http://127.0.0.1:8080`.
        public var origin: String
        /// How many connections to the origin were open, or being opened.
        public var openConnections: Int
        /// The bound that allowed no other.
        public var bound: Bound

        /// A wait for a connection to an origin.
        public init(origin: String, openConnections: Int, bound: Bound) {
            self.origin = origin
            self.openConnections = openConnections
            self.bound = bound
        }
    }

    /// A limit on the requests that wait for a connection on one event loop: which one, and its value.
    public enum WaitingLimit: Hashable, Sendable {
        /// The limit for one origin, such as `http://127.0.0.1:8080`: ``ClientLimits/maxPendingRequestsPerHost``.
        case perHost(origin: String, Int)
        /// The limit for all origins together, ``ClientLimits/maxPendingRequests``.
        case total(Int)
    }

    /// A limit on the bytes of a response's body: which one, and its value.
    public enum BodyLimit: Hashable, Sendable {
        /// The limit of ``HTTPClient/send(_:)``, ``ClientLimits/maxCollectedBodyBytes``.
        case collected(Int)
        /// The limit of a streamed response, `ClientLimits.http1.maxBodyBytes`.
        case streamed(Int)
        /// The argument of ``StreamedResponse/collect(upTo:)``.
        case argument(Int)

        /// The value of the limit.
        public var bytes: Int {
            switch self {
            case .collected(let bytes), .streamed(let bytes), .argument(let bytes): bytes
            }
        }
    }

    /// A limit on time: which one, and how long it is.
    public enum TimeLimit: Hashable, Sendable {
        /// The request's own limit for the whole exchange, `HTTPClientRequest.timeout`.
        case request(Duration)
        /// The client's limit for a whole exchange, ``ClientLimits/requestTimeout``.
        case total(Duration)
        /// The client's limit for looking up, connecting and the TLS handshake together,
        /// ``ClientLimits/connectTimeout``.
        case connect(Duration)
        /// The client's limit for a peer that neither sends nor takes anything,
        /// ``ClientLimits/readTimeout``.
        case silence(Duration)
    }

    /// The URL is not one that a request can go to; the text says why.
    case urlInvalid(String)
    /// The URL's scheme is neither `http` nor `https`.
    case schemeUnsupported(String)
    /// The request must not be sent as it is; the text says why.
    case requestInvalid(String, origin: String? = nil)
    /// The host's name has no addresses; the text is the resolver's.
    case resolve(host: String, reason: String, origin: String? = nil)
    /// None of the host's addresses took the connection; the error of the last one.
    case connect(SystemError, origin: String? = nil)
    /// The TLS handshake failed: whom the server is, or who we are, was not agreed on.
    case handshake(TLSHandshakeError, origin: String? = nil)
    /// The client's own certificate, key or trust roots cannot be used.
    case tlsConfiguration(TLSConfigurationError, origin: String? = nil)
    /// As many requests wait for a connection as this limit allows.
    case tooManyWaiting(WaitingLimit, origin: String? = nil)
    /// A time limit expired in that phase.
    case timedOut(Phase, TimeLimit, origin: String? = nil)
    /// The peer closed the connection in that phase, too early.
    case connectionClosed(Phase, origin: String? = nil)
    /// The connection broke in that phase.
    case connectionBroken(Phase, SystemError, origin: String? = nil)
    /// The response is malformed, too large, or framed so that nobody knows where it ends; the text names the cause, what
    /// arrived, and what is expected.
    case protocolFault(String, origin: String? = nil)
    /// The body of the response has more bytes than this limit allows.
    case bodyTooLarge(BodyLimit, origin: String? = nil)
    /// The body that was written is longer or shorter than was announced, in bytes; a piece that makes it longer is counted
    /// and not sent.
    case bodyLengthMismatch(written: Int, announced: Int, origin: String? = nil)
    /// The rest of the request's body is not sent: the peer has answered with an error, or the response was all that the
    /// caller wanted (RFC 9112 §9.5); only the closure that writes the body gets to see it.
    case uploadStopped
    /// The closure that writes the request's body has thrown an error, which is what the call throws; only the closure that
    /// reads the response gets to see this one.
    case requestBodyFailed
    /// No middleware passed the request on, so there is no response.
    case noResponse
    /// The caller's task was cancelled.
    case cancelled
    /// The client has been shut down.
    case shutDown
}

// MARK: - The server

extension ClientError {
    /// The scheme, host and port of the server that the error concerns, such as `http://127.0.0.1:8080`; nil for an error that
    /// concerns none, and for one that no client has thrown.
    public var origin: String? {
        switch self {
        case .requestInvalid(_, let origin), .resolve(_, _, let origin), .connect(_, let origin),
            .handshake(_, let origin), .tlsConfiguration(_, let origin),
            .connectionClosed(_, let origin), .connectionBroken(_, _, let origin),
            .protocolFault(_, let origin), .bodyTooLarge(_, let origin),
            .bodyLengthMismatch(_, _, let origin):
            origin
        case .tooManyWaiting(.perHost(let origin, _), _): origin
        case .tooManyWaiting(.total, let origin): origin
        case .timedOut(.connectionWait(let wait), _, _): wait.origin
        case .timedOut(_, _, let origin): origin
        case .urlInvalid, .schemeUnsupported, .uploadStopped, .requestBodyFailed, .noResponse,
            .cancelled, .shutDown:
            nil
        }
    }

    /// The same error with the origin of the server that it concerns, unless it has one already or concerns none.
    func naming(_ host: RequestTarget.Host) -> ClientError {
        guard origin == nil else { return self }
        let origin = host.origin
        return switch self {
        case .requestInvalid(let reason, _): .requestInvalid(reason, origin: origin)
        case .resolve(let name, let reason, _): .resolve(host: name, reason: reason, origin: origin)
        case .connect(let error, _): .connect(error, origin: origin)
        case .handshake(let error, _): .handshake(error, origin: origin)
        case .tlsConfiguration(let error, _): .tlsConfiguration(error, origin: origin)
        case .tooManyWaiting(let limit, _): .tooManyWaiting(limit, origin: origin)
        case .timedOut(let phase, let limit, _): .timedOut(phase, limit, origin: origin)
        case .connectionClosed(let phase, _): .connectionClosed(phase, origin: origin)
        case .connectionBroken(let phase, let error, _):
            .connectionBroken(phase, error, origin: origin)
        case .protocolFault(let cause, _): .protocolFault(cause, origin: origin)
        case .bodyTooLarge(let limit, _): .bodyTooLarge(limit, origin: origin)
        case .bodyLengthMismatch(let written, let announced, _):
            .bodyLengthMismatch(written: written, announced: announced, origin: origin)
        case .urlInvalid, .schemeUnsupported, .uploadStopped, .requestBodyFailed, .noResponse,
            .cancelled, .shutDown:
            self
        }
    }
}

// MARK: - Texts

extension ClientError: CustomStringConvertible {
    /// The origin of the server, where there is one, and the cause in words.
    public var description: String {
        switch self {
        // Their texts have it.
        case .tooManyWaiting(.perHost, _), .timedOut(.connectionWait, _, _): cause
        default: origin.map { "\($0): \(cause)" } ?? cause
        }
    }

    private var cause: String {
        switch self {
        case .urlInvalid(let reason): "invalid URL: \(reason)"
        case .schemeUnsupported(let scheme):
            "the scheme \(scheme) is not supported, only http and https"
        case .requestInvalid(let reason, _): "invalid request: \(reason)"
        case .resolve(let host, let reason, _): "no address for \(host): \(reason)"
        case .connect(let error, _): "no connection: \(error)"
        case .handshake(let error, _): "no secure connection: \(error)"
        case .tlsConfiguration(let error, _): "the client's TLS: \(error)"
        case .tooManyWaiting(let limit, _):
            "too many requests wait for a connection: \(limit) reached"
        case .timedOut(let phase, let limit, _):
            "timed out while \(phase.action): \(limit) expired"
        case .connectionClosed(let phase, _):
            "connection closed by the peer while \(phase.action)"
        case .connectionBroken(let phase, let error, _):
            "connection broken while \(phase.action): \(error)"
        case .protocolFault(let cause, _): "the response is faulty: \(cause)"
        case .bodyTooLarge(let limit, _):
            "the response's body has more than \(limit.bytes) bytes, the limit of \(limit)"
        case .bodyLengthMismatch(let written, let announced, _):
            "the request's body has \(written) bytes, and \(announced) were announced"
        case .uploadStopped:
            "the rest of the request's body is not sent, because the response has come or is not waited for any more"
        case .requestBodyFailed: "the closure that writes the request's body has thrown an error"
        case .noResponse: "no middleware passed the request on"
        case .cancelled: "cancelled"
        case .shutDown: "the client has been shut down"
        }
    }
}

extension ClientError.TimeLimit: CustomStringConvertible {
    /// The name of the limit and its value: `ClientLimits.requestTimeout (60.0 seconds)`.
    public var description: String {
        switch self {
        case .request(let duration): "HTTPClientRequest.timeout (\(duration))"
        case .total(let duration): "ClientLimits.requestTimeout (\(duration))"
        case .connect(let duration): "ClientLimits.connectTimeout (\(duration))"
        case .silence(let duration): "ClientLimits.readTimeout (\(duration))"
        }
    }
}

extension ClientError.WaitingLimit: CustomStringConvertible {
    /// The name of the limit and its value, for one origin with that.
    public var description: String {
        switch self {
        case .perHost(let origin, let count):
            "ClientLimits.maxPendingRequestsPerHost (\(count)) for \(origin)"
        case .total(let count): "ClientLimits.maxPendingRequests (\(count))"
        }
    }
}

extension ClientError.BodyLimit: CustomStringConvertible {
    /// The name of the limit.
    public var description: String {
        switch self {
        case .collected: "ClientLimits.maxCollectedBodyBytes"
        case .streamed: "ClientLimits.http1.maxBodyBytes"
        case .argument: "collect(upTo:)"
        }
    }
}

extension ClientError.ConnectionWait: CustomStringConvertible {
    /// The origin, how many connections it had, and the bound that allowed no other.
    public var description: String {
        let limit =
            switch bound {
            case .perHost(let count): "ClientLimits.maxConnectionsPerHost (\(count))"
            case .total(let count): "ClientLimits.maxConnections (\(count))"
            }
        return "\(origin) (\(openConnections) open, \(limit) reached)"
    }
}

extension ClientError.Phase {
    /// The name of the phase, for logs and metrics: `responseHead`.
    public var name: String {
        switch self {
        case .connectionWait: "connectionWait"
        case .resolve: "resolve"
        case .connect: "connect"
        case .handshake: "handshake"
        case .send: "send"
        case .responseHead: "responseHead"
        case .responseBody: "responseBody"
        }
    }

    /// What was being done in this phase, behind "while".
    fileprivate var action: String {
        switch self {
        case .connectionWait(let wait): "waiting for a free connection to \(wait)"
        case .resolve: "resolving the host's name"
        case .connect: "connecting"
        case .handshake: "performing the TLS handshake"
        case .send: "sending the request"
        case .responseHead: "waiting for the response's head"
        case .responseBody(let received, let announced?):
            "receiving the response's body (\(received) of \(announced) bytes arrived)"
        case .responseBody(let received, nil):
            "receiving the response's body (\(received) bytes arrived)"
        }
    }
}

extension ClientError: ClassifiedError {
    /// The kind of the failure, without what varies.
    package var kind: String {
        switch self {
        case .urlInvalid, .schemeUnsupported, .requestInvalid, .bodyLengthMismatch,
            .requestBodyFailed:
            "request_invalid"
        case .uploadStopped: "upload_stopped"
        case .resolve: "name_resolution"
        case .connect: "connect"
        case .handshake, .tlsConfiguration: "tls_handshake"
        case .tooManyWaiting: "too_many_waiting"
        case .timedOut: "timeout"
        case .connectionClosed, .connectionBroken: "connection_broken"
        case .protocolFault: "response_invalid"
        case .bodyTooLarge: "body_too_large"
        case .noResponse: "no_response"
        case .cancelled: "cancelled"
        case .shutDown: "shut_down"
        }
    }

    /// A time-out, or the caller's own wish.
    package var interruption: Interruption? {
        switch self {
        case .timedOut(let phase, _, _): .timedOut(phase.name)
        case .cancelled: .cancelled
        default: nil
        }
    }
}

/// What a server answers when a handler lets an error of the client pass: it was a gateway, and its upstream failed.
extension ClientError: ResponseError {
    /// The response of a server whose handler lets the error pass; it has no details of the request that failed.
    ///
    /// - 504 when a time limit expired (RFC 9110 §15.6.5).
    /// - 503 with `Retry-After` when the client has no room for the request, 503 when it has been shut down (§15.6.4).
    /// - 500 when the request could not be sent because of the program or its configuration.
    /// - 502 for every other failure of the upstream server or of the way to it (§15.6.3).
    public func response() -> Response {
        switch self {
        case .timedOut: HTTPError(.gatewayTimeout).response()
        case .tooManyWaiting:
            HTTPError(.serviceUnavailable, headers: [.retryAfter: "1"]).response()
        case .shutDown: HTTPError(.serviceUnavailable).response()
        case .urlInvalid, .schemeUnsupported, .requestInvalid, .bodyLengthMismatch, .noResponse,
            .tlsConfiguration, .cancelled, .uploadStopped, .requestBodyFailed:
            HTTPError(.internalServerError).response()
        case .resolve, .connect, .handshake, .connectionClosed, .connectionBroken, .protocolFault,
            .bodyTooLarge:
            HTTPError(.badGateway).response()
        }
    }
}
