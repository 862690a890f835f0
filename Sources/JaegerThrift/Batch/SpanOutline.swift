package import JaegerTracing

/// A span that was read through: what it is found by, and where its other parts are.
package struct SpanOutline: Sendable {
    /// The struct on the wire.
    package let bytes: Range<Int>
    /// The trace that the span belongs to; may be zero.
    package let traceID: TraceID
    /// The identity of the span; may be zero.
    package let spanID: SpanID
    /// What the span did.
    package let operationName: String
    /// The text of the first tag `span.kind`; empty when there is none, or when it is no text.
    package let spanKind: String
    /// When the span began: nanoseconds since the Unix epoch.
    package let startNanosecondsSinceEpoch: UInt64

    let parentID: SpanID
    let flags: Int32
    let durationNanoseconds: UInt64
    /// By how much the duration on the wire is below zero, in nanoseconds; 0 for an honest one.
    let negativeDurationNanoseconds: UInt64
    /// Where the lists begin that the span has.
    let references: Int?
    let tags: Int?
    let logs: Int?
}
