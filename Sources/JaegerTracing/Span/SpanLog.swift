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
