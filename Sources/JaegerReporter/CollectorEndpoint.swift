public import SpoorHTTP
import SpoorText
public import SpoorTLS

/// The endpoint of a collector: URL, wire format, credentials and headers.
///
/// ```swift
/// var endpoint = CollectorEndpoint.otlp("https://collector.example/v1/traces")
/// endpoint.authorization = .bearer(token)
/// endpoint.compression = .gzip
/// let reporter = HTTPReporter(endpoint)
/// ```
///
/// Its description contains neither the query, nor credentials, nor header values.
public struct CollectorEndpoint: Sendable {
    /// The compression of request bodies.
    public enum Compression: String, Sendable, Hashable, CaseIterable {
        /// Bodies are sent uncompressed, without `Content-Encoding`: all collectors accept that.
        case none
        /// `Content-Encoding: gzip`, which Jaeger's collector supports since version 2. It reduces spans to a tenth or
        /// less.
        case gzip
    }

    /// Returns headers for one export attempt, such as a token that expires; they replace ``headers`` of the same
    /// names.
    ///
    /// It is called before each attempt with the timeout ``ReporterLimits/exportTimeout``. If it throws or times out,
    /// the attempt fails and is retried like one that could not connect; of the error only the type is logged. Requests
    /// that it makes should not be traced, because their spans would have to be exported as well.
    public typealias HeaderProvider = @Sendable () async throws -> Headers

    /// The complete URL, `http` or `https`, with path and query.
    public var url: String
    /// The wire format that the collector accepts.
    public var format: WireFormat
    /// The credentials; nil sends none.
    public var authorization: Authorization?
    /// The headers of each request; those that the format requires (`Content-Type`, `Content-Encoding`) replace them.
    public var headers = Headers()
    /// The provider of headers for each attempt.
    public var headerProvider: HeaderProvider?
    /// The compression of request bodies.
    public var compression = Compression.none
    /// The TLS configuration for `https`: by default the system's root certificates and no client certificate.
    public var tls = TLSClientConfiguration()

    /// The URL for `jaeger.thrift` of a Jaeger collector on this machine.
    public static let localJaegerURL = "http://127.0.0.1:14268/api/traces"

    /// The URL for OTLP of an OpenTelemetry Collector, or of a Jaeger collector since version 1.35, on this machine.
    public static let localOTLPURL = "http://127.0.0.1:4318/v1/traces"

    /// Creates an endpoint.
    ///
    /// - Parameters:
    ///   - url: The complete URL. If no request can be sent to it, `TracingService` throws, and ``HTTPReporter``
    ///     reports the error in its log and status when it is created.
    ///   - format: The wire format that the collector accepts.
    public init(_ url: String, format: WireFormat) {
        self.url = url
        self.format = format
    }

    /// Returns the endpoint of a collector that accepts `jaeger.thrift`; by default on this machine, at the default
    /// port.
    public static func jaeger(_ url: String = CollectorEndpoint.localJaegerURL) -> Self {
        Self(url, format: .jaegerThrift)
    }

    /// Returns the endpoint of a collector that accepts OTLP over HTTP; by default on this machine, at the default
    /// port.
    public static func otlp(_ url: String = CollectorEndpoint.localOTLPURL) -> Self {
        Self(url, format: .otlp)
    }
}

extension CollectorEndpoint: CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// The format and the URL without its query.
    public var description: String {
        "\(format.rawValue) at \(String(firstPrintableLine: publicURL))"
    }

    /// The same as ``description``.
    public var debugDescription: String { description }

    /// Empty, because the contents may be secret.
    public var customMirror: Mirror { Mirror(self, children: []) }

    /// The URL up to the query, without everything up to an `@`, which could be a password.
    private var publicURL: Substring.UTF8View {
        let address = url.prefix { $0 != "?" && $0 != "#" }
        guard let at = address.lastIndex(of: "@") else { return address.utf8 }
        return address[address.index(after: at)...].utf8
    }
}

/// The credentials for a collector: the value of `Authorization` (RFC 9110 §11.6.2), which is never shown.
public struct Authorization: Sendable, Hashable {
    /// The value of the header.
    let headerValue: String
    private let scheme: String

    /// Returns user and password (RFC 7617), as UTF-8.
    ///
    /// - Parameters:
    ///   - user: The user, without a colon: the text after it would be taken as part of the password.
    ///   - password: Any text.
    public static func basic(user: String, password: String) -> Authorization {
        Authorization(
            headerValue: "Basic " + Base64.standard.encode(Array("\(user):\(password)".utf8)),
            scheme: "Basic")
    }

    /// Returns a token (RFC 6750); white space around it, such as the line end of a file, is removed.
    public static func bearer(_ token: String) -> Authorization {
        let bytes = token.utf8.drop { $0 <= 0x20 }
        let end = bytes.lastIndex { $0 > 0x20 }.map { bytes.index(after: $0) } ?? bytes.startIndex
        return Authorization(
            headerValue: "Bearer " + String(decoding: bytes[..<end], as: UTF8.self),
            scheme: "Bearer")
    }
}

extension Authorization: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Only the scheme.
    public var description: String { "\(scheme) …" }

    /// Only the scheme.
    public var debugDescription: String { description }

    /// Empty, because the contents are secret.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
