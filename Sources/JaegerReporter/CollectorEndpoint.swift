public import SpoorHTTP
import SpoorText
public import SpoorTLS

/// Where a collector takes spans, in which format, and what it wants to see before it does.
///
/// ```swift
/// var endpoint = CollectorEndpoint.otlp("https://collector.example/v1/traces")
/// endpoint.authorization = .bearer(token)
/// endpoint.compression = .gzip
/// let reporter = HTTPReporter(endpoint)
/// ```
///
/// Its description names neither the query, nor credentials, nor values of headers.
public struct CollectorEndpoint: Sendable {
    /// Whether bodies are compressed.
    public enum Compression: String, Sendable, Hashable, CaseIterable {
        /// They are sent as they are, without `Content-Encoding`: every collector takes that.
        case none
        /// `Content-Encoding: gzip`, which Jaeger's collector knows from version 2 on. Spans shrink to a tenth or less.
        case gzip
    }

    /// Gives header fields for one attempt to send, such as a token that expires; they replace ``headers`` of the same names.
    ///
    /// It is asked before every attempt and has ``ReporterLimits/exportTimeout``. If it throws, or is late, the attempt counts
    /// as failed and is repeated like one that found no collector; of the error only the type is told. Requests that it
    /// makes should not be traced, for their spans would have to be sent as well.
    public typealias HeaderProvider = @Sendable () async throws -> Headers

    /// The whole URL, `http` or `https`; path and query are kept.
    public var url: String
    /// What the collector understands.
    public var format: WireFormat
    /// Who sends; nil for nobody in particular.
    public var authorization: Authorization?
    /// Header fields for every request; those that the format needs (`Content-Type`, `Content-Encoding`) are set over them.
    public var headers = Headers()
    /// Header fields that are asked for before every attempt.
    public var headerProvider: HeaderProvider?
    /// Whether bodies are compressed.
    public var compression = Compression.none
    /// Whom to trust for `https`, and who we are: the system's roots, and nobody, unless set.
    public var tls = TLSClientConfiguration()

    /// Where a Jaeger collector on this machine takes `jaeger.thrift`.
    public static let localJaegerURL = "http://127.0.0.1:14268/api/traces"

    /// Where an OpenTelemetry Collector, or a Jaeger since version 1.35, on this machine takes OTLP.
    public static let localOTLPURL = "http://127.0.0.1:4318/v1/traces"

    /// Makes an endpoint.
    ///
    /// - Parameters:
    ///   - url: The whole URL. With one that no request can be sent to, `TracingService` cannot be made, and
    ///     ``HTTPReporter`` says so in log and status as soon as it is made.
    ///   - format: What the collector there understands.
    public init(_ url: String, format: WireFormat) {
        self.url = url
        self.format = format
    }

    /// A collector that takes `jaeger.thrift`: one on this machine, at the usual port, unless told otherwise.
    public static func jaeger(_ url: String = CollectorEndpoint.localJaegerURL) -> Self {
        Self(url, format: .jaegerThrift)
    }

    /// A collector that takes OTLP over HTTP: one on this machine, at the usual port, unless told otherwise.
    public static func otlp(_ url: String = CollectorEndpoint.localOTLPURL) -> Self {
        Self(url, format: .otlp)
    }
}

extension CollectorEndpoint: CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// Format and URL without its query.
    public var description: String {
        "\(format.rawValue) at \(String(firstPrintableLine: publicURL))"
    }

    /// The same as ``description``.
    public var debugDescription: String { description }

    /// Nothing: what is inside may be secret.
    public var customMirror: Mirror { Mirror(self, children: []) }

    /// Everything before the query; what stands before an `@` could be a password.
    private var publicURL: Substring.UTF8View {
        let address = url.prefix { $0 != "?" && $0 != "#" }
        guard let at = address.lastIndex(of: "@") else { return address.utf8 }
        return address[address.index(after: at)...].utf8
    }
}

/// What proves to a collector who sends: the value of `Authorization` (RFC 9110 §11.6.2), which is never shown.
public struct Authorization: Sendable, Hashable {
    /// The value of the field.
    let fieldValue: String
    private let scheme: String

    /// A user and a password (RFC 7617), as UTF-8.
    ///
    /// - Parameters:
    ///   - user: Without a colon: what stands behind one would be taken for a part of the password.
    ///   - password: Any text.
    public static func basic(user: String, password: String) -> Authorization {
        Authorization(
            fieldValue: "Basic " + Base64.standard.encode(Array("\(user):\(password)".utf8)),
            scheme: "Basic")
    }

    /// A token (RFC 6750); white space around it, such as the end of the line of a file, is left out.
    public static func bearer(_ token: String) -> Authorization {
        let bytes = token.utf8.drop { $0 <= 0x20 }
        let end = bytes.lastIndex { $0 > 0x20 }.map { bytes.index(after: $0) } ?? bytes.startIndex
        return Authorization(
            fieldValue: "Bearer " + String(decoding: bytes[..<end], as: UTF8.self),
            scheme: "Bearer")
    }
}

extension Authorization: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The scheme alone.
    public var description: String { "\(scheme) …" }

    /// The scheme alone.
    public var debugDescription: String { description }

    /// Nothing: what is inside is secret.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
