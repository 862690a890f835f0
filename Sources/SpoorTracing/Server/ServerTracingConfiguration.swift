public import JaegerTracing
public import SpoorHTTP

/// The configuration of ``ServerTracing``: what is trusted, recorded and sent in responses; options that are not set
/// cost nothing.
///
/// Closures are called in the exchange's task and must not block.
@dynamicMemberLookup
public struct ServerTracingConfiguration: Sendable {
    /// The options of the spans; its members are also members of the configuration.
    public var span: HTTPSpanOptions<Exchange, Exchange>

    // MARK: Trust

    /// The peers whose trace context and baggage are accepted; requests of other peers start new traces.
    ///
    /// The flags of a trusted peer determine what is sampled here.
    public var contextTrust: PeerTrust
    /// Whether the first span of such a new trace has a link (`FOLLOWS_FROM`) to the rejected span of the caller.
    public var linksUntrustedContext: Bool
    /// The peers that may force sampling by a debug id; from other peers it is ignored, and the sampler decides.
    public var debugIDTrust: PeerTrust
    /// The proxies whose ``proxyHeaders`` are trusted.
    ///
    /// The client is the last element of the list that is not such a proxy. It is recorded as `client.address`, or
    /// `http.client_ip` by OpenTracing's conventions; host and scheme are recorded as `server.address`, `server.port`
    /// and `url.scheme`.
    public var trustedProxies: [PeerNetwork]
    /// The headers of trusted proxies that are read.
    public var proxyHeaders: ProxyHeaders

    // MARK: Recording

    /// Whether the phases of an exchange are logged, each with a reading of the clock: `http.request.head_received`,
    /// `http.request.body_read`, `http.response.first_byte` (passed to the server, which sends it with the first bytes
    /// of the body or a flush), `http.response.last_byte`.
    public var recordsPhases: Bool

    // MARK: Responses

    /// The response header that reports the trace to the client; nil sends none.
    public var traceResponseHeader: TraceResponseHeader?

    /// Creates a configuration; by default all peers are trusted and only the tags of the tracer's conventions are
    /// recorded.
    public init(
        conventions: SemanticConventions? = nil,
        contextTrust: PeerTrust = .all,
        linksUntrustedContext: Bool = false,
        debugIDTrust: PeerTrust = .all,
        trustedProxies: [PeerNetwork] = [],
        proxyHeaders: ProxyHeaders = .xForwardedFirst,
        shouldTrace: (@Sendable (Exchange) -> Bool)? = nil,
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
            conventions: conventions, shouldTrace: shouldTrace, spanName: spanName,
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
