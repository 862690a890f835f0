public import JaegerTracing
public import SpoorHTTP

/// What ``ClientTracing`` sends along and records; whatever is not set costs nothing.
///
/// Closures are called in the caller's task and must not wait.
public struct ClientTracingConfiguration: Sendable {
    /// Under which names spans tell of HTTP; if nil, those of the tracer, or OpenTracing's if it is none of Jaeger's.
    public var conventions: SemanticConventions?
    /// Which requests have no span; the context of the caller is sent along all the same.
    public var skips: (@Sendable (ClientRequest) -> Bool)?
    /// Which requests take context and baggage along: not those to strangers, who have no use for them; all if nil.
    public var sendsContext: (@Sendable (ClientRequest) -> Bool)?
    /// Names the span in place of the method; nil for that.
    ///
    /// Return few different names, such as method and template.
    public var spanName: (@Sendable (ClientRequest) -> String?)?
    /// Further tags at the begin.
    public var requestTags: (@Sendable (ClientRequest) -> [SpanTag])?
    /// Further tags at the end; they win.
    public var responseTags: (@Sendable (ClientExchange) -> [SpanTag])?
    /// Fields of the request that are noted, without those of the trace itself.
    public var requestFields: FieldCapture
    /// Fields of the answer that are noted.
    public var responseFields: FieldCapture
    /// Whether the query is recorded, which may hold secrets.
    public var recordsQuery: Bool
    /// The keys of a query whose values are replaced by `REDACTED`; case matters.
    public var secretQueryKeys: Set<String>
    /// The methods that are told by name; any other is `HTTP` in names and `_OTHER` in tags.
    public var knownMethods: Set<String>
    /// Whether the bytes of both bodies are recorded, as `http.request.body.size` (unless it is written piece by piece)
    /// and `http.response.body.size`.
    public var recordsBodySizes: Bool

    /// Makes a configuration; by default all requests take the context along, and spans have the tags of the tracer's
    /// conventions.
    public init(
        conventions: SemanticConventions? = nil,
        skips: (@Sendable (ClientRequest) -> Bool)? = nil,
        sendsContext: (@Sendable (ClientRequest) -> Bool)? = nil,
        spanName: (@Sendable (ClientRequest) -> String?)? = nil,
        requestTags: (@Sendable (ClientRequest) -> [SpanTag])? = nil,
        responseTags: (@Sendable (ClientExchange) -> [SpanTag])? = nil,
        requestFields: FieldCapture = [],
        responseFields: FieldCapture = [],
        recordsQuery: Bool = false,
        secretQueryKeys: Set<String> = SemanticConventions.secretQueryKeys,
        knownMethods: Set<String> = SemanticConventions.knownMethods,
        recordsBodySizes: Bool = false
    ) {
        self.conventions = conventions
        self.skips = skips
        self.sendsContext = sendsContext
        self.spanName = spanName
        self.requestTags = requestTags
        self.responseTags = responseTags
        self.requestFields = requestFields
        self.responseFields = responseFields
        self.recordsQuery = recordsQuery
        self.secretQueryKeys = secretQueryKeys
        self.knownMethods = knownMethods
        self.recordsBodySizes = recordsBodySizes
    }
}
