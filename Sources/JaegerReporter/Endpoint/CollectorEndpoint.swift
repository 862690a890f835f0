public import SpoorHTTP
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
    /// It is asked before every attempt and has ``ReporterLimits/sendTimeout``. If it throws, or is late, the attempt counts
    /// as failed and is repeated like one that found no collector; of the error only the type is told. Requests that it
    /// makes should not be traced, for their spans would have to be sent as well.
    public typealias HeaderProvider = @Sendable () async throws -> Fields

    /// The whole URL, `http` or `https`; path and query are kept.
    public var url: String
    /// What the collector understands.
    public var format: WireFormat
    /// Who sends; nil for nobody in particular.
    public var authorization: Authorization?
    /// Header fields for every request; those that the format needs (`Content-Type`, `Content-Encoding`) are set over them.
    public var headers = Fields()
    /// Header fields that are asked for before every attempt.
    public var headerProvider: HeaderProvider?
    /// Whether bodies are compressed.
    public var compression = Compression.none
    /// Whom to trust for `https`, and who we are: the system's roots, and nobody, unless set.
    public var tls = TLSClientConfiguration()

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
    public static func jaeger(_ url: String = HTTPReporter.localEndpoint) -> Self {
        Self(url, format: .jaegerThrift)
    }

    /// A collector that takes OTLP over HTTP: one on this machine, at the usual port, unless told otherwise.
    public static func otlp(_ url: String = HTTPReporter.localOTLPEndpoint) -> Self {
        Self(url, format: .otlp)
    }
}

extension CollectorEndpoint: CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// Format and URL without its query.
    public var description: String { "\(format.rawValue) at \(OneLine.printable(publicURL))" }

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
