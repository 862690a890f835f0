public import JaegerTracing
public import SpoorHTTP

/// What ``ServerTracing`` believes, records and answers; whatever is not set costs nothing.
///
/// Closures are called in the exchange's task and must not wait.
@dynamicMemberLookup
public struct ServerTracingConfiguration: Sendable {
    /// What the spans record; its members are members of the configuration as well.
    public var span: HTTPSpanOptions<Exchange, Exchange>

    // MARK: Whom to believe

    /// Whose trace is taken up, with its baggage; the requests of others begin new traces.
    ///
    /// Whoever is trusted decides by its flags what is sampled here.
    public var contextTrust: PeerTrust
    /// Whether the first span of such a new trace refers to the caller's span that was not taken up (a link; `FOLLOWS_FROM`).
    public var linksUntrustedContext: Bool
    /// Who may have a trace sampled by a debug id; from others it is left out, and the sampler decides.
    public var debugIDTrust: PeerTrust
    /// The proxies whose ``proxyHeaders`` tell who asked for what.
    ///
    /// The client is the last in the list that is no such proxy. It becomes `client.address`, or `http.client_ip` by
    /// OpenTracing's conventions; host and scheme become `server.address`, `server.port` and `url.scheme`.
    public var trustedProxies: [PeerNetwork]
    /// By which fields they tell it.
    public var proxyHeaders: ProxyHeaders

    // MARK: What is recorded

    /// Whether the phases of an exchange are logged, each with a reading of the clock: `http.request.head_received`,
    /// `http.request.body_read`, `http.response.first_byte` (handed to the server, which sends it with the first bytes of
    /// the body or a flush), `http.response.last_byte`.
    public var recordsPhases: Bool

    // MARK: What is answered

    /// The field by which the client learns the trace; none if nil.
    public var traceResponseHeader: TraceResponseHeader?

    /// Makes a configuration; the defaults believe everyone and record no more than the tags of the tracer's conventions.
    public init(
        conventions: SemanticConventions? = nil,
        contextTrust: PeerTrust = .everyone,
        linksUntrustedContext: Bool = false,
        debugIDTrust: PeerTrust = .everyone,
        trustedProxies: [PeerNetwork] = [],
        proxyHeaders: ProxyHeaders = .xForwardedFirst,
        skips: (@Sendable (Exchange) -> Bool)? = nil,
        spanName: (@Sendable (Exchange) -> String?)? = nil,
        requestTags: (@Sendable (Exchange) -> [SpanTag])? = nil,
        responseTags: (@Sendable (Exchange) -> [SpanTag])? = nil,
        capturedRequestHeaders: HeaderCapture = [],
        capturedResponseHeaders: HeaderCapture = [],
        recordsQuery: Bool = false,
        secretQueryKeys: Set<String> = SemanticConventions.secretQueryKeys,
        knownMethods: Set<String> = SemanticConventions.knownMethods,
        recordsBodySizes: Bool = false,
        recordsPhases: Bool = false,
        traceResponseHeader: TraceResponseHeader? = nil
    ) {
        span = HTTPSpanOptions(
            conventions: conventions, skips: skips, spanName: spanName,
            requestTags: requestTags, responseTags: responseTags,
            capturedRequestHeaders: capturedRequestHeaders,
            capturedResponseHeaders: capturedResponseHeaders, recordsQuery: recordsQuery,
            secretQueryKeys: secretQueryKeys, knownMethods: knownMethods,
            recordsBodySizes: recordsBodySizes)
        self.contextTrust = contextTrust
        self.linksUntrustedContext = linksUntrustedContext
        self.debugIDTrust = debugIDTrust
        self.trustedProxies = trustedProxies
        self.proxyHeaders = proxyHeaders
        self.recordsPhases = recordsPhases
        self.traceResponseHeader = traceResponseHeader
    }

    /// Reads and writes an option of ``span``: `configuration.recordsQuery`.
    public subscript<Value>(
        dynamicMember path: WritableKeyPath<HTTPSpanOptions<Exchange, Exchange>, Value>
    ) -> Value {
        get { span[keyPath: path] }
        set { span[keyPath: path] = newValue }
    }
}
