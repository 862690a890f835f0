public import JaegerTracing
public import SpoorHTTP

/// What ``ServerTracing`` believes, records and answers; whatever is not set costs nothing.
///
/// Closures are called in the exchange's task and must not wait.
public struct ServerTracingConfiguration: Sendable {
    /// Under which names spans tell of HTTP; if nil, those of the tracer, or OpenTracing's if it is none of Jaeger's.
    public var conventions: SemanticConventions?

    // MARK: Whom to believe

    /// Whose trace is taken up, with its baggage; the requests of others begin new traces.
    ///
    /// Whoever is trusted decides by its flags what is sampled here.
    public var trustsContext: PeerTrust
    /// Whether the first span of such a new trace refers to the caller's span that was not taken up (a link; `FOLLOWS_FROM`).
    public var linksUntrustedContext: Bool
    /// Who may have a trace sampled by a debug id; from others it is left out, and the sampler decides.
    public var trustsDebugID: PeerTrust
    /// The proxies whose ``proxyFields`` tell who asked for what.
    ///
    /// The client is the last in the list that is no such proxy. It becomes `client.address`, or `http.client_ip` by
    /// OpenTracing's conventions; host and scheme become `server.address`, `server.port` and `url.scheme`.
    public var trustedProxies: [PeerNetwork]
    /// By which fields they tell it.
    public var proxyFields: ProxyFields

    // MARK: What has a span, and how it is called

    /// Which exchanges have no span, such as health checks.
    ///
    /// The trace that such a request brings along stays the current one, so that what its handler starts or sends out joins
    /// the caller's; without one, nothing is current, and what it starts is a trace of its own.
    public var skips: (@Sendable (Exchange) -> Bool)?
    /// Names the span in place of method and route; nil for those.
    ///
    /// Called when the route is known, before the handler, or without a route when all is over or ``responseField`` is set. Return few different names.
    public var spanName: (@Sendable (Exchange) -> String?)?

    // MARK: What is recorded

    /// Further tags at the begin, where the route is not known yet.
    public var requestTags: (@Sendable (Exchange) -> [SpanTag])?
    /// Further tags at the end, where all is known; they win.
    public var responseTags: (@Sendable (Exchange) -> [SpanTag])?
    /// Fields of the request that are noted.
    public var requestFields: FieldCapture
    /// Fields of the response that are noted: `Content-Type` and those that are set in the chain, not those of framing.
    public var responseFields: FieldCapture
    /// Whether the query is recorded, which may hold secrets.
    public var recordsQuery: Bool
    /// The keys of a query whose values are replaced by `REDACTED`; case matters.
    public var secretQueryKeys: Set<String>
    /// The methods that are told by name; any other is `HTTP` in names and `_OTHER` in tags.
    ///
    /// In place of the usual ones, not beside them, as OpenTelemetry's `OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS` is.
    public var knownMethods: Set<String>
    /// Whether the bytes of both bodies are recorded, as `http.request.body.size` (what was read) and
    /// `http.response.body.size`.
    public var recordsBodySizes: Bool
    /// Whether the phases of an exchange are logged, each with a reading of the clock: `http.request.head_received`,
    /// `http.request.body_read`, `http.response.first_byte` (handed to the server, which sends it with the first bytes of
    /// the body or a flush), `http.response.last_byte`.
    public var recordsPhases: Bool

    // MARK: What is answered

    /// The field by which the client learns the trace; none if nil.
    public var responseField: ResponseTraceField?

    /// Makes a configuration; the defaults believe everyone and record no more than the tags of the tracer's conventions.
    public init(
        conventions: SemanticConventions? = nil,
        trustsContext: PeerTrust = .everyone,
        linksUntrustedContext: Bool = false,
        trustsDebugID: PeerTrust = .everyone,
        trustedProxies: [PeerNetwork] = [],
        proxyFields: ProxyFields = .xForwardedFirst,
        skips: (@Sendable (Exchange) -> Bool)? = nil,
        spanName: (@Sendable (Exchange) -> String?)? = nil,
        requestTags: (@Sendable (Exchange) -> [SpanTag])? = nil,
        responseTags: (@Sendable (Exchange) -> [SpanTag])? = nil,
        requestFields: FieldCapture = [],
        responseFields: FieldCapture = [],
        recordsQuery: Bool = false,
        secretQueryKeys: Set<String> = SemanticConventions.secretQueryKeys,
        knownMethods: Set<String> = SemanticConventions.knownMethods,
        recordsBodySizes: Bool = false,
        recordsPhases: Bool = false,
        responseField: ResponseTraceField? = nil
    ) {
        self.conventions = conventions
        self.trustsContext = trustsContext
        self.linksUntrustedContext = linksUntrustedContext
        self.trustsDebugID = trustsDebugID
        self.trustedProxies = trustedProxies
        self.proxyFields = proxyFields
        self.skips = skips
        self.spanName = spanName
        self.requestTags = requestTags
        self.responseTags = responseTags
        self.requestFields = requestFields
        self.responseFields = responseFields
        self.recordsQuery = recordsQuery
        self.secretQueryKeys = secretQueryKeys
        self.knownMethods = knownMethods
        self.recordsBodySizes = recordsBodySizes
        self.recordsPhases = recordsPhases
        self.responseField = responseField
    }
}
