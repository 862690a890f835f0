import HTTPTypes
import SpoorHTTP
import Testing

@testable import SpoorHTTP1

/// Every limit accepts its value and rejects one more, in pieces of any size.
@Suite struct LimitTests {
    static let limits = HTTP1Limits(
        startLine: 64, head: 256, headers: 4, body: 10, chunkExtensions: 8, trailer: 32)

    private func expect(
        _ text: String, _ fault: RequestFault?, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let input = bytes(text)
        let whole = RequestTranscript(input, limits: Self.limits)
        #expect(whole.fault == fault, sourceLocation: sourceLocation)
        for splitting in [Splitting.bytewise, .pieces(of: 7), .pieces(of: 64), .pieces(of: 256)] {
            #expect(
                RequestTranscript(input, splitting, limits: Self.limits) == whole,
                sourceLocation: sourceLocation)
        }
    }

    private func line(_ count: Int) -> String {
        "GET /\(String(repeating: "a", count: count - 16)) HTTP/1.1\r\n"
    }

    @Test func `limits the request line`() {
        expect(line(64) + "Host: a\r\n\r\n", nil)
        expect(line(65) + "Host: a\r\n\r\n", .lineTooLong)
        expect("GET /" + String(repeating: "a", count: 1000), .lineTooLong)
        // An invalid byte after the limit is not read.
        expect("GET /" + String(repeating: "a", count: 100) + "\0", .lineTooLong)
        #expect(RequestFault.lineTooLong.status == .uriTooLong)
    }

    @Test func `limits the head`() {
        let start = "GET / HTTP/1.1\r\nHost: a\r\nX: "
        let room = 256 - start.utf8.count - 4
        expect(start + String(repeating: "v", count: room) + "\r\n\r\n", nil)
        expect(
            start + String(repeating: "v", count: room + 1) + "\r\n\r\n", .header(.tooLarge))
        expect(start + String(repeating: "v", count: 5000), .header(.tooLarge))
        expect(start + "\r\n" + String(repeating: "N", count: 5000), .header(.tooLarge))
        #expect(RequestFault.header(.tooLarge).status == .requestHeaderFieldsTooLarge)
    }

    @Test func `limits the number of headers`() {
        let start = "GET / HTTP/1.1\r\nHost: a\r\n"
        expect(start + String(repeating: "X: v\r\n", count: 3) + "\r\n", nil)
        expect(start + String(repeating: "X: v\r\n", count: 4) + "\r\n", .header(.tooMany))
        #expect(RequestFault.header(.tooMany).status == .requestHeaderFieldsTooLarge)
    }

    @Test func `limits a body of known length`() {
        let start = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: "
        expect(start + "10\r\n\r\n0123456789", nil)
        expect(start + "11\r\n\r\n0123456789a", .body(.tooLarge))
        expect(start + "9223372036854775807\r\n\r\n0", .body(.tooLarge))
        #expect(RequestFault.body(.tooLarge).status == .contentTooLarge)
    }

    static let chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"

    @Test func `limits a chunked body`() {
        expect(Self.chunked + "5\r\nhello\r\n5\r\nhello\r\n0\r\n\r\n", nil)
        expect(Self.chunked + "5\r\nhello\r\n6\r\nhello!\r\n0\r\n\r\n", .body(.tooLarge))
        expect(Self.chunked + "B\r\n", .body(.tooLarge))
    }

    @Test func `limits chunk extensions relative to the content`() {
        expect(Self.chunked + "0;aaaaaaa\r\n\r\n", nil)
        expect(Self.chunked + "0;aaaaaaaa\r\n\r\n", .body(.chunkExtensionsTooLarge))
        expect(Self.chunked + "5;aaaa\r\nhello\r\n0;aaaa\r\n\r\n", nil)
        expect(
            Self.chunked + "1;" + String(repeating: "a", count: 99), .body(.chunkExtensionsTooLarge)
        )
        let quoted = "1;a=\"" + String(repeating: "x", count: 99)
        expect(Self.chunked + quoted, .body(.chunkExtensionsTooLarge))
    }

    @Test func `limits the trailer section`() {
        let trailer = "X: \(String(repeating: "t", count: 25))\r\n\r\n"
        expect(Self.chunked + "0\r\n" + trailer, nil)
        expect(Self.chunked + "0\r\nY" + trailer, .body(.trailer(.tooLarge)))
        expect(
            Self.chunked + "0\r\n" + String(repeating: "X:\r\n", count: 5),
            .body(.trailer(.tooMany)))
        #expect(RequestFault.body(.trailer(.tooLarge)).status == .requestHeaderFieldsTooLarge)
    }

    @Test func `does not overflow without limits`() {
        var limits = HTTP1Limits()
        limits.maxStartLineBytes = .max
        limits.maxHeadBytes = .max
        limits.maxHeaderCount = .max
        limits.maxBodyBytes = .max
        limits.maxChunkExtensionBytes = .max
        limits.maxTrailerBytes = .max
        let text = "\r\nGET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        for size in ["7fffffffffffffff", "1\r\na\r\n7fffffffffffffff", "ffffffffffffffff"] {
            let transcript = RequestTranscript(text + size + "\r\nab;c", limits: limits)
            #expect(transcript.heads.count == 1)
        }
        #expect(RequestTranscript(text + "1;a\r\nb\r\n0\r\n\r\n", limits: limits).bodies == ["b"])
    }
}
