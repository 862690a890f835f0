import HTTPTypes
import SpoorHTTP
import Testing

@testable import SpoorHTTP1

/// The rules that a request can violate: each request is rejected with its reason, in pieces of any size, and nothing
/// after it is read.
@Suite struct RequestFaultTests {
    static let canary = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test(arguments: InvalidRequest.all)
    func `is rejected with its reason, in pieces of any size`(_ invalid: InvalidRequest) {
        let input = bytes(invalid.text + Self.canary)
        let whole = RequestTranscript(input)
        #expect(whole.fault == invalid.fault)
        #expect(invalid.fault.status.code == invalid.status)
        #expect(!whole.heads.contains { $0.path == "/smuggled" })
        for splitting in Splitting.all(for: input) {
            #expect(RequestTranscript(input, splitting) == whole, "\(splitting.testDescription)")
        }
    }

    @Test(arguments: InvalidRequest.all)
    func `is rejected after a valid request, which is parsed`(_ invalid: InvalidRequest) {
        let good = "GET /before HTTP/1.1\r\nHost: a\r\n\r\n"
        // Empty lines before a request are counted from the end of the previous one.
        let transcript = RequestTranscript(good + invalid.text)
        #expect(transcript.heads.first?.path == "/before")
        #expect(transcript.fault == invalid.fault)
    }

    @Test func `names every reason in a few words`() {
        for invalid in InvalidRequest.all {
            #expect(!invalid.fault.description.contains("("))
            #expect(!invalid.fault.description.contains(" "))
        }
    }
}
