import HTTPTypes
import TestSupport
import Testing
import SpoorText

@testable import SpoorHTTP

/// Values that are not UTF-8 are kept, and can be read as bytes.
@Suite struct OpaqueBytesTests {
    /// The bytes of `filename="résumé"` in Latin-1.
    private static let latin1 =
        Array("filename=\"r".utf8) + [0xE9] + Array("sum".utf8) + [0xE9, 0x22]

    @Test func `the bytes of a header are kept unchanged, and its text is repaired`() {
        var headers: Headers = [.contentDisposition: "inline"]
        headers[bytes: .contentDisposition] = Self.latin1
        #expect(headers[bytes: .contentDisposition] == Self.latin1)
        #expect(headers[.contentDisposition] == "filename=\"r\u{FFFD}sum\u{FFFD}\"")
        headers.append(.contentDisposition, bytes: [0xFF])
        #expect(headers.byteValues(of: .contentDisposition) == [Self.latin1, [0xFF]])
        #expect(headers[bytes: .contentDisposition] == Self.latin1 + Array(", ".utf8) + [0xFF])
        headers[bytes: .contentDisposition] = nil
        #expect(headers.isEmpty && headers[bytes: .contentDisposition] == nil)
        #expect(headers.byteValues(of: .contentDisposition).isEmpty)
        headers.append(.cookie, bytes: [0xE9])
        headers.append(.cookie, bytes: [0xEA])
        #expect(headers[bytes: .cookie] == [0xE9, 0x3B, 0x20, 0xEA])
    }

    @Test func `a value may contain every byte except controls`() {
        for byte in UInt8.min...UInt8.max {
            var headers = Headers()
            headers.append(.server, bytes: [0x61, byte, 0x61])
            let isRefused = byte < 0x20 && byte != 0x09 || byte == 0x7F
            #expect((headers.rejectedName == "Server") == isRefused)
            #expect(headers[bytes: .server] == (isRefused ? nil : [0x61, byte, 0x61]))
        }
    }

    @Test func `bytes are kept by a conversion to HTTPFields and back`() {
        var headers: Headers = [.server: "é"]
        headers.append(.contentDisposition, bytes: Self.latin1)
        #expect(Headers(HTTPFields(headers)) == headers)
    }

    @Test func `a route parameter can be read as bytes`() {
        let exchange = Exchange.stub(
            .stub(.get, "/files/r%E9sum%e9/a"), over: RecordingTransport())
        let start = exchange.request.pathRange.lowerBound
        exchange.didRoute(RouteTemplate("/files/{name}/a", names: ["name"]))
        exchange.state.value.parameterRanges = [start + 7..<start + 17]
        let parameters = exchange.parameters
        #expect(parameters.bytes("name") == [0x72, 0xE9, 0x73, 0x75, 0x6D, 0xE9])
        #expect(parameters["name"] == "r\u{FFFD}sum\u{FFFD}")
        #expect(exchange.response.failure == nil)
        #expect(parameters.bytes("other") == nil)
        #expect(exchange.response.failure is UnknownParameterError)
    }
}
