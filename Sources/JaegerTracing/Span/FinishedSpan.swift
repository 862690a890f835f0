/// A span after its end: immutable, ready to be reported.
public struct FinishedSpan: Sendable {
    /// The service that created the span.
    public var process: TracedProcess
    /// The trace that the span belongs to.
    public var traceID: TraceID
    /// The id of the span.
    public var spanID: SpanID
    /// The id of the parent; nil for a root span.
    public var parentID: SpanID?
    /// Whether the parent is a span of another process (`flags` of an OTLP span).
    public var isParentRemote: Bool
    /// The flags that were propagated with the trace.
    public var flags: TraceFlags
    /// Whether the trace id is known to be random (W3C's flag `02`); only OTLP sends it to backends.
    public var hasRandomTraceID: Bool
    /// The operation, a name of low cardinality.
    public var operationName: String
    /// The causal relations in addition to ``parentID``.
    public var references: [SpanReference]
    /// The start of the span by the wall clock, in nanoseconds since the Unix epoch.
    public var startNanosecondsSinceEpoch: UInt64
    /// The duration of the span by the monotonic clock, in nanoseconds.
    public var durationNanoseconds: UInt64
    /// The tags of the span.
    public var tags: [SpanTag]
    /// The logs of the span.
    public var logs: [SpanLog]

    /// Creates a finished span from its parts.
    public init(
        process: TracedProcess,
        traceID: TraceID,
        spanID: SpanID,
        parentID: SpanID? = nil,
        isParentRemote: Bool = false,
        flags: TraceFlags = .sampled,
        hasRandomTraceID: Bool = false,
        operationName: String,
        references: [SpanReference] = [],
        startNanosecondsSinceEpoch: UInt64,
        durationNanoseconds: UInt64,
        tags: [SpanTag] = [],
        logs: [SpanLog] = []
    ) {
        self.process = process
        self.traceID = traceID
        self.spanID = spanID
        self.parentID = parentID
        self.isParentRemote = isParentRemote
        self.flags = flags
        self.hasRandomTraceID = hasRandomTraceID
        self.operationName = operationName
        self.references = references
        self.startNanosecondsSinceEpoch = startNanosecondsSinceEpoch
        self.durationNanoseconds = durationNanoseconds
        self.tags = tags
        self.logs = logs
    }
}

/// An event at an instant within a span (`Log` of jaeger.thrift).
public struct SpanLog: Hashable, Sendable {
    /// The time of the event, in nanoseconds since the Unix epoch.
    public var nanosecondsSinceEpoch: UInt64
    /// The fields that describe the event; by convention one is named `event`.
    public var fields: [SpanTag]

    /// Creates a log.
    public init(nanosecondsSinceEpoch: UInt64, fields: [SpanTag]) {
        self.nanosecondsSinceEpoch = nanosecondsSinceEpoch
        self.fields = fields
    }
}

/// The service that created a span (`Process` of jaeger.thrift); one per tracer, shared by its spans.
///
/// It is a class, so that a reporter can group spans by identity and a span holds only one reference.
public final class TracedProcess: Sendable {
    /// The service name under which traces are found.
    public let serviceName: String
    /// The tags of the process: `hostname`, `ip`, `jaeger.version` and custom tags.
    public let tags: [SpanTag]

    /// Creates a process description.
    public init(serviceName: String, tags: [SpanTag] = []) {
        self.serviceName = serviceName
        self.tags = tags
    }
}
