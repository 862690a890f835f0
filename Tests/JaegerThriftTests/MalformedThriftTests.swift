import JaegerThrift
import JaegerTracing
import TestSupport
import Testing

@Suite struct MalformedThriftTests {
    private func error(hex: String) -> MalformedBytes? {
        do throws(MalformedBytes) {
            _ = try JaegerBatch(thriftBytes: bytes(hex: hex))
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: GoldenBatch.names)
    func `a truncated body is an error`(name: String) throws {
        let body = try GoldenBatch(named: name).bytes
        for byteCount in 0..<body.count {
            #expect(throws: MalformedBytes.self) {
                try JaegerBatch(thriftBytes: Array(body[..<byteCount]))
            }
        }
    }

    @Test(
        arguments: [
            ("80010001000000", .messageEnvelope, 0),
            ("8281", .unknownType(0x82), 0),
            ("", .endOfInput, 0),
            ("00", .missingField("Batch.process"), 1),
            ("0c00010000", .missingField("Process.serviceName"), 4),
            ("0c00010b000100000000" + "0000", .missingField("Batch.spans"), 12),
            ("0c00010b0001ffffffff", .negativeLength(-1), 6),
            ("0c00010b00017fffffff6162", .lengthBeyondInput(UInt64(Int32.max)), 6),
            ("0f00020c7fffffff", .lengthBeyondInput(UInt64(Int32.max)), 4),
            ("0f00020c80000000", .negativeLength(.min), 4),
            ("0f0002080000000100000001", .lengthBeyondInput(1), 4),
            ("0f00630000000001" + "00", .unknownType(0), 8),
            ("0f00630200000009" + "00", .lengthBeyondInput(9), 4),
            ("0d0063030300000002" + "000000", .lengthBeyondInput(2), 5),
            ("050063", .unknownType(5), 0),
        ] as [(String, MalformedBytes.Cause, Int)])
    func `an error contains its cause and offset`(
        hex: String, cause: MalformedBytes.Cause, offset: Int
    ) {
        #expect(error(hex: hex) == MalformedBytes(cause, at: offset))
    }

    @Test func `a list of other elements than structs is an error`() {
        let padding = String(repeating: "00", count: 200)
        #expect(
            error(hex: "0f0002080000000100000001" + padding)
                == MalformedBytes(.unexpectedElementType(8), at: 3))
    }

    @Test(arguments: [
        ("0a00010000000000000001", "Span.traceIdLow"),
        ("0a00020000000000000000", "Span.traceIdHigh"),
        ("0a00030000000000000002", "Span.spanId"), ("0a00040000000000000000", "Span.parentSpanId"),
        ("0b0005000000026f70", "Span.operationName"), ("08000700000001", "Span.flags"),
        ("0a000800060a24181e4000", "Span.startTime"), ("0a000900000000000005dc", "Span.duration"),
    ])
    func `a span without a required field is an error`(fieldHex: String, name: String) throws {
        // The removed bytes are inserted as an unknown field, so that only the field is missing.
        let unknown = "0063" + fieldHex.dropFirst(6)
        let hex = GoldenVector.minimalHex.replacing(fieldHex, with: fieldHex.prefix(2) + unknown)
        #expect(error(hex: hex)?.cause == .missingField(name))
    }

    @Test(arguments: ["0c0063", "0f00630f00000001", "0d00630c0c00000001"])
    func `nesting is limited`(opening: String) {
        let levels = 100_000
        let inner = opening.hasPrefix("0f") ? "0f00000001" : opening
        let hex = opening + String(repeating: inner, count: levels)
        #expect(error(hex: hex)?.cause == .tooDeep)
    }

    @Test(arguments: 0..<40 as Range<UInt64>)
    func `a mutated body is a batch, or is rejected with an offset in it`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let name = GoldenBatch.names[Int(seed) % GoldenBatch.names.count]
        let body = try GoldenBatch(named: name).bytes
        for _ in 0..<500 {
            var mutated = body
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let index = Int.random(in: mutated.indices, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: mutated[index] = UInt8.random(in: 0...255, using: &generator)
                case 1: mutated[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
                case 2: mutated.insert(0xff, at: index)
                default: mutated.removeSubrange(index..<min(index + 4, mutated.endIndex))
                }
            }
            expectBatchOrPlace(mutated)
        }
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `any bytes are a batch, or are rejected with an offset in them`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            let types: [UInt8] = [2, 3, 4, 6, 8, 10, 11, 12, 13, 14, 15, 0, 1, 255]
            let noise = (0..<200).map { _ in
                Bool.random(using: &generator)
                    ? types.randomElement(using: &generator) ?? 0
                    : UInt8.random(in: 0...255, using: &generator)
            }
            expectBatchOrPlace(noise)
        }
    }

    private func expectBatchOrPlace(_ bytes: [UInt8]) {
        do throws(MalformedBytes) {
            let batch = try JaegerBatch(thriftBytes: bytes)
            // A span has more than one byte: a wrong count is not accepted.
            #expect(batch.outlines.count < bytes.count)
        } catch {
            #expect((0...bytes.count).contains(error.offset))
        }
    }

    @Test func `describes itself in one line`() {
        let error = MalformedBytes(.missingField("Span.spanId"), at: 42)
        #expect("\(error)" == "required field Span.spanId is not set at byte 42")
    }
}
