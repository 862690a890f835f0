import HTTPTypes
import JaegerThrift
import JaegerTracing
import TestSupport
import Testing

@testable import JaegerCollector

@Suite(.finishes(within: .seconds(60))) struct ContentCodingTests {
    /// “spans ” twenty times, as compressed by Python's gzip and zlib.
    private static let text = Array(String(repeating: "spans ", count: 20).utf8)
    private static let gzip: [UInt8] = [
        0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x2b, 0x2e, 0x48, 0xcc, 0x2b,
        0x56, 0x28, 0xa6, 0x3b, 0x09, 0x00, 0x5c, 0x40, 0x8f, 0x4a, 0x78, 0x00, 0x00, 0x00,
    ]
    private static let deflate: [UInt8] = [
        0x78, 0x9c, 0x2b, 0x2e, 0x48, 0xcc, 0x2b, 0x56, 0x28, 0xa6, 0x3b, 0x09, 0x00, 0xca, 0x8a,
        0x2d, 0x65,
    ]

    /// 2^20 zeros.
    private static let bomb: [UInt8] =
        [
            0x78, 0xda, 0xed, 0xc1, 0x31, 0x01, 0x00, 0x00, 0x00, 0xc2, 0xa0, 0xf5, 0x4f, 0x6d,
            0x08, 0x5f, 0xa0,
        ]
        + [UInt8](repeating: 0, count: 1016) + [0x3e, 0x03, 0x00, 0xf0, 0x00, 0x01]

    private func fault(_ coding: ContentCoding, _ bytes: [UInt8], maxBytes: Int) -> IngestFault? {
        do throws(IngestFault) {
            _ = try coding.inflated(bytes, maxBytes: maxBytes)
            return nil
        } catch {
            return error
        }
    }

    @Test func `decodes gzip and deflate, up to the limit`() throws {
        for (coding, bytes) in [(ContentCoding.gzip, Self.gzip), (.deflate, Self.deflate)] {
            for maxBytes in [Self.text.count, Self.text.count + 1, 20 << 20, .max] {
                #expect(try coding.inflated(bytes, maxBytes: maxBytes) == Self.text)
            }
            for maxBytes in [0, 1, Self.text.count - 1] {
                let fault = fault(coding, bytes, maxBytes: maxBytes)
                #expect(fault?.status == .contentTooLarge)
                #expect(
                    fault?.message == "The body has more than \(maxBytes) bytes when inflated")
            }
        }
    }

    @Test(arguments: ["gzip", "GZIP", "x-gzip", "deflate"])
    func `accepts all names`(name: String) {
        #expect(ContentCoding(name) != nil)
    }

    @Test func `truncated, changed and extended bytes are malformed`() {
        for (coding, bytes) in [(ContentCoding.gzip, Self.gzip), (.deflate, Self.deflate)] {
            for byteCount in 0..<bytes.count {
                let fault = fault(coding, Array(bytes[..<byteCount]), maxBytes: 1 << 20)
                #expect(fault?.status == .badRequest)
            }
            #expect(fault(coding, bytes + [0], maxBytes: 1 << 20)?.status == .badRequest)
            var changed = bytes
            changed[bytes.count - 5] ^= 1
            #expect(fault(coding, changed, maxBytes: 1 << 20)?.status == .badRequest)
        }
        #expect(fault(.gzip, Self.deflate, maxBytes: 1 << 20)?.status == .badRequest)
    }

    @Test func `any changed bit is detected, or changes nothing`() {
        // The bits of the gzip header that do not affect the text: FTEXT, the time, XFL and the system (RFC 1952 §2.3);
        // and the padding of the last byte of the compressed data (RFC 1951 §3.1.1), before the checksum.
        let silentInGzip = Set([24] + Array(32..<80) + Array(163..<168))
        let silentInDeflate = Set(99..<104)
        for (coding, bytes, silent) in [
            (ContentCoding.gzip, Self.gzip, silentInGzip),
            (.deflate, Self.deflate, silentInDeflate),
        ] {
            for bit in 0..<bytes.count * 8 {
                var changed = bytes
                changed[bit / 8] ^= 1 << UInt8(bit % 8)
                do throws(IngestFault) {
                    let text = try coding.inflated(changed, maxBytes: 4096)
                    #expect(text == Self.text)
                    #expect(silent.contains(bit), "bit \(bit)")
                } catch {
                    #expect([.badRequest, .contentTooLarge].contains(error.status))
                    #expect(!silent.contains(bit), "bit \(bit)")
                }
            }
        }
    }

    @Test func `several gzip members are one text, several zlib streams are malformed`() throws {
        let empty: [UInt8] =
            [0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x03]
            + [UInt8](repeating: 0, count: 9)
        let twice = Self.text + Self.text
        let members = Self.gzip + empty + Self.gzip + empty
        for maxBytes in [twice.count, 4096, .max] {
            #expect(try ContentCoding.gzip.inflated(members, maxBytes: maxBytes) == twice)
        }
        for maxBytes in [0, Self.text.count, twice.count - 1] {
            #expect(fault(.gzip, members, maxBytes: maxBytes)?.status == .contentTooLarge)
        }
        #expect(fault(.gzip, Array(members.dropLast()), maxBytes: 4096)?.status == .badRequest)
        #expect(
            fault(.deflate, Self.deflate + Self.deflate, maxBytes: 4096)?.status == .badRequest)
    }

    @Test func `a megabyte of zeros in a kilobyte is rejected at the limit`() {
        #expect(fault(.deflate, Self.bomb, maxBytes: 1 << 19)?.status == .contentTooLarge)
        #expect(throws: Never.self) {
            try ContentCoding.deflate.inflated(Self.bomb, maxBytes: 1 << 20)
        }
    }

    @Test func `both routes accept coded bodies`() async throws {
        let collector = InProcessCollector()
        for target in ["/api/traces", "/v1/traces"] {
            let type = target == "/v1/traces" ? "application/x-protobuf" : "application/x-thrift"
            let response = try await collector.post(
                Self.gzip, contentType: type, target: target, headers: ["Content-Encoding": "gzip"])
            // Inflated, but neither a batch nor a request.
            #expect(response.status == 400)
            #expect(response.reason.hasPrefix("Unable to process request body: "))
            #expect(!response.reason.contains("gzip"))
            let malformed = try await collector.post(
                [1, 2, 3], contentType: type, target: target, headers: ["Content-Encoding": "gzip"])
            #expect(malformed.reason == "Unable to process request body: malformed gzip")
        }
        let good = try await collector.post(
            try Golden.gzippedOTLPBody(), contentType: "application/x-protobuf",
            target: "/v1/traces", headers: ["Content-Encoding": "gzip"])
        #expect(good.status == 200)
        #expect(collector.store.counts.keptSpans == 2)
    }
}
