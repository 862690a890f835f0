public import JaegerTracing
public import SpoorHTTP

/// What ``ClientTracing`` sends along and records; whatever is not set costs nothing.
///
/// Closures are called in the caller's task and must not wait.
@dynamicMemberLookup
public struct ClientTracingConfiguration: Sendable {
    /// What the spans record; its members are members of the configuration as well.
    public var span: HTTPSpanOptions<HTTPClientRequest, ClientExchange>
    /// Which requests take context and baggage along: not those to strangers, who have no use for them; all if nil.
    public var shouldPropagate: (@Sendable (HTTPClientRequest) -> Bool)?

    /// Makes a configuration; by default all requests take the context along, and spans have the tags of the tracer's
    /// conventions.
    public init(
        conventions: SemanticConventions? = nil,
        skips: (@Sendable (HTTPClientRequest) -> Bool)? = nil,
        shouldPropagate: (@Sendable (HTTPClientRequest) -> Bool)? = nil,
        spanName: (@Sendable (HTTPClientRequest) -> String?)? = nil,
        requestTags: (@Sendable (HTTPClientRequest) -> [SpanTag])? = nil,
        responseTags: (@Sendable (ClientExchange) -> [SpanTag])? = nil,
        capturedRequestHeaders: HeaderCapture = [],
        capturedResponseHeaders: HeaderCapture = [],
        recordsQuery: Bool = false,
        secretQueryKeys: Set<String> = SemanticConventions.secretQueryKeys,
        knownMethods: Set<String> = SemanticConventions.knownMethods,
        recordsBodySizes: Bool = false
    ) {
        span = HTTPSpanOptions(
            conventions: conventions, skips: skips, spanName: spanName,
            requestTags: requestTags, responseTags: responseTags,
            capturedRequestHeaders: capturedRequestHeaders,
            capturedResponseHeaders: capturedResponseHeaders, recordsQuery: recordsQuery,
            secretQueryKeys: secretQueryKeys, knownMethods: knownMethods,
            recordsBodySizes: recordsBodySizes)
        self.shouldPropagate = shouldPropagate
    }

    /// Reads and writes an option of ``span``: `configuration.recordsQuery`.
    public subscript<Value>(
        dynamicMember path: WritableKeyPath<
            HTTPSpanOptions<HTTPClientRequest, ClientExchange>, Value
        >
    ) -> Value {
        get { span[keyPath: path] }
        set { span[keyPath: path] = newValue }
    }
}
