/// A span after its end: immutable, ready to be reported.
public struct FinishedSpan: Sendable {
    /// The service that made the span.
    public var process: TracedProcess
    /// The trace that the span belongs to.
    public var traceID: TraceID
    /// The identity of the span.
    public var spanID: SpanID
    /// The parent's identity; nil for a root.
    public var parentID: SpanID?
    /// Whether the parent is a span of another process (`flags` of a span of OTLP).
    public var isParentRemote: Bool
    /// The flags that travelled with the trace.
    public var flags: TraceFlags
    /// Whether the trace id is known to be random (W3C's flag `02`); it reaches backends by OTLP alone.
    public var hasRandomTraceID: Bool
    /// What the span did, of low cardinality.
    public var operationName: String
    /// Causal relations beside ``parentID``.
    public var references: [SpanReference]
    /// When the span began, by the wall clock: nanoseconds since the Unix epoch.
    public var startNanosecondsSinceEpoch: UInt64
    /// How long the span lasted, by the monotonic clock, in nanoseconds.
    public var durationNanoseconds: UInt64
    /// What is known of the span.
    public var tags: [SpanTag]
    /// What happened within the span.
    public var logs: [SpanLog]

    /// Makes a finished span of its parts.
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

/// Something that happened at an instant within a span (`Log` of jaeger.thrift).
public struct SpanLog: Hashable, Sendable {
    /// When it happened: nanoseconds since the Unix epoch.
    public var nanosecondsSinceEpoch: UInt64
    /// What happened; by convention one field is named `event`.
    public var fields: [SpanTag]

    /// Makes a log.
    public init(nanosecondsSinceEpoch: UInt64, fields: [SpanTag]) {
        self.nanosecondsSinceEpoch = nanosecondsSinceEpoch
        self.fields = fields
    }
}

/// The service that made a span (`Process` of jaeger.thrift); one per tracer, shared by its spans.
///
/// A class, so that a reporter groups spans by identity and a span carries one pointer.
public final class TracedProcess: Sendable {
    /// The name under which the service's traces are found.
    public let serviceName: String
    /// Facts about the process: `hostname`, `ip`, `jaeger.version`, the user's own.
    public let tags: [SpanTag]

    /// Makes a process description.
    public init(serviceName: String, tags: [SpanTag] = []) {
        self.serviceName = serviceName
        self.tags = tags
    }
}
