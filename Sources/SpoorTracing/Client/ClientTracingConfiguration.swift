public import JaegerTracing
public import SpoorHTTP

/// The configuration of ``ClientTracing``: what is propagated and recorded; options that are not set cost nothing.
///
/// Closures are called in the caller's task and must not block.
@dynamicMemberLookup
public struct ClientTracingConfiguration: Sendable {
    /// The options of the spans; its members are also members of the configuration.
    public var span: HTTPSpanOptions<HTTPClientRequest, ClientExchange>
    /// Returns whether context and baggage are propagated with a request, for example not to third parties, which
    /// cannot use them; nil propagates with all requests.
    public var shouldPropagate: (@Sendable (HTTPClientRequest) -> Bool)?

    /// Creates a configuration; by default the context is propagated with all requests, and spans have the tags of the
    /// tracer's conventions.
    public init(
        conventions: SemanticConventions? = nil,
        shouldTrace: (@Sendable (HTTPClientRequest) -> Bool)? = nil,
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
            conventions: conventions, shouldTrace: shouldTrace, spanName: spanName,
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
