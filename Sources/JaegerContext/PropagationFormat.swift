/// One of the ways in which contexts travel between services.
public struct PropagationFormat: Sendable {
    /// Indirect, so that a format is one reference, however many names it has.
    indirect enum Kind: Sendable {
        case jaeger(field: String)
        case traceContext(parent: String, state: String)
        case baggage(field: String)
        case b3(B3Names, isSingle: Bool)
        case custom(any ContextFormat)

        /// Whether both are read in the same way, so that only the first of them is.
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

    /// Jaeger's own: `uber-trace-id`, and the baggage in fields of its own (`uberctx-*`).
    public static let jaeger = jaeger(field: "uber-trace-id")

    /// Jaeger's own, with another name for the field of the trace.
    public static func jaeger(field: String) -> PropagationFormat {
        PropagationFormat(kind: .jaeger(field: field.lowercased()))
    }

    /// W3C Trace Context, level 2: `traceparent` and `tracestate`.
    public static let traceContext = traceContext(
        parentHeader: "traceparent", stateHeader: "tracestate")

    /// W3C Trace Context with other names.
    public static func traceContext(parentHeader: String, stateHeader: String) -> PropagationFormat
    {
        PropagationFormat(
            kind: .traceContext(parent: parentHeader.lowercased(), state: stateHeader.lowercased()))
    }

    /// W3C Baggage: all pairs in the field `baggage`; pairs that are not changed are sent as they came.
    public static let baggage = baggage(field: "baggage")

    /// W3C Baggage with another name.
    public static func baggage(field: String) -> PropagationFormat {
        PropagationFormat(kind: .baggage(field: field.lowercased()))
    }

    /// B3 of Zipkin, written as one field `b3`; the form in several fields is read, too.
    public static let b3 = b3(field: "b3", prefix: "x-b3-")

    /// B3 written as one field, with other names.
    public static func b3(field: String, prefix: String) -> PropagationFormat {
        PropagationFormat(kind: .b3(B3Names(field: field, prefix: prefix), isSingle: true))
    }

    /// B3 of Zipkin, written as several fields (`x-b3-traceid`, …); the form in one is read, too,
    /// and wins if it is well-formed.
    public static let b3Multi = b3Multi(field: "b3", prefix: "x-b3-")

    /// B3 written as several fields, with other names.
    public static func b3Multi(field: String, prefix: String) -> PropagationFormat {
        PropagationFormat(kind: .b3(B3Names(field: field, prefix: prefix), isSingle: false))
    }

    /// A format of your own.
    public static func custom(_ format: any ContextFormat) -> PropagationFormat {
        PropagationFormat(kind: .custom(format))
    }
}

extension PropagationFormat {
    /// Calls the body with each field that the format writes for a context.
    func forEachField(
        of context: SpanContext, _ body: (_ name: String, _ value: String) -> Void
    ) {
        switch kind {
        case .jaeger(let field): JaegerFormat.write(context, field: field, body)
        case .traceContext(let parent, let state):
            TraceContextFormat.write(context, parent: parent, state: state, body)
        case .baggage(let field): BaggageFormat.write(context, field: field, body)
        case .b3(let names, let isSingle):
            B3Format.write(context, names, isSingle: isSingle, body)
        case .custom(let format): format.inject(context, setField: body)
        }
    }
}

/// A way in which contexts travel that Spoor does not bring along: yours.
///
/// It is asked as one of the formats of a ``Propagation``, in its place in the list. It must not
/// wait, and what it is given comes from the network: of any length that a message may have.
public protocol ContextFormat: Sendable {
    /// The names of the fields that it reads, in lower case.
    ///
    /// One that ends in `*` stands for all names that begin so; through an `Extractor`, which
    /// cannot list names, such fields stay unseen.
    var fieldNames: [String] { get }

    /// Reads the fields of a message that have its names, in their order; never called with none.
    func extract(from fields: [ReceivedHeader]) -> ExtractionResult

    /// Writes a context, which need not have a valid trace, by setting fields.
    ///
    /// Names are tokens in lower case, values visible characters of ASCII.
    func inject(_ context: SpanContext, setField: (_ name: String, _ value: String) -> Void)
}

/// A field as it came.
public struct ReceivedHeader: Hashable, Sendable {
    /// The name, in lower case.
    public let name: String
    /// The value without blanks around it; bytes that are no UTF-8 are replaced.
    public let value: String

    /// Makes a field.
    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

/// What a ``ContextFormat`` made of the fields of a message.
public enum ExtractionResult: Hashable, Sendable {
    /// There is nothing of the kind: the next format is used.
    case absent
    /// There is something that cannot be read: it is counted, and the next format is used.
    case malformed
    /// What came: a trace, a decision on sampling without one, or baggage alone.
    case context(SpanContext)
}
