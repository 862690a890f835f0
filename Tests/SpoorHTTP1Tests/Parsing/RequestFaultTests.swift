import HTTPTypes
import SpoorHTTP
import Testing

@testable import SpoorHTTP1

/// The rules that a request can break: each is refused with its cause, in whatever pieces it comes, and nothing
/// behind it is read.
@Suite struct RequestFaultTests {
    static let canary = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test(arguments: RefusedRequest.all)
    func `is refused with its cause, in pieces of any size`(_ refused: RefusedRequest) {
        let input = bytes(refused.text + Self.canary)
        let whole = RequestTranscript(input)
        #expect(whole.fault == refused.fault)
        #expect(refused.fault.status.code == refused.status)
        #expect(!whole.heads.contains { $0.path == "/smuggled" })
        for splitting in Splitting.all(for: input) {
            #expect(RequestTranscript(input, splitting) == whole, "\(splitting.testDescription)")
        }
    }

    @Test(arguments: RefusedRequest.all)
    func `is refused behind a good request, which is read`(_ refused: RefusedRequest) {
        let good = "GET /before HTTP/1.1\r\nHost: a\r\n\r\n"
        // Empty lines before a request are counted from the end of the one before.
        let transcript = RequestTranscript(good + refused.text)
        #expect(transcript.heads.first?.path == "/before")
        #expect(transcript.fault == refused.fault)
    }

    @Test func `names every cause in a few words`() {
        for refused in RefusedRequest.all {
            #expect(!refused.fault.description.contains("("))
            #expect(!refused.fault.description.contains(" "))
        }
    }
}
