import JaegerTracing
import JaegerOTLP
import TestSupport
import Testing

@Suite struct OTLPExportResponseTests {
    @Test func `contains the number of rejected spans and the reason`() throws {
        let response = OTLPExportResponse(rejectedSpanCount: 3, message: "x")
        #expect(hex(response.bytes) == GoldenRequest.responseHex)
        #expect(
            try OTLPExportResponse(decoding: bytes(hex: GoldenRequest.responseHex)) == response)
    }

    @Test func `complete success is an empty body`() throws {
        #expect(OTLPExportResponse().bytes.isEmpty)
        #expect(try OTLPExportResponse(decoding: []) == OTLPExportResponse())
        #expect(try OTLPExportResponse(decoding: [0x0a, 0x00]) == OTLPExportResponse())
    }

    @Test func `a warning rejects nothing`() throws {
        let response = OTLPExportResponse(message: "careful")
        #expect(try OTLPExportResponse(decoding: response.bytes) == response)
    }

    @Test func `a negative count is zero, and unknown fields are skipped`() throws {
        let hex = "1001" + "0a0d" + "08ffffffffffffffffff01" + "1801"
        #expect(try OTLPExportResponse(decoding: bytes(hex: hex)) == OTLPExportResponse())
    }

    @Test(arguments: ["0a", "0a0508", "0b", "3c68746d6c3e"])
    func `a malformed message is an error`(hex: String) {
        #expect(throws: MalformedBytes.self) { try OTLPExportResponse(decoding: bytes(hex: hex)) }
    }
}
