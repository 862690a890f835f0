import HTTPTypes
public import SpoorHTTP
public import SpoorNetworking
public import SpoorTLS

/// The error of a failed exchange, by phase and cause.
///
/// An error that concerns a server contains its ``origin``; the client sets it, so a pattern may leave it out.
public indirect enum ClientError: Error, Hashable, Sendable {
    /// The phase of an exchange.
    public enum Phase: Hashable, Sendable {
        /// Waiting for a connection, because the limit on connections is reached.
        case connectionWait(ConnectionWait)
        /// Resolving the host's addresses.
        case resolve
        /// Connecting.
        case connect
        /// Performing the TLS handshake.
        case handshake
        /// Sending the request.
        case send
        /// Waiting for the response head, and reading it.
        case responseHead
        /// Reading the response body, of which `received` bytes have arrived; `announced` is nil if the head does not
        /// contain the length.
        case responseBody(received: Int, announced: Int?)
    }

    /// The state of the queue when a request timed out while it waited for a connection.
    public struct ConnectionWait: Hashable, Sendable {
        /// A limit on the connections of one event loop, under the name of its option, and its value.
        public enum ConnectionLimit: Hashable, Sendable {
            /// The limit on the connections to one origin, ``ClientLimits/maxConnectionsPerHost``.
            case maxConnectionsPerHost(Int)
            /// The limit on all connections, ``ClientLimits/maxConnections``.
            case maxConnections(Int)
        }

        /// The origin of the request, such as `http://127.0.0.1:8080`.
        public var origin: String
        /// The number of connections to the origin that were open or being opened.
        public var openConnections: Int
        /// The limit that was reached.
        public var limit: ConnectionLimit

        /// Creates a description of a wait.
        public init(origin: String, openConnections: Int, limit: ConnectionLimit) {
            self.origin = origin
            self.openConnections = openConnections
            self.limit = limit
        }
    }

    /// A limit on the requests that wait for a connection on one event loop, under the name of its option, and its
    /// value.
    public enum PendingRequestLimit: Hashable, Sendable {
        /// The limit for one origin, such as `http://127.0.0.1:8080`: ``ClientLimits/maxPendingRequestsPerHost``.
        case maxPendingRequestsPerHost(origin: String, Int)
        /// The limit for all origins together, ``ClientLimits/maxPendingRequests``.
        case maxPendingRequests(Int)
    }

    /// A limit on the size of a response body, under the name of its option, and its value.
    public enum BodyLimit: Hashable, Sendable {
        /// The limit of ``HTTPClient/execute(_:)``, ``ClientLimits/maxCollectedBodyBytes``.
        case maxCollectedBodyBytes(Int)
        /// The limit of a streamed response, `ClientLimits.http1.maxBodyBytes`.
        case maxBodyBytes(Int)
        /// The argument of ``StreamedResponse/collect(upTo:)``.
        case collectUpTo(Int)

        /// The value of the limit.
        public var bytes: Int {
            switch self {
            case .maxCollectedBodyBytes(let bytes), .maxBodyBytes(let bytes),
                .collectUpTo(let bytes):
                bytes
            }
        }
    }

    /// A timeout, under the name of its option, and its value.
    public enum Timeout: Hashable, Sendable {
        /// The timeout that a request sets for itself, `HTTPClientRequest.timeout`.
        case requestTimeoutOverride(Duration)
        /// The client's timeout for a whole exchange, ``ClientLimits/requestTimeout``.
        case requestTimeout(Duration)
        /// The client's timeout for name resolution, connecting and TLS handshake together,
        /// ``ClientLimits/connectTimeout``.
        case connectTimeout(Duration)
        /// The client's timeout for a peer that neither sends nor reads anything, ``ClientLimits/readTimeout``.
        case readTimeout(Duration)
    }

    /// The URL is not valid for a request; the text contains the reason.
    case urlInvalid(String)
    /// The URL's scheme is neither `http` nor `https`.
    case schemeUnsupported(String)
    /// The request cannot be sent; the text contains the reason.
    case requestInvalid(String, origin: String? = nil)
    /// The host name has no addresses; the text is the resolver's.
    case resolve(host: String, reason: String, origin: String? = nil)
    /// No address of the host accepted the connection; contains the error of the last one.
    case connect(SystemError, origin: String? = nil)
    /// The TLS handshake failed.
    case handshake(TLSHandshakeError, origin: String? = nil)
    /// The client's certificate, key or trust roots cannot be loaded.
    case tlsConfiguration(TLSConfigurationError, origin: String? = nil)
    /// The limit on requests that wait for a connection (pending requests) is reached.
    case tooManyPendingRequests(PendingRequestLimit, origin: String? = nil)
    /// A timeout expired in this phase.
    case timedOut(Phase, Timeout, origin: String? = nil)
    /// The peer closed the connection too early, in this phase.
    case connectionClosed(Phase, origin: String? = nil)
    /// The connection failed in this phase.
    case connectionBroken(Phase, SystemError, origin: String? = nil)
    /// The response is malformed, too large, or has ambiguous framing; the text contains the cause, what was
    /// received, and what is expected.
    case protocolFault(String, origin: String? = nil)
    /// The response body exceeds this limit.
    case bodyTooLarge(BodyLimit, origin: String? = nil)
    /// The written request body is longer or shorter than announced, in bytes; a piece that exceeds the announced
    /// length is counted but not sent.
    case bodyLengthMismatch(written: Int, announced: Int, origin: String? = nil)
    /// The rest of the request body is not sent, because the peer has answered with an error or the caller has
    /// finished with the response (RFC 9112 §9.5); thrown only to the closure that writes the body.
    case uploadStopped
    /// The closure that writes the request body has thrown an error, which is what the call throws; this error is
    /// thrown only to the closure that reads the response.
    case requestBodyFailed
    /// No middleware called `next`, so there is no response.
    case noResponse
    /// The caller's task was cancelled.
    case cancelled
    /// The client has been shut down.
    case shutDown
}

// MARK: - The server

extension ClientError {
    /// The scheme, host and port of the server that the error concerns, such as `http://127.0.0.1:8080`; nil for an
    /// error that concerns no server, and for one that was not thrown by a client.
    public var origin: String? {
        switch self {
        case .requestInvalid(_, let origin), .resolve(_, _, let origin), .connect(_, let origin),
            .handshake(_, let origin), .tlsConfiguration(_, let origin),
            .connectionClosed(_, let origin), .connectionBroken(_, _, let origin),
            .protocolFault(_, let origin), .bodyTooLarge(_, let origin),
            .bodyLengthMismatch(_, _, let origin):
            origin
        case .tooManyPendingRequests(.maxPendingRequestsPerHost(let origin, _), _): origin
        case .tooManyPendingRequests(.maxPendingRequests, let origin): origin
        case .timedOut(.connectionWait(let wait), _, _): wait.origin
        case .timedOut(_, _, let origin): origin
        case .urlInvalid, .schemeUnsupported, .uploadStopped, .requestBodyFailed, .noResponse,
            .cancelled, .shutDown:
            nil
        }
    }

    /// Returns the error with the origin of the server that it concerns, unless it has one already or concerns none.
    func naming(_ host: RequestTarget.Host) -> ClientError {
        guard origin == nil else { return self }
        let origin = host.origin
        return switch self {
        case .requestInvalid(let reason, _): .requestInvalid(reason, origin: origin)
        case .resolve(let name, let reason, _): .resolve(host: name, reason: reason, origin: origin)
        case .connect(let error, _): .connect(error, origin: origin)
        case .handshake(let error, _): .handshake(error, origin: origin)
        case .tlsConfiguration(let error, _): .tlsConfiguration(error, origin: origin)
        case .tooManyPendingRequests(let limit, _): .tooManyPendingRequests(limit, origin: origin)
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
    /// The origin of the server, if there is one, and the cause.
    public var description: String {
        switch self {
        // Their texts contain the origin.
        case .tooManyPendingRequests(.maxPendingRequestsPerHost, _),
            .timedOut(.connectionWait, _, _):
            cause
        default: origin.map { "\($0): \(cause)" } ?? cause
        }
    }

    private var cause: String {
        switch self {
        case .urlInvalid(let reason): "invalid URL: \(reason)"
        case .schemeUnsupported(let scheme):
            "the scheme \(scheme) is not supported, only http and https"
        case .requestInvalid(let reason, _): "invalid request: \(reason)"
        case .resolve(let host, let reason, _): "cannot resolve \(host): \(reason)"
        case .connect(let error, _): "connect failed: \(error)"
        case .handshake(let error, _): "TLS handshake failed: \(error)"
        case .tlsConfiguration(let error, _): "invalid client TLS configuration: \(error)"
        case .tooManyPendingRequests(let limit, _):
            "too many requests are waiting for a connection: \(limit) reached"
        case .timedOut(let phase, let limit, _):
            "timed out while \(phase.action): \(limit) expired"
        case .connectionClosed(let phase, _):
            "connection closed by the peer while \(phase.action)"
        case .connectionBroken(let phase, let error, _):
            "connection failed while \(phase.action): \(error)"
        case .protocolFault(let cause, _): "invalid response: \(cause)"
        case .bodyTooLarge(let limit, _):
            "the response body has more than \(limit.bytes) bytes, the limit of \(limit)"
        case .bodyLengthMismatch(let written, let announced, _):
            "the request body has \(written) bytes, but \(announced) were announced"
        case .uploadStopped:
            "the rest of the request body is not sent, because the response has been received or is no longer needed"
        case .requestBodyFailed: "the closure that writes the request body has thrown an error"
        case .noResponse: "no response: a middleware did not call next"
        case .cancelled: "cancelled"
        case .shutDown: "the client has been shut down"
        }
    }
}

extension ClientError.Timeout: CustomStringConvertible {
    /// The name of the limit and its value: `ClientLimits.requestTimeout (60.0 seconds)`.
    public var description: String {
        switch self {
        case .requestTimeoutOverride(let duration): "HTTPClientRequest.timeout (\(duration))"
        case .requestTimeout(let duration): "ClientLimits.requestTimeout (\(duration))"
        case .connectTimeout(let duration): "ClientLimits.connectTimeout (\(duration))"
        case .readTimeout(let duration): "ClientLimits.readTimeout (\(duration))"
        }
    }
}

extension ClientError.PendingRequestLimit: CustomStringConvertible {
    /// The name of the limit and its value, with the origin for a limit of one origin.
    public var description: String {
        switch self {
        case .maxPendingRequestsPerHost(let origin, let count):
            "ClientLimits.maxPendingRequestsPerHost (\(count)) for \(origin)"
        case .maxPendingRequests(let count): "ClientLimits.maxPendingRequests (\(count))"
        }
    }
}

extension ClientError.BodyLimit: CustomStringConvertible {
    /// The name of the limit.
    public var description: String {
        switch self {
        case .maxCollectedBodyBytes: "ClientLimits.maxCollectedBodyBytes"
        case .maxBodyBytes: "ClientLimits.http1.maxBodyBytes"
        case .collectUpTo: "collect(upTo:)"
        }
    }
}

extension ClientError.ConnectionWait: CustomStringConvertible {
    /// The origin, the number of its connections, and the limit that was reached.
    public var description: String {
        let limit =
            switch limit {
            case .maxConnectionsPerHost(let count): "ClientLimits.maxConnectionsPerHost (\(count))"
            case .maxConnections(let count): "ClientLimits.maxConnections (\(count))"
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

    /// The activity of this phase, to follow "while".
    fileprivate var action: String {
        switch self {
        case .connectionWait(let wait): "waiting for a free connection to \(wait)"
        case .resolve: "resolving the host name"
        case .connect: "connecting"
        case .handshake: "performing the TLS handshake"
        case .send: "sending the request"
        case .responseHead: "waiting for the response head"
        case .responseBody(let received, let announced?):
            "receiving the response body (\(received) of \(announced) bytes arrived)"
        case .responseBody(let received, nil):
            "receiving the response body (\(received) bytes arrived)"
        }
    }
}

extension ClientError: ClassifiedError {
    /// The kind of the error, without variable parts.
    package var kind: String {
        switch self {
        case .urlInvalid, .schemeUnsupported, .requestInvalid, .bodyLengthMismatch,
            .requestBodyFailed:
            "request_invalid"
        case .uploadStopped: "upload_stopped"
        case .resolve: "name_resolution"
        case .connect: "connect"
        case .handshake, .tlsConfiguration: "tls_handshake"
        case .tooManyPendingRequests: "too_many_pending_requests"
        case .timedOut: "timeout"
        case .connectionClosed, .connectionBroken: "connection_broken"
        case .protocolFault: "response_invalid"
        case .bodyTooLarge: "body_too_large"
        case .noResponse: "no_response"
        case .cancelled: "cancelled"
        case .shutDown: "shut_down"
        }
    }

    /// Whether the error is a timeout or a cancellation by the caller.
    package var interruption: Interruption? {
        switch self {
        case .timedOut(let phase, _, _): .timedOut(phase.name)
        case .cancelled: .cancelled
        default: nil
        }
    }
}

/// The response of a server whose handler throws an error of the client: the server was a gateway, and its upstream
/// failed.
extension ClientError: ProblemError {
    /// The problem that a server sends whose handler throws the error; it contains no details of the failed request.
    ///
    /// - 504 if a timeout expired (RFC 9110 §15.6.5).
    /// - 503 with `Retry-After` if a limit of the client rejected the request, 503 if the client has been shut down
    ///   (§15.6.4).
    /// - 500 if the request could not be sent because of the program or its configuration.
    /// - 502 for every other failure of the upstream server or of the connection to it (§15.6.3).
    public var problem: Problem {
        switch self {
        case .timedOut: Problem(.gatewayTimeout)
        case .tooManyPendingRequests:
            Problem(.serviceUnavailable, headers: [.retryAfter: "1"])
        case .shutDown: Problem(.serviceUnavailable)
        case .urlInvalid, .schemeUnsupported, .requestInvalid, .bodyLengthMismatch, .noResponse,
            .tlsConfiguration, .cancelled, .uploadStopped, .requestBodyFailed:
            Problem(.internalServerError)
        case .resolve, .connect, .handshake, .connectionClosed, .connectionBroken, .protocolFault,
            .bodyTooLarge:
            Problem(.badGateway)
        }
    }
}
