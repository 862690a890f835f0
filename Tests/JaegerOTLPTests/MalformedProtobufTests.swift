import JaegerTracing
import TestSupport
import Testing

@testable import JaegerOTLP

@Suite struct MalformedProtobufTests {
    private func error(hex: String) -> MalformedBytes? {
        do throws(MalformedBytes) {
            _ = try OTLPExportRequest(decoding: bytes(hex: hex))
            return nil
        } catch {
            return error
        }
    }

    @Test(
        arguments: [
            ("0a", .endOfInput, 1), ("0a05", .lengthBeyondInput(5), 1),
            ("0affffffffffffffffff01", .lengthBeyondInput(.max), 1),
            ("0affffffffffffffff7f", .lengthBeyondInput(UInt64(Int64.max)), 1),
            ("0affffffffffffffffff02", .oversizedNumber, 1),
            ("0a8080808080808080808000", .oversizedNumber, 1),
            ("8080", .endOfInput, 2),
            ("02", .invalidFieldNumber(0), 0), ("8080808010", .invalidFieldNumber(1 << 29), 0),
            ("0b", .unknownType(3), 0), ("0c", .unknownType(4), 0), ("0e", .unknownType(6), 0),
            ("0f", .unknownType(7), 0),
            ("0900", .endOfInput, 2), ("0d000000", .endOfInput, 4),
            // Within a message its end counts, not that of the input.
            ("0a0212050a0000000000", .lengthBeyondInput(5), 3),
        ] as [(String, MalformedBytes.Cause, Int)])
    func `an error contains its cause and offset`(
        hex: String, cause: MalformedBytes.Cause, offset: Int
    ) {
        #expect(error(hex: hex) == MalformedBytes(cause, at: offset))
    }

    @Test func `an error describes itself`() {
        #expect(
            error(hex: "0a05").map(String.init(describing:))
                == "length 5 exceeds the input at byte 1")
    }

    @Test func `a truncated body is an error`() throws {
        let body = bytes(hex: GoldenRequest.fullHex)
        for byteCount in 1..<body.count {
            #expect(throws: MalformedBytes.self) {
                try OTLPExportRequest(decoding: Array(body[..<byteCount]))
            }
        }
    }

    @Test func `nesting is limited`() throws {
        func nested(_ depth: Int) -> [UInt8] {
            var value: [UInt8] = [0x10, 1]
            for _ in 0..<depth {
                value = message(0x2a, message(0x0a, value))
            }
            let attribute = message(0x0a, [0x0a, 1, 0x6b] + message(0x12, value))
            return message(0x0a, message(0x0a, attribute) + message(0x12, message(0x12, [])))
        }
        #expect(throws: Never.self) { try OTLPExportRequest(decoding: nested(30)) }
        #expect(throws: MalformedBytes.self) { try OTLPExportRequest(decoding: nested(31)) }
        #expect(throws: MalformedBytes.self) { try OTLPExportRequest(decoding: nested(5000)) }
    }

    @Test func `a request has a limited number of messages, regardless of their size`() throws {
        // An array of empty elements: two bytes each, and dozens in memory.
        func request(elementCount: Int) -> [UInt8] {
            let elements = repeatElement([0x0a, 0] as [UInt8], count: elementCount)
            let value = message(0x2a, Array(elements.joined()))
            let attribute = message(0x4a, [0x0a, 1, 0x6b] + message(0x12, value))
            return message(0x0a, message(0x12, message(0x12, attribute)))
        }
        #expect(throws: Never.self) { try OTLPExportRequest(decoding: request(elementCount: 1000)) }
        do throws(MalformedBytes) {
            _ = try OTLPExportRequest(
                decoding: request(elementCount: ProtobufReader.maxMessageCount))
            Issue.record("no error")
        } catch {
            #expect(error.cause == .tooManyValues)
        }
    }

    private func message(_ key: UInt8, _ content: [UInt8]) -> [UInt8] {
        let byteCount = ProtobufSize.lengthDelimited(content.count)
        return [key]
            + [UInt8](capacity: byteCount) { $0.append(varint: UInt64(content.count)) } + content
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `any bytes are a message, or are rejected with an offset in them`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let seeds = [
            bytes(hex: GoldenRequest.minimalHex), bytes(hex: GoldenRequest.fullHex),
            try GoldenRequest.foreignBody(),
        ]
        for _ in 0..<500 {
            var body = try #require(seeds.randomElement(using: &generator))
            for _ in 0..<Int.random(in: 1...8, using: &generator) {
                mutate(&body, using: &generator)
            }
            expectMessageOrPlace(body) { bytes throws(MalformedBytes) in
                let request = try OTLPExportRequest(decoding: bytes)
                // A span has more than one byte: a wrong count is not accepted.
                #expect(request.batches.map(\.spans.count).reduce(0, +) < max(1, bytes.count))
            }
            expectMessageOrPlace(body) { bytes throws(MalformedBytes) in
                #expect(try OTLPExportResponse(decoding: bytes).rejectedSpanCount >= 0)
            }
        }
    }

    private func expectMessageOrPlace(
        _ bytes: [UInt8], _ decode: ([UInt8]) throws(MalformedBytes) -> Void
    ) {
        do throws(MalformedBytes) {
            try decode(bytes)
        } catch {
            #expect((0...bytes.count).contains(error.offset))
        }
    }

    private func mutate(_ body: inout [UInt8], using generator: inout SeededGenerator) {
        guard let index = body.indices.randomElement(using: &generator) else { return }
        let other = Int.random(in: index..<min(body.count, index + 40), using: &generator)
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: body[index] = UInt8.random(in: 0...255, using: &generator)
        case 1: body[index] ^= 1 << UInt8.random(in: 0...7, using: &generator)
        case 2: body[index] = [0x00, 0x7f, 0x80, 0xff].randomElement(using: &generator) ?? 0
        case 3: body.removeSubrange(index...other)
        case 4: body.insert(contentsOf: body[index...other], at: index)
        default: body.append(contentsOf: body[index...other])
        }
    }
}
