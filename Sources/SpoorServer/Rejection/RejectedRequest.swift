public import HTTPTypes
public import SpoorHTTP
import SpoorHTTP1

/// A request that the HTTP layer rejects without calling a handler: malformed, too large, too slow, or too late.
///
/// The server answers it with ``defaultResponse``, or with a response that the application defines: see
/// `rejectionHandler` of ``HTTPServer``. It logs one line at debug level.
public struct RejectedRequest: Sendable {
    /// A limit that the request exceeds.
    public struct Limit: Sendable, Hashable, CustomStringConvertible {
        /// The name of the limit in ``ServerLimits``, such as `http1.maxHeadBytes`.
        public let name: String
        /// The value of the limit.
        public let value: Int
        /// The unit of the value: `bytes` or `headers`.
        public let unit: String

        /// The value with its unit: `32768 bytes`.
        public var description: String { "\(value) \(unit)" }
    }

    /// A random id of sixteen hexadecimal digits, which the log line contains, too: include it in the response to let
    /// its reader find that line.
    public let id: String
    /// The status of the response, 400 to 599.
    public let status: HTTPResponse.Status
    /// The cause, one of a few dozen names, those of ``ServerCounters/Rejection/cause``, such as `hostMissing` or
    /// `body.tooLarge`.
    public let cause: String
    /// The limit that is exceeded; nil for another cause.
    public let limit: Limit?
    /// The addresses of the connection.
    public let connection: ConnectionInfo
    /// The head of the request; nil unless it was received completely and only its meaning was rejected:
    /// `hostMissing`, `hostRepeated`, `hostInvalid`, `expectationUnknown`, `versionUnsupported`, `framing.…`,
    /// `body.…` and `bodyTimeout`.
    ///
    /// A request that was rejected for its head has no body, and one with another major version than 1 has the
    /// version 1.1.
    public let request: Request?
    /// The id of the request's trace, in hexadecimal digits; nil if the request is not traced, as one that is rejected
    /// before a handler is called.
    public let traceID: String?
    /// What was received and what is expected, for the log; nil if it is unknown or not logged.
    let explanation: String?

    init(
        _ status: HTTPResponse.Status, because cause: String, limit: Limit? = nil,
        connection: ConnectionInfo, request: Request? = nil, traceID: String? = nil,
        explanation: String? = nil
    ) {
        let digits = String(UInt64.random(in: .min ... .max), radix: 16)
        id = String(repeating: "0", count: 16 - digits.count) + digits
        self.status = status
        self.cause = cause
        self.limit = limit
        self.connection = connection
        self.request = request
        self.traceID = traceID
        self.explanation = explanation
    }

    /// Creates the rejection of a request whose body is longer than the handler that reads it accepts.
    init(
        bodyLongerThan maxBytes: Int, _ limits: HTTP1Limits, of exchange: Exchange,
        on connection: ConnectionInfo
    ) {
        let fault = RequestFault.body(.tooLarge)
        self.init(
            fault.status, because: fault.description,
            limit: Limit(fault, limits, maxBodyBytes: maxBytes), connection: connection,
            request: exchange.request, traceID: exchange.traceID)
    }

    /// The default response: problem details with the limit, if one is exceeded, and the trace id, if there is one, in
    /// the form that the request's `Accept` prefers; plain text if the head is not known.
    public var defaultResponse: Response {
        let problem = Problem(status, limit.map { "the limit is \($0)" })
        guard let request else { return ProblemFormat.text.response(for: problem, traceID: nil) }
        return problem.response(to: request, traceID: traceID)
    }
}

/// A closure that creates the response to a request that the HTTP layer rejects.
///
/// It is called on an event loop and is synchronous. Body, content type and headers of the response are sent
/// unchanged; its status, too, if it is between 400 and 599, otherwise that of the rejection. `Connection: close` and
/// the framing are added: the connection closes after the response. A response whose headers cannot be sent, or whose
/// body is longer than 16 KiB, is replaced by ``RejectedRequest/defaultResponse``, and an error is logged.
public typealias RejectionHandler = @Sendable (RejectedRequest) -> Response

extension RejectedRequest.Limit {
    /// Creates the limit that a fault of a request exceeds; nil for any other fault.
    init?(_ fault: RequestFault, _ limits: HTTP1Limits, maxBodyBytes: Int) {
        switch fault {
        case .lineTooLong: self.init("maxStartLineBytes", limits.maxStartLineBytes)
        case .header(.tooLarge): self.init("maxHeadBytes", limits.maxHeadBytes)
        case .header(.tooMany), .body(.trailer(.tooMany)):
            self.init("maxHeaderCount", limits.maxHeaderCount, unit: "headers")
        case .body(.trailer(.tooLarge)): self.init("maxTrailerBytes", limits.maxTrailerBytes)
        case .body(.tooLarge): self.init("maxBodyBytes", maxBodyBytes)
        case .body(.chunkExtensionsTooLarge):
            self.init("maxChunkExtensionBytes", limits.maxChunkExtensionBytes)
        default: return nil
        }
    }

    private init(_ name: String, _ value: Int, unit: String = "bytes") {
        self.init(name: "http1." + name, value: value, unit: unit)
    }
}
