import HTTPTypes
import SpoorHTTP
import TestSupport
import Testing

@testable import SpoorHTTP1

/// The fuzzing corpus (`Fuzzing/Corpora`): parsed without a trap, with the same result in one piece and in several.
@Suite struct CorpusTests {
    private static let bounds = [HTTP1Limits(), MutationTests.limits]
    private static let splittings: [Splitting] = [.bytewise, .pieces(of: 3), .pieces(of: 16)]

    private func expectSameRequests(_ bytes: [UInt8], _ name: String) {
        for limits in Self.bounds {
            let whole = RequestTranscript(bytes, limits: limits)
            for splitting in Self.splittings
            where RequestTranscript(bytes, splitting, limits: limits) != whole {
                Issue.record("\(name): \(splitting.testDescription)")
            }
        }
    }

    private func expectSameResponses(_ bytes: [UInt8], to first: UInt8, _ name: String) {
        let methods: [HTTPRequest.Method] = [
            first & 3 == 1 ? .head : first & 3 == 2 ? .connect : .get, .get,
        ]
        let headers: Headers = first & 3 == 3 ? [.connection: "upgrade", .upgrade: "x"] : [:]
        for limits in Self.bounds {
            let whole = ResponseTranscript(bytes, to: methods, headers: headers, limits: limits)
            for splitting in Self.splittings {
                let pieced = ResponseTranscript(
                    bytes, to: methods, splitting, headers: headers, limits: limits)
                if pieced != whole { Issue.record("\(name): \(splitting.testDescription)") }
            }
        }
    }

    @Test func `parses requests`() throws {
        for input in try Corpus.inputs(of: "request-head") {
            expectSameRequests(input.bytes, input.name)
        }
    }

    @Test func `parses chunked bodies`() throws {
        let head = bytes("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        for input in try Corpus.inputs(of: "chunked-body") {
            expectSameRequests(head + input.bytes, input.name)
        }
    }

    @Test func `parses responses`() throws {
        for input in try Corpus.inputs(of: "response") {
            guard let first = input.bytes.first else { continue }
            expectSameResponses(Array(input.bytes.dropFirst()), to: first, input.name)
        }
    }

    @Test func `parses the inputs found with pieces`() throws {
        for input in try Corpus.inputs(of: "pieces") {
            guard let first = input.bytes.first else { continue }
            let bytes = Array(input.bytes.dropFirst(2))
            if first & 0x40 == 0 {
                expectSameRequests(bytes, input.name)
            } else {
                expectSameResponses(bytes, to: first, input.name)
            }
        }
    }
}
