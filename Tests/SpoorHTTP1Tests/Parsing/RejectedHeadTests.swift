import HTTPTypes
import SpoorHTTP
import Testing

@testable import SpoorHTTP1

/// Heads that are rejected for their meaning can still be shown, if they were completely received.
@Suite struct RejectedHeadTests {
    /// The request that is shown of a rejected head whose bytes arrive in two pieces; nil for none.
    private static func shown(_ bytes: [UInt8], cutAt cut: Int) -> Request? {
        var parser = RequestHeadParser()
        var request = Request()
        for count in [cut, bytes.count] {
            let received = bytes.span.extracting(0..<count)
            do throws(RequestFault) {
                guard case .needMore = try parser.parse(received, into: &request) else {
                    return nil
                }
            } catch {
                return parser.completeRejectedHead(received, into: &request) ? request : nil
            }
        }
        return nil
    }

    @Test(arguments: [
        "GET /a?b HTTP/1.1\r\nX: 1\r\n\r\n",
        "\r\nGET /a?b HTTP/1.1\r\nX: 1\r\nHost: a\r\nHost: a\r\n\r\n",
        "GET /a?b HTTP/1.1\r\nHost: a b\r\nX: 1\r\n\r\n",
        "GET /a?b HTTP/1.1\r\nHost: a\r\nExpect: y\r\nX: 1\r\n\r\n",
        "GET /a?b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: y\r\nX: 1\r\n\r\nrest",
        "GET /a?b HTTP/3.0\r\nHost: a\r\nX: 1\r\n\r\n",
    ])
    func `a head is shown completely or not at all, wherever it is cut`(text: String) throws {
        let bytes = Array(text.utf8)
        let whole = try #require(Self.shown(bytes, cutAt: bytes.count))
        #expect(whole.path == "/a")
        #expect(whole.query == "b")
        #expect(whole.bodyLength == .none)
        #expect(whole.headers.first { $0.name.rawName == "X" }?.value == "1")
        for cut in 0..<bytes.count {
            guard let request = Self.shown(bytes, cutAt: cut) else { continue }
            #expect(request.headers == whole.headers, "\(cut)")
            #expect(request.path == "/a")
        }
    }

    @Test(arguments: [
        "nonsense\r\n\r\n", "GET /a\r\n\r\n", "GET /a HTTP/x\r\n\r\n", "PRI * HTTP/2.0\r\n\r\n",
        "GET a HTTP/2.0\r\nHost: a\r\n\r\n", "GET /a HTTP/2.0\r\nHost: a\r\n:\r\n\r\n",
        "GET /a HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n", "GET /a HTTP/1.1\r\nExpect: y\r\nHost: a\r\n",
        "GET  /a HTTP/1.1\r\nHost: a\r\n\r\n", "", "GET /a HTTP/2.0\r\n",
    ])
    func `a malformed head is not shown`(text: String) {
        let bytes = Array(text.utf8)
        for cut in 0...bytes.count {
            #expect(Self.shown(bytes, cutAt: cut) == nil, "\(cut)")
        }
    }
}
