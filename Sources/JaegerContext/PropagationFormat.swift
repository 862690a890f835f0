/// A format in which contexts are propagated between services.
public struct PropagationFormat: Sendable {
    /// Indirect, so that a format is one reference, regardless of the number of its names.
    indirect enum Kind: Sendable {
        case jaeger(header: String)
        case traceContext(parent: String, state: String)
        case baggage(header: String)
        case b3(B3Names, isSingle: Bool)
        case custom(any ContextFormat)

        /// Returns whether both are read in the same way, so that only the first of them is used.
        func readsSame(as other: Kind) -> Bool {
            switch (self, other) {
            case (.jaeger, .jaeger), (.traceContext, .traceContext), (.baggage, .baggage),
                (.b3, .b3):
                true
            default: false
            }
        }
    }

    let kind: Kind

    /// Jaeger's format: `uber-trace-id`, with baggage in separate headers (`uberctx-*`).
    public static let jaeger = jaeger(header: "uber-trace-id")

    /// Returns Jaeger's format with another name for the header of the trace.
    public static func jaeger(header: String) -> PropagationFormat {
        PropagationFormat(kind: .jaeger(header: header.lowercased()))
    }

    /// W3C Trace Context, level 2: `traceparent` and `tracestate`.
    public static let traceContext = traceContext(
        parentHeader: "traceparent", stateHeader: "tracestate")

    /// Returns W3C Trace Context with other header names.
    public static func traceContext(parentHeader: String, stateHeader: String) -> PropagationFormat
    {
        PropagationFormat(
            kind: .traceContext(parent: parentHeader.lowercased(), state: stateHeader.lowercased()))
    }

    /// W3C Baggage: all pairs in the header `baggage`; pairs that are not changed are sent as they were received.
    public static let baggage = baggage(header: "baggage")

    /// Returns W3C Baggage with another header name.
    public static func baggage(header: String) -> PropagationFormat {
        PropagationFormat(kind: .baggage(header: header.lowercased()))
    }

    /// Zipkin's B3, written as the single header `b3`; multiple headers are read, too.
    public static let b3 = b3(header: "b3", prefix: "x-b3-")

    /// Returns B3 written as a single header, with other names.
    public static func b3(header: String, prefix: String) -> PropagationFormat {
        PropagationFormat(kind: .b3(B3Names(header: header, prefix: prefix), isSingle: true))
    }

    /// Zipkin's B3, written as multiple headers (`x-b3-traceid`, …); the single header is read, too, and wins if it is
    /// well-formed.
    public static let b3Multi = b3Multi(header: "b3", prefix: "x-b3-")

    /// Returns B3 written as multiple headers, with other names.
    public static func b3Multi(header: String, prefix: String) -> PropagationFormat {
        PropagationFormat(kind: .b3(B3Names(header: header, prefix: prefix), isSingle: false))
    }

    /// Returns a custom format.
    public static func custom(_ format: any ContextFormat) -> PropagationFormat {
        PropagationFormat(kind: .custom(format))
    }
}

extension PropagationFormat {
    /// Calls the body with each header that the format writes for a context.
    func forEachHeader(
        of context: SpanContext, _ body: (_ name: String, _ value: String) -> Void
    ) {
        switch kind {
        case .jaeger(let header): JaegerFormat.write(context, header: header, body)
        case .traceContext(let parent, let state):
            TraceContextFormat.write(context, parent: parent, state: state, body)
        case .baggage(let header): BaggageFormat.write(context, header: header, body)
        case .b3(let names, let isSingle):
            B3Format.write(context, names, isSingle: isSingle, body)
        case .custom(let format): format.inject(context, setHeader: body)
        }
    }
}

/// A custom format in which contexts are propagated.
///
/// It is used like the other formats of a ``Propagation``, in the order of the list. It must not block, and its input
/// comes from the network: values of any length that a message may have.
public protocol ContextFormat: Sendable {
    /// The names of the headers that the format reads, in lower case.
    ///
    /// A name that ends in `*` matches all names with that prefix; such headers cannot be found through an `Extractor`,
    /// which cannot list names.
    var headerNames: [String] { get }

    /// Reads the headers of a message that match ``headerNames``, in their order; not called if there are none.
    func extract(from headers: [ReceivedHeader]) -> ExtractionResult

    /// Injects a context, which need not have a valid trace, by setting headers.
    ///
    /// Names must be tokens in lower case, values visible ASCII characters.
    func inject(_ context: SpanContext, setHeader: (_ name: String, _ value: String) -> Void)
}

/// A header as received.
public struct ReceivedHeader: Hashable, Sendable {
    /// The name, in lower case.
    public let name: String
    /// The value without blanks around it; bytes that are not valid UTF-8 are replaced.
    public let value: String

    /// Creates a header.
    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

/// The result of reading the headers of a message with a ``ContextFormat``.
public enum ExtractionResult: Hashable, Sendable {
    /// There is no header with a context: the next format is used.
    case absent
    /// The context cannot be parsed: it is counted, and the next format is used.
    case malformed
    /// The context: a trace, a sampling decision without a trace, or only baggage.
    case context(SpanContext)
}
