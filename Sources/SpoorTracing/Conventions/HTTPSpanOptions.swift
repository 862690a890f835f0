public import JaegerTracing

/// The options of HTTP spans, shared by server and client; options that are not set cost nothing.
///
/// Closures are called in the task of the exchange and must not block.
public struct HTTPSpanOptions<Request, Exchange>: Sendable {
    /// The names of the span tags; if nil, the tracer's conventions, or OpenTracing's if it is not a Jaeger tracer.
    public var conventions: SemanticConventions?
    /// Returns whether a request has a span; nil if each request has one.
    ///
    /// Exclude health checks, for example.
    ///
    /// For a request without a span the current context does not change: on a server it is that of the caller, so spans that the
    /// handler starts belong to the trace of the caller; a client propagates it.
    public var shouldTrace: (@Sendable (Request) -> Bool)?
    /// Returns the name of the span, or nil for the default: the method, on a server followed by the route.
    ///
    /// Return a small number of different names. A server calls it when the route is known, before the handler, or
    /// without a route at the end of the exchange, or earlier if ``ServerTracingConfiguration/traceResponseHeader`` is
    /// set.
    public var spanName: (@Sendable (Request) -> String?)?
    /// Returns additional tags at the start; on a server the route is not known yet.
    public var requestTags: (@Sendable (Request) -> [SpanTag])?
    /// Returns additional tags at the end; they replace tags with the same key.
    public var responseTags: (@Sendable (Exchange) -> [SpanTag])?
    /// The request headers that are recorded; on a client without those that propagate the trace.
    public var capturedRequestHeaders: HeaderCapture
    /// The response headers that are recorded; on a server `Content-Type` and those that are set in the chain, not
    /// those of the framing.
    public var capturedResponseHeaders: HeaderCapture
    /// Whether the query is recorded; it may contain secrets.
    public var recordsQuery: Bool
    /// The keys of query items whose values are replaced by `REDACTED`; case-sensitive.
    public var secretQueryKeys: Set<String>
    /// The methods that are recorded by name; any other is `HTTP` in span names and `_OTHER` in tags.
    ///
    /// They replace the default set, as OpenTelemetry's `OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS` does.
    public var knownMethods: Set<String>
    /// Whether the sizes of both bodies are recorded in bytes, as `http.request.body.size` (on a server the bytes read,
    /// on a client unless the body is streamed) and `http.response.body.size`.
    public var recordsBodySizes: Bool

    /// Creates options; by default spans have only the tags of the tracer's conventions.
    public init(
        conventions: SemanticConventions? = nil,
        shouldTrace: (@Sendable (Request) -> Bool)? = nil,
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
        self.shouldTrace = shouldTrace
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

/// The sets that the conventions define for HTTP, and derived properties.
extension SemanticConventions {
    /// The methods that OpenTelemetry's conventions list; any other is `_OTHER`, because peers can invent any number of
    /// them.
    public static let knownMethods: Set<String> = [
        "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "QUERY",
    ]

    /// The keys of query items whose values sign the request, as OpenTelemetry's conventions list them.
    public static let secretQueryKeys: Set<String> = [
        "X-Amz-Signature", "X-Amz-Credential", "X-Amz-Security-Token", "AWSAccessKeyId",
        "Signature", "sig", "X-Goog-Signature",
    ]

    /// Whether the tags of OpenTracing are recorded.
    var includesOpenTracing: Bool { self != .stable }
    /// Whether the attributes of OpenTelemetry are recorded.
    var includesStable: Bool { self != .openTracing }
}
