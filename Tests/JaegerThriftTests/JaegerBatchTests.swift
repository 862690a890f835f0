import JaegerThrift
import JaegerTracing
import TestSupport
import Testing

@Suite struct JaegerBatchTests {
    @Test(arguments: GoldenBatch.names)
    func `decodes what real clients sent`(name: String) throws {
        let golden = try GoldenBatch(named: name)
        let batch = try JaegerBatch(thriftBytes: golden.bytes)
        #expect(batch.process.serviceName == golden.decoded.process.serviceName)
        #expect(batch.process.tags == golden.decoded.process.tags?.compactMap(\.tag) ?? [])
        try #require(batch.spans.count == golden.decoded.spans.count)
        for (span, expected) in zip(batch.spans, golden.decoded.spans) {
            #expect(span.process === batch.process)
            #expect(span.traceID.low == UInt64(bitPattern: expected.traceIdLow))
            #expect(span.traceID.high == UInt64(bitPattern: expected.traceIdHigh))
            #expect(span.spanID.value == UInt64(bitPattern: expected.spanId))
            #expect(span.parentID?.value ?? 0 == UInt64(bitPattern: expected.parentSpanId))
            #expect(span.operationName == expected.operationName)
            #expect(span.flags.rawValue == expected.flags)
            #expect(span.startNanosecondsSinceEpoch == expected.startTime * 1000)
            #expect(span.durationNanoseconds == expected.duration * 1000)
            #expect(span.tags == expected.tags?.compactMap(\.tag) ?? [])
            #expect(span.tags.count == expected.tags?.count ?? 0)
            #expect(
                span.logs.map(\.fields) == expected.logs?.map { $0.fields.compactMap(\.tag) } ?? [])
            #expect(
                span.logs.map(\.nanosecondsSinceEpoch)
                    == expected.logs?.map { $0.timestamp * 1000 } ?? [])
            let references = (expected.references ?? []).map { reference in
                SpanReference(
                    reference.refType == 0 ? .childOf : .followsFrom,
                    traceID: TraceID(
                        high: UInt64(bitPattern: reference.traceIdHigh),
                        low: UInt64(bitPattern: reference.traceIdLow)),
                    spanID: SpanID(UInt64(bitPattern: reference.spanId)))
            }
            #expect(span.references == references)
        }
    }

    @Test func `decodes the golden vectors`() throws {
        #expect(try JaegerBatch(thriftBytes: bytes(hex: GoldenVector.emptyHex)).spans.isEmpty)
        let minimal = try JaegerBatch(thriftBytes: bytes(hex: GoldenVector.minimalHex))
        #expect(sameContent(try #require(minimal.spans.first), GoldenVector.minimalSpan))
        #expect(minimal.sequenceNumber == nil)
        #expect(minimal.stats == nil)
        let hex = GoldenVector.fullHex.dropLast(2) + GoldenVector.tailHex
        let full = try JaegerBatch(thriftBytes: bytes(hex: String(hex)))
        #expect(sameContent(try #require(full.spans.first), GoldenVector.fullSpan))
        #expect(full.sequenceNumber == 7)
        #expect(full.stats == GoldenVector.stats)
    }

    @Test(arguments: 0..<50 as Range<UInt64>)
    func `encoding and decoding results in the same spans`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let process = TracedProcess(
            serviceName: .random(using: &generator),
            tags: .random(using: &generator, element: SpanTag.random))
        let spans = (0..<20).map { _ in FinishedSpan.random(of: process, using: &generator) }
        var encoder = BatchEncoder(process: process)
        for span in spans {
            encoder.append(span)
        }
        let batch = try JaegerBatch(thriftBytes: encoder.finish(sequenceNumber: .min))
        #expect(batch.sequenceNumber == .min)
        #expect(batch.spans.count == spans.count)
        #expect(zip(batch.spans, spans).allSatisfy(sameContent))
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `outlines contain the values for searches, and the positions of consecutive spans`(
        seed: UInt64
    ) throws {
        var generator = SeededGenerator(seed: seed)
        let process = TracedProcess(serviceName: "s")
        let spans = (0..<9).map { _ in FinishedSpan.random(of: process, using: &generator) }
        let batch = try JaegerBatch(encoding: spans, of: process)
        #expect(batch.outlines.map(\.traceID) == spans.map(\.traceID))
        #expect(batch.outlines.map(\.spanID) == spans.map(\.spanID))
        #expect(batch.outlines.map(\.operationName) == spans.map(\.operationName))
        #expect(
            batch.outlines.map(\.startNanosecondsSinceEpoch)
                == spans.map(\.startNanosecondsSinceEpoch))
        for first in spans.indices {
            let range = first..<Int.random(in: first...9, using: &generator)
            let encoded = batch.encodedSpans(batch.outlines[range])
            #expect(encoded.count == range.count)
            let decoded = encoded.decoded()
            try #require(decoded.count == range.count)
            #expect(zip(decoded, spans[range]).allSatisfy(sameContent))
            #expect(decoded.allSatisfy { $0.process === batch.process })
        }
    }

    @Test(
        arguments: [
            ([], ""), ([SpanTag("span.kind", "client")], "client"), ([SpanTag("span.kind", 1)], ""),
            ([SpanTag("span.king", "client"), SpanTag("span.kind", "server")], "server"),
            ([SpanTag("span.kind", "client"), SpanTag("span.kind", "server")], "client"),
            ([SpanTag("span.kind", 1), SpanTag("span.kind", "server")], ""),
        ] as [([SpanTag], String)])
    func `the kind is the text of the first tag of that name`(
        tags: [SpanTag], kind: String
    ) throws {
        var span = GoldenVector.minimalSpan
        span.tags = tags
        // A log does not contain the kind.
        span.logs = [SpanLog(nanosecondsSinceEpoch: 0, fields: [SpanTag("span.kind", "producer")])]
        let batch = try JaegerBatch(encoding: [span], of: span.process)
        #expect(batch.outlines.map(\.spanKind) == [kind])
    }

    @Test func `bytes after the end are ignored`() throws {
        let body = bytes(hex: GoldenVector.minimalHex)
        #expect(try JaegerBatch(thriftBytes: body + body).spans.count == 1)
        #expect(try JaegerBatch(thriftBytes: body + [0xff]).spans.count == 1)
    }

    @Test func `fields can be in any order, and the last of two wins`() throws {
        let process = "0c00010b00010000000373766300"
        let other = "0c00010b0001000000036f746800"
        let spans = GoldenVector.minimalHex.dropFirst(process.count).dropLast(2)
        for hex in ["\(spans)\(process)00", "\(other)\(spans)\(process)00"] {
            let batch = try JaegerBatch(thriftBytes: bytes(hex: hex))
            #expect(batch.process.serviceName == "svc")
            #expect(batch.spans.map(\.process.serviceName) == ["svc"])
        }
        let twice = try JaegerBatch(thriftBytes: bytes(hex: "\(process)\(spans)\(spans)00"))
        #expect(twice.spans.count == 1)
    }

    @Test func `unknown fields of every type are skipped`() throws {
        let unknown = [
            "02006301", "0300637f", "0400633ff0000000000000", "0600630001", "08006300000001",
            "0a00630000000000000001", "0b00630000000161", "0c00630800010000000100",
            "0d0063080b000000010000000100000000", "0d0063000000000000", "0e006302000000020100",
            "0f00630f00000001080000000100000007", "0f00630000000000",
            "10006300112233445566778899aabbccddeeff",
            // A known id with another type counts as unknown, too.
            "08000300000001", "0b000300000000",
        ]
        let hex = unknown.joined() + GoldenVector.minimalHex
        let batch = try JaegerBatch(thriftBytes: bytes(hex: hex))
        #expect(sameContent(try #require(batch.spans.first), GoldenVector.minimalSpan))
        #expect(batch.sequenceNumber == nil)
    }

    @Test func `negative times become zero, times out of range saturate`() throws {
        let start = "0a000800060a24181e4000"
        let duration = "0a000900000000000005dc"
        let hex = GoldenVector.minimalHex
            .replacing(start, with: "0a00087fffffffffffffff")
            .replacing(duration, with: "0a0009ffffffffffffffff")
        let span = try #require(try JaegerBatch(thriftBytes: bytes(hex: hex)).spans.first)
        #expect(span.startNanosecondsSinceEpoch == .max)
        #expect(span.durationNanoseconds == 0)
    }

    @Test func `invalid UTF-8 is replaced`() throws {
        let hex = GoldenVector.minimalHex.replacing("000000026f70", with: "00000003" + "6fff70")
        let span = try #require(try JaegerBatch(thriftBytes: bytes(hex: hex)).spans.first)
        #expect(span.operationName == "o\u{fffd}p")
    }

    @Test(arguments: [
        // The type decides; an absent value is zero; an unknown type is in the value.
        ("080002000000010b00030000000161", TagValue.double(0)),
        ("08000200000000", .string("")), ("08000200000002", .bool(false)),
        ("0800020000000302000501", .int(0)), ("08000200000004", .binary([])),
        ("08000200000009", .string("unknown tag type 9")),
    ])
    func `a tag has the value of the field for its type`(fieldsHex: String, value: TagValue) throws
    {
        let key = "0b0001000000016b"
        let process = "0c00010b0001000000000f00020c00000001\(key)\(fieldsHex)0000"
        let hex = "\(process)0f00020c0000000000"
        let batch = try JaegerBatch(thriftBytes: bytes(hex: hex))
        #expect(batch.process.tags == [SpanTag("k", value)])
    }
}
