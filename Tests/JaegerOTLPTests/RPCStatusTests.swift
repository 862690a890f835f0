import JaegerTracing
import Testing

@testable import JaegerOTLP

@Suite struct RPCStatusTests {
    @Test func `a status survives encoding and decoding`() throws {
        let status = RPCStatus(.invalidArgument, "no")
        #expect(status.bytes == [0x08, 3, 0x12, 2, 0x6e, 0x6f])
        #expect(try RPCStatus(decoding: status.bytes) == status)
        let long = RPCStatus(.unavailable, String(repeating: "é", count: 300))
        #expect(try RPCStatus(decoding: long.bytes) == long)
        #expect(try RPCStatus(decoding: []).message == "")
    }

    @Test func `details are skipped, and truncated bytes are rejected`() throws {
        let bytes: [UInt8] = [0x08, 8, 0x12, 2, 0x6e, 0x6f, 0x1a, 1, 0xff]
        #expect(try RPCStatus(decoding: bytes) == RPCStatus(.resourceExhausted, "no"))
        for count in [1, 3, 4, 5, 7, 8] {
            #expect(throws: MalformedBytes.self) {
                try RPCStatus(decoding: Array(bytes[..<count]))
            }
        }
    }

    @Test(
        arguments: [
            (400, .invalidArgument), (401, .unauthenticated), (403, .permissionDenied),
            (404, .notFound), (405, .unimplemented), (408, .deadlineExceeded),
            (413, .resourceExhausted), (415, .invalidArgument), (429, .resourceExhausted),
            (500, .internal), (501, .unimplemented), (503, .unavailable), (504, .deadlineExceeded),
            (505, .unimplemented),
            (302, .unknown),
        ] as [(Int, RPCStatus.Code)])
    func `an HTTP status has a code`(status: Int, code: RPCStatus.Code) {
        #expect(RPCStatus.Code(httpStatus: status) == code)
    }
}
