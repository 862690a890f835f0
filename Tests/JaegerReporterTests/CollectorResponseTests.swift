import HTTPTypes
import JaegerOTLP
import SpoorHTTP
import Testing

@testable import JaegerReporter

@Suite struct CollectorResponseTests {
    func result(
        _ status: Int, _ body: String = "", _ headers: Headers = [:],
        on format: WireFormat = .jaegerThrift
    ) -> ExportResult {
        CollectorResponse(status: status, headers: headers, body: Array(body.utf8)).result(
            for: format)
    }

    @Test(arguments: [200, 202, 204], WireFormat.allCases)
    func `a 2xx status is a success`(status: Int, format: WireFormat) {
        #expect(result(status, on: format) == .success())
    }

    @Test(arguments: [400, 401, 403, 404, 405, 408, 413, 415, 500, 501, 505])
    func `a permanent rejection has the first line of the body as reason`(status: Int) {
        #expect(
            result(status, "bad\nmore") == .failure("the collector responded with \(status): bad"))
        #expect(result(status) == .failure("the collector responded with \(status)"))
    }

    @Test(arguments: [429, 502, 503, 504])
    func `temporary failures are retried`(status: Int) {
        #expect(result(status) == .retryable("the collector responded with \(status)"))
    }

    @Test func `a 500 is retried if the collector's queue was full`() {
        let text = "Cannot submit Jaeger batch: queue is full"
        #expect(result(500, text) == .retryable("the collector responded with 500: \(text)"))
        #expect(result(500, "Unable to process: Cannot submit").isRejection)
    }

    @Test func `a redirect is not followed, and its target is reported without its query`() {
        #expect(
            result(307, "", [.location: "https://login.example/?token=x"])
                == .failure(
                    "the collector responded with 307: a redirect to https://login.example/, which is not followed"
                ))
    }

    @Test func `a web page is not a collector`() {
        #expect(result(200, "<html>", [.contentType: "text/html; charset=utf-8"]).isRejection)
    }

    @Test(
        arguments: [
            ("0", 0), ("7", 7), ("Sun, 06 Nov 1994 08:49:37 GMT", 37),
            ("Sun, 06 Nov 1994 08:48:00 GMT", 0), ("Sunday, 06-Nov-94 08:49:37 GMT", 37),
            ("", nil), ("-1", nil), ("soon", nil), ("99999999999999999999", nil), ("1.5", nil),
        ] as [(String, Int?)])
    func `Retry-After is seconds, or a date relative to that of the response`(
        text: String, seconds: Int?
    ) {
        let headers: Headers = [
            .retryAfter: text, .date: "Sun, 06 Nov 1994 08:49:00 GMT",
        ]
        #expect(
            result(503, "", headers)
                == .retryable(
                    "the collector responded with 503", retryAfter: seconds.map { .seconds($0) }))
    }

    @Test func `a date alone is relative to the local clock`() {
        let response = CollectorResponse(
            status: 503, headers: [.retryAfter: "Sun, 06 Nov 1994 08:49:37 GMT"])
        #expect(
            response.result(for: .otlp, now: { 784_111_770 })
                == .retryable("the collector responded with 503", retryAfter: .seconds(7)))
    }

    @Test func `spans rejected by OTLP's partial success are lost, and its warning is reported`() {
        func result(_ response: OTLPExportResponse) -> ExportResult {
            CollectorResponse(status: 200, body: response.bytes).result(for: .otlp)
        }
        #expect(
            result(OTLPExportResponse(rejectedSpanCount: 3, message: "x\u{1B}[0m"))
                == .success(
                    rejectedSpans: 3, warning: "the collector rejected spans of a batch: x?[0m"))
        #expect(
            result(OTLPExportResponse(message: "old")) == .success(warning: "old"))
        #expect(result(OTLPExportResponse()) == .success())
        #expect(
            self.result(200, "{}", on: .otlp)
                == .success(
                    warning: "the collector's response is not an ExportTraceServiceResponse"))
    }

    @Test func `the message of an OTLP status is the reason`() {
        let status = RPCStatus(.resourceExhausted, "too large\nby far")
        let protobuf: Headers = [.contentType: "application/x-protobuf"]
        func result(_ body: [UInt8], _ headers: Headers) -> ExportResult {
            CollectorResponse(status: 413, headers: headers, body: body).result(for: .otlp)
        }
        #expect(
            result(status.bytes, protobuf)
                == .failure("the collector responded with 413: too large"))
        #expect(
            result(Array("text".utf8), protobuf)
                == .failure("the collector responded with 413: text"))
        #expect(result([], protobuf) == .failure("the collector responded with 413"))
    }

    @Test func `a text of the collector becomes one line without terminal control characters`() {
        #expect(String(firstPrintableLine: "a\u{1B}]0;x\u{07}b\r\nc".utf8) == "a?]0;x?b")
        #expect(String(firstPrintableLine: "é\u{202E}\u{FEFF}€".utf8) == "é??€")
        #expect(String(firstPrintableLine: [0xFF, 0x41]) == "?A")
        #expect(String(firstPrintableLine: Array(repeating: 0x41, count: 5000)).count == 200)
    }
}

extension ExportResult {
    fileprivate var isRejection: Bool {
        if case .failure = self { true } else { false }
    }
}
