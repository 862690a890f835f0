public import JaegerTracing

/// What spans of HTTP record, on the server's side and on the client's; an option that is not set costs nothing.
///
/// Closures are called in the task of the exchange and must not wait.
public struct HTTPSpanOptions<Request, Exchange>: Sendable {
    /// The names of a span's attributes; if nil, those of the tracer, or OpenTracing's if it is none of Jaeger's.
    public var conventions: SemanticConventions?
    /// Which requests have no span, such as health checks.
    ///
    /// The context that is current stays so: on a server that of the caller, which what the handler starts or sends joins; a
    /// client sends it.
    public var skips: (@Sendable (Request) -> Bool)?
    /// Names the span in place of the method, with the route on a server; nil for those.
    ///
    /// Return few different names. A server calls it when the route is known, before the handler, or without a route at the
    /// end of the exchange, or before if ``ServerTracingConfiguration/traceResponseHeader`` is set.
    public var spanName: (@Sendable (Request) -> String?)?
    /// Further tags at the start; on a server the route is not known yet.
    public var requestTags: (@Sendable (Request) -> [SpanTag])?
    /// Further tags at the end; they replace others of the same key.
    public var responseTags: (@Sendable (Exchange) -> [SpanTag])?
    /// The fields of the request that are recorded, on a client without those of the trace itself.
    public var capturedRequestHeaders: HeaderCapture
    /// The fields of the response that are recorded, on a server `Content-Type` and those that are set in the chain, not those of
    /// framing.
    public var capturedResponseHeaders: HeaderCapture
    /// Whether the query is recorded, which may hold secrets.
    public var recordsQuery: Bool
    /// The keys of a query whose values are replaced by `REDACTED`; case matters.
    public var secretQueryKeys: Set<String>
    /// The methods that are recorded by name; any other is `HTTP` in names and `_OTHER` in tags.
    ///
    /// They replace the usual ones, as OpenTelemetry's `OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS` does.
    public var knownMethods: Set<String>
    /// Whether the sizes of both bodies are recorded in bytes, as `http.request.body.size` (on a server what was read, on a
    /// client unless it is written in pieces) and `http.response.body.size`.
    public var recordsBodySizes: Bool

    /// Makes options; by default spans have the tags of the tracer's conventions alone.
    public init(
        conventions: SemanticConventions? = nil,
        skips: (@Sendable (Request) -> Bool)? = nil,
        spanName: (@Sendable (Request) -> String?)? = nil,
        requestTags: (@Sendable (Request) -> [SpanTag])? = nil,
        responseTags: (@Sendable (Exchange) -> [SpanTag])? = nil,
        capturedRequestHeaders: HeaderCapture = [],
        capturedResponseHeaders: HeaderCapture = [],
        recordsQuery: Bool = false,
        secretQueryKeys: Set<String> = SemanticConventions.secretQueryKeys,
        knownMethods: Set<String> = SemanticConventions.knownMethods,
        recordsBodySizes: Bool = false
    ) {
        self.conventions = conventions
        self.skips = skips
        self.spanName = spanName
        self.requestTags = requestTags
        self.responseTags = responseTags
        self.capturedRequestHeaders = capturedRequestHeaders
        self.capturedResponseHeaders = capturedResponseHeaders
        self.recordsQuery = recordsQuery
        self.secretQueryKeys = secretQueryKeys
        self.knownMethods = knownMethods
        self.recordsBodySizes = recordsBodySizes
    }
}

/// What the conventions list of HTTP, and what follows from them.
extension SemanticConventions {
    /// The methods that OpenTelemetry's conventions list; any other is `_OTHER`, for peers can make up as many as they like.
    public static let knownMethods: Set<String> = [
        "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "QUERY",
    ]

    /// The keys of queries whose values sign the request, as OpenTelemetry's conventions list them.
    public static let secretQueryKeys: Set<String> = [
        "X-Amz-Signature", "X-Amz-Credential", "X-Amz-Security-Token", "AWSAccessKeyId",
        "Signature", "sig", "X-Goog-Signature",
    ]

    /// Whether tags of OpenTracing are written.
    var areOpenTracing: Bool { self != .stable }
    /// Whether attributes of OpenTelemetry are written.
    var areStable: Bool { self != .openTracing }
}
