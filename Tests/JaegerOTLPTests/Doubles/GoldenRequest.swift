import FoundationEssentials
import JaegerTracing

@testable import JaegerOTLP

/// Bodies whose bytes an independent protobuf library created, with the spans that they represent.
enum GoldenRequest {
    /// One minimal span, without scope and flags.
    static let minimalHex = """
        0a510a170a150a0c736572766963652e6e616d6512050a03737663123612340a100000000000000000000000000000\
        0001120800000000000000022a026f703002390100000000000000410200000000000000
        """

    /// A span with every field.
    static let fullHex = """
        0a88020a170a150a0c736572766963652e6e616d6512050a0373766312ec010a080a036c696212013112df010a10\
        0102030405060708090a0b0c0d0e0f10120811121314151617181a03613d62220821222324252627282a06474554\
        202f7830023900002a36fe9c97174160e34036fe9c97174a090a017312040a02c3a94a070a0162120210014a100a\
        016c120b18feffffffffffffffff014a0e0a0164120921000000000000f83f4a090a017912043a0200ff4a100a01\
        61120b2a090a030a01700a02180150015a1609e8032a36fe9c97171201651a080a016b12030a01766a1c0a101011\
        12131415161718191a1b1c1d1e1f120801020304050607087a0512016d1802850101030000
        """

    /// Three spans rejected, “x”.
    static let responseHex = "0a050803120178"

    static let start: UInt64 = 1_700_000_000_000_000_000
    static let process = TracedProcess(serviceName: "svc")

    static let minimalSpan = FinishedSpan(
        process: process, traceID: TraceID(low: 1), spanID: SpanID(2), flags: [],
        operationName: "op", startNanosecondsSinceEpoch: 1, durationNanoseconds: 1,
        tags: [SpanTag("span.kind", "server")])

    static let fullSpan = FinishedSpan(
        process: process,
        traceID: TraceID(high: 0x0102_0304_0506_0708, low: 0x090a_0b0c_0d0e_0f10),
        spanID: SpanID(0x1112_1314_1516_1718),
        parentID: SpanID(0x2122_2324_2526_2728), isParentRemote: true,
        operationName: "GET /x",
        references: [
            SpanReference(
                .followsFrom,
                traceID: TraceID(high: 0x1011_1213_1415_1617, low: 0x1819_1a1b_1c1d_1e1f),
                spanID: SpanID(0x0102_0304_0506_0708))
        ],
        startNanosecondsSinceEpoch: start, durationNanoseconds: 1_500_000,
        tags: [
            SpanTag("s", "é"), SpanTag("b", true), SpanTag("l", -2), SpanTag("d", 1.5),
            SpanTag("y", .binary([0x00, 0xff])), SpanTag("a", .array(["p", 1])),
            SpanTag("span.kind", "server"), SpanTag("error", true),
            SpanTag("otel.status_code", "ERROR"),
            SpanTag("otel.status_description", "m"), SpanTag("w3c.tracestate", "a=b"),
            SpanTag("otel.dropped_attributes_count", 1),
        ],
        logs: [
            SpanLog(
                nanosecondsSinceEpoch: start + 1000,
                fields: [SpanTag("event", "e"), SpanTag("k", "v")])
        ])

    static func minimal() -> [UInt8] {
        OTLPEncoder.encode([minimalSpan], of: process, scope: nil, includesRemoteness: false)
    }

    static func full() -> [UInt8] {
        OTLPEncoder.encode(
            [fullSpan], of: process, scope: InstrumentationScope(name: "lib", version: "1"),
            includesRemoteness: true)
    }

    /// Returns what OpenTelemetry's Python exporter sent.
    static func foreignBody() throws -> [UInt8] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Golden")
        return [UInt8](try Data(contentsOf: folder.appending(path: "otlp-proto-1.body")))
    }
}
