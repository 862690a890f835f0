import JaegerTracing
import JaegerThrift

/// Bodies whose bytes two independent Thrift libraries agree on, with the records that they represent.
enum GoldenVector {
    /// A process without tags, no spans.
    static let emptyHex = "0c00010b000100000003737663000f00020c0000000000"

    /// One span without tags, references and logs: their fields are absent.
    static let minimalHex = """
        0c00010b000100000003737663000f00020c000000010a000100000000000000010a00020000000000000000\
        0a000300000000000000020a000400000000000000000b0005000000026f70080007000000010a0008000\
        60a24181e40000a000900000000000005dc0000
        """

    /// Every field of the IDL but sequence number and stats.
    static let fullHex = """
        0c00010b0001000000037376630f00020c000000010b000100000008686f73746e616d6508000200000000\
        0b0003000000016800000f00020c000000010a0001ffffffffffffffff0a000280000000000000000a0003\
        01020304050607080a000411121314151617180b000500000006474554202f780f00060c00000001080001\
        000000000a0002ffffffffffffffff0a000380000000000000000a00041112131415161718000800070000\
        00030a000800060a24181e40000a000900000000000005dc0f000a0c000000050b00010000000173080002\
        000000000b000300000002c3a9000b00010000000164080002000000010400043ff8000000000000000b00\
        0100000001620800020000000202000501000b0001000000016c080002000000030a0006ffffffffffffff\
        fe000b00010000000178080002000000040b00070000000200ff000f000b0c000000010a000100060a2418\
        1e40010f00020c000000010b0001000000056576656e74080002000000000b0003000000016500000000
        """

    /// The bytes that replace the last stop of ``fullHex`` if sequence number 7 and stats 1, 2, 3 are sent.
    static let tailHex = """
        0a000300000000000000070c00040a000100000000000000010a000200000000000000020a00030000000000\
        0000030000
        """

    static let start: UInt64 = 1_700_000_000_000_000_000

    static let minimalSpan = FinishedSpan(
        process: TracedProcess(serviceName: "svc"),
        traceID: TraceID(low: 1),
        spanID: SpanID(2),
        operationName: "op",
        startNanosecondsSinceEpoch: start,
        durationNanoseconds: 1_500_000
    )

    static let fullSpan: FinishedSpan = {
        let traceID = TraceID(high: 1 << 63, low: .max)
        let parentID = SpanID(0x1112_1314_1516_1718)
        return FinishedSpan(
            process: TracedProcess(serviceName: "svc", tags: [SpanTag("hostname", "h")]),
            traceID: traceID,
            spanID: SpanID(0x0102_0304_0506_0708),
            parentID: parentID,
            flags: [.sampled, .debug],
            operationName: "GET /x",
            references: [SpanReference(.childOf, traceID: traceID, spanID: parentID)],
            startNanosecondsSinceEpoch: start,
            durationNanoseconds: 1_500_000,
            tags: [
                SpanTag("s", "é"), SpanTag("d", 1.5), SpanTag("b", true), SpanTag("l", -2),
                SpanTag("x", .binary([0x00, 0xff])),
            ],
            logs: [
                SpanLog(nanosecondsSinceEpoch: start + 1_000, fields: [SpanTag("event", "e")])
            ]
        )
    }()

    static let stats = ClientStats(
        fullQueueDroppedSpans: 1, tooLargeDroppedSpans: 2, failedToEmitSpans: 3)
}
