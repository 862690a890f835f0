import JaegerTracing

/// Who made the spans, within a process (`InstrumentationScope` of OTLP).
struct InstrumentationScope: Sendable {
    var name: String
    var version: String

    /// All spans of a tracer are made by this package.
    static let spoor = InstrumentationScope(name: "spoor", version: SpoorVersion.current)

    var otlpByteCount: Int {
        ProtobufSize.optional(string: name) + ProtobufSize.optional(string: version)
    }
}
