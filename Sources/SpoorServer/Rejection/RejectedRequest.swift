public import HTTPTypes
public import SpoorHTTP
import SpoorHTTP1

/// A request that the HTTP layer rejects by itself, in place of any handler: malformed, too large, too slow, or too late.
///
/// The server answers it with ``defaultResponse``, or with what the application makes of it: see `rejectionHandler` of
/// ``HTTPServer``. It writes one line to its log, at debug level.
public struct RejectedRequest: Sendable {
    /// A bound that the request exceeds.
    public struct Limit: Sendable, Hashable, CustomStringConvertible {
        /// Its name in ``ServerLimits``, such as `http1.maxHeadBytes`.
        public let name: String
        /// Its value.
        public let value: Int
        /// What it counts: `bytes` or `headers`.
        public let unit: String

        /// The value and what it counts: `32768 bytes`.
        public var description: String { "\(value) \(unit)" }
    }

    /// A random id, sixteen hexadecimal digits, which the line in the log has too: for the response, so that who sees it can
    /// find that line.
    public let id: String
    /// The status of the response, 400 to 599.
    public let status: HTTPResponse.Status
    /// Why: one of a few dozen names, those of ``ServerCounters/Refusal/cause``, such as `hostMissing` or `body.tooLarge`.
    public let cause: String
    /// The bound that is exceeded; nil if the cause is another.
    public let limit: Limit?
    /// Who is connected to whom.
    public let connection: ConnectionInfo
    /// The head of the request; nil unless it had been received whole, and only its meaning was refused: `hostMissing`,
    /// `hostRepeated`, `hostInvalid`, `expectationUnknown`, `versionUnsupported`, `framing.…`, `body.…` and `bodyTimeout`.
    ///
    /// A request that was refused for its head has no body, and one of another major version than 1 has the version 1.1.
    public let request: Request?
    /// What arrived and what is expected, for the log; nil if it is not known, or not logged.
    let explanation: String?

    init(
        _ status: HTTPResponse.Status, because cause: String, limit: Limit? = nil,
        connection: ConnectionInfo, request: Request? = nil, explanation: String? = nil
    ) {
        let digits = String(UInt64.random(in: .min ... .max), radix: 16)
        id = String(repeating: "0", count: 16 - digits.count) + digits
        self.status = status
        self.cause = cause
        self.limit = limit
        self.connection = connection
        self.request = request
        self.explanation = explanation
    }

    /// A request whose body is longer than the handler that reads it accepts.
    init(
        bodyLongerThan maxBytes: Int, _ limits: HTTP1Limits, of request: Request,
        on connection: ConnectionInfo
    ) {
        let fault = RequestFault.body(.tooLarge)
        self.init(
            fault.status, because: fault.description,
            limit: Limit(fault, limits, maxBodyBytes: maxBytes), connection: connection,
            request: request)
    }

    /// What the server answers by itself: the status line as plain text, and the limit if one is exceeded.
    public var defaultResponse: Response {
        let reason = limit.map { ": the limit is \($0)" } ?? ""
        return Response(
            status: status, text: "\(status.code) \(status.reasonPhrase)\(reason)\n")
    }
}

/// What an application makes of a request that the HTTP layer rejects.
///
/// It is called on an event loop and awaits nothing. Body, content type and fields of the response are sent as they are; its
/// status is if it is one of 400 to 599, else the rejection's. `Connection: close` and the framing are added: the connection
/// closes after the response. A response whose fields cannot be sent, or whose body is longer than 16 KiB, is replaced by
/// ``RejectedRequest/defaultResponse``, and an error is logged.
public typealias RejectionHandler = @Sendable (RejectedRequest) -> Response

extension RejectedRequest.Limit {
    /// The bound that a fault of a request exceeds; nil for any other fault.
    init?(_ fault: RequestFault, _ limits: HTTP1Limits, maxBodyBytes: Int) {
        switch fault {
        case .lineTooLong: self.init("maxStartLineBytes", limits.maxStartLineBytes)
        case .field(.tooLarge): self.init("maxHeadBytes", limits.maxHeadBytes)
        case .field(.tooMany), .body(.trailer(.tooMany)):
            self.init("maxHeaderCount", limits.maxHeaderCount, unit: "fields")
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
