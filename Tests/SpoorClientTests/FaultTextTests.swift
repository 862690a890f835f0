import SpoorHTTP
import Testing

@testable import SpoorHTTP1

/// The texts of protocol faults: what was received, escaped and bounded, and what is expected.
@Suite struct FaultTextTests {
    /// Returns the text for a malformed response; empty if it is valid.
    private static func text(ofResponse bytes: [UInt8]) -> String {
        let limits = HTTP1Limits()
        var parser = ResponseHeadParser(limits: limits)
        var head = ResponseHead()
        var decoder = BodyDecoder(.unknown, of: .response, limits: limits)
        var start = 0
        do throws(ResponseFault) {
            guard case .complete(let end) = try parser.parse(bytes.span, into: &head) else {
                return ""
            }
            start = end
            do throws(BodyFault) {
                var (body, trailers) = ([UInt8](), Headers())
                while case .needMore(let count) = try decoder.decode(
                    bytes.span.extracting(droppingFirst: start), appendingTo: &body,
                    trailers: &trailers), count > 0
                { start += count }
                return ""
            } catch {
                throw .body(error)
            }
        } catch {
            return error.explanation(
                received: bytes.span.extracting(droppingFirst: start), limits: limits)
        }
    }

    /// Returns the text for the malformed head of a request; empty if it is valid.
    private static func text(ofRequest bytes: [UInt8]) -> String {
        var parser = RequestHeadParser(limits: HTTP1Limits())
        var request = Request()
        do throws(RequestFault) {
            _ = try parser.parse(bytes.span, into: &request)
            return ""
        } catch {
            return error.explanation(received: bytes.span, limits: HTTP1Limits())
        }
    }

    private static let status = "HTTP/1.1 200 OK\r\n"

    @Test(arguments: [
        (
            "HTTP/1.1  200 OK\r\n",
            #"statusInvalid: received "HTTP/1.1  200 OK\r\n"; expected a status of three digits, 100 or above (RFC 9110 §15)"#
        ),
        (
            "HTTP/2.0 200 OK\r\n",
            #"versionUnsupported: received "HTTP/2.0 200 OK\r\n"; expected HTTP/1.1 or HTTP/1.0"#
        ),
        (
            "SSH-2.0-OpenSSH_9.2\r\n",
            #"versionMalformed: received "SSH-2.0-OpenSSH_9.2\r\n", which looks like SSH; expected a status line such as HTTP/1.1 200 OK (RFC 9112 §4)"#
        ),
        (
            status + "A: 1\r\nContent-Length: 5x\r\n\r\n",
            #"framing.lengthMalformed: received "Content-Length: 5x"; expected a Content-Length of decimal digits (RFC 9110 §8.6)"#
        ),
        (
            status + "Content-Length: 9223372036854775808\r\n\r\n",
            #"framing.lengthOverflow: received "Content-Length: 9223372036854775808"; expected a Content-Length of 9223372036854775807 or less"#
        ),
        (
            status + "Content-Length: 5, 6\r\n\r\n",
            #"framing.lengthRepeated: received "Content-Length: 5, 6"; expected one value of Content-Length (RFC 9112 §6.3)"#
        ),
        (
            status + "Content-Length:\r\n 5 6\r\n\r\n",
            #"framing.lengthMalformed: received "Content-Length:\r\n 5 6"; expected a Content-Length of decimal digits (RFC 9110 §8.6)"#
        ),
        (
            status + "transfer-encoding: chunked\r\nA: b\r\nContent-Length: 5\r\n\r\n",
            #"framing.lengthWithTransferEncoding: received "transfer-encoding: chunked", "Content-Length: 5"; expected either Content-Length or Transfer-Encoding (RFC 9112 §6.1)"#
        ),
        (
            status + "Transfer-Encoding: \u{b}chunked\r\n\r\n",
            #"header.valueInvalid: received "Transfer-Encoding: \x0bchunked"; expected a value without control characters (RFC 9110 §5.5)"#
        ),
        (
            status + "Transfer-Encoding: gzip, chunked\r\n\r\n",
            #"framing.transferEncodingUnknown: received "Transfer-Encoding: gzip, chunked"; expected chunked alone: no other transfer coding is supported (RFC 9112 §6.1)"#
        ),
        (
            status + " folded\r\n\r\n",
            #"header.lineFolded: received " folded"; expected a line that does not begin with a blank (RFC 9112 §2.2, §5.2)"#
        ),
        (
            status + "A: 1\r\nno colon\r\n\r\n",
            #"header.blankBeforeColon: received "no colon"; expected a name without blanks, and the colon (RFC 9112 §5.1)"#
        ),
        (
            status + "A: 1\r\nnocolon\r\n\r\n",
            #"header.colonMissing: received "nocolon"; expected a name, a colon and a value (RFC 9112 §5)"#
        ),
        (
            status + ": 1\r\n\r\n",
            #"header.nameMissing: received ": 1"; expected a name before the colon (RFC 9112 §5)"#
        ),
        (
            status + "A\u{7f}: 1\r\n\r\n",
            #"header.nameInvalid: received "A\x7f: 1"; expected a name, which is a token (RFC 9110 §5.1)"#
        ),
        (
            status + "A: 1\r2\r\n\r\n",
            #"header.bareCR: received "A: 1\r2\r\n"; expected LF after CR (RFC 9112 §2.2)"#
        ),
        (
            status + "Transfer-Encoding: chunked\r\n\r\n5\r\nhelloXY\r\n0\r\n\r\n",
            #"body.chunkDataEndMalformed: received "XY\r\n0\r\n\r\n"; expected CRLF after the data of a chunk (RFC 9112 §7.1)"#
        ),
        (
            status + "Transfer-Encoding: chunked\r\n\r\n5\nhello",
            #"body.chunkLineEndMalformed: received "5\nhello"; expected CRLF at the end of a chunk's first line (RFC 9112 §7.1)"#
        ),
        (
            status + "Transfer-Encoding: chunked\r\n\r\n5;=\r\n",
            #"body.chunkExtensionMalformed: received "5;=\r\n"; expected chunk extensions of the form ;name=value (RFC 9112 §7.1.1)"#
        ),
        (
            status + "Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nA: 1\r\nB\r\n\r\n",
            #"body.trailer.colonMissing: received "B"; expected a name, a colon and a value (RFC 9112 §5)"#
        ),
    ])
    func `a malformed response is shown with what is expected`(bytes: String, text: String) {
        #expect(Self.text(ofResponse: Array(bytes.utf8)) == text)
    }

    private static let line = "GET / HTTP/1.1\r\n"

    @Test(arguments: [
        (
            "nonsense\r\n\r\n",
            #"lineMalformed: received "nonsense\r\n\r\n"; expected a request line such as GET /path HTTP/1.1 (RFC 9112 §3)"#
        ),
        (
            "\u{16}\u{3}\u{1}\u{2}\0\u{1}",
            #"methodInvalid: received "\x16\x03\x01\x02\x00\x01", which looks like TLS on a port without it; expected a method, which is a token (RFC 9110 §9.1)"#
        ),
        (
            "GET /" + String(repeating: "a", count: 100) + "\u{1}b HTTP/1.1\r\n",
            #"targetInvalid: received …"aaaaaaaaaaaaaaaaaaaa\x01b HTTP/1.1\r\n"; expected a target of printable ASCII without blanks and # (RFC 9112 §3.2)"#
        ),
        (
            "GET /" + String(repeating: "a", count: 100) + " HTTP/3.0\r\n",
            #"versionUnsupported: received …"aaaaaaaaaaaaaaaaaaa HTTP/3.0\r\n"; expected HTTP/1.1 or HTTP/1.0 and CRLF (RFC 9112 §2.3)"#
        ),
        (
            line + "\r\n",
            "hostMissing: a request of HTTP/1.1 must have a Host header (RFC 9112 §3.2)"
        ),
        (
            line + "Host: a\r\nhost: b\r\nHost: c\r\n\r\n",
            #"hostRepeated: received "Host: a", "host: b", …; expected one Host header (RFC 9112 §3.2)"#
        ),
        (
            line + "Host: a b\r\n\r\n",
            #"hostInvalid: received "Host: a b"; expected a host with an optional port (RFC 9112 §3.2)"#
        ),
        (
            line + "Host: a\r\nExpect: tea\r\n\r\n",
            #"expectationUnknown: received "Expect: tea"; expected no expectation but 100-continue (RFC 9110 §10.1.1)"#
        ),
        (
            line + "Host: a\nB: c\r\n\r\n",
            #"header.bareLF: received "Host: a\n"; expected CR before LF (RFC 9112 §2.2)"#
        ),
        (
            "\r\n" + line + "Host: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
            #"framing.lengthRepeated: received "Content-Length: 1", "Content-Length: 1"; expected one Content-Length header (RFC 9112 §6.3)"#
        ),
    ])
    func `a malformed request is shown with what is expected`(bytes: String, text: String) {
        #expect(Self.text(ofRequest: Array(bytes.utf8)) == text)
    }

    @Test func `what is shown is bounded, contains the fault, and has no control characters`() {
        for offset in [0, 20, 31, 32, 33, 300] {
            for byte in [0, 7, 0x1b, 0x7f] as [UInt8] {
                var bytes = Array("\(Self.status)Cookie: ".utf8)
                bytes += [UInt8](repeating: 0xe9, count: offset) + [byte]
                bytes += [UInt8](repeating: 0x22, count: 300) + Array("\r\n\r\n".utf8)
                let text = Self.text(ofResponse: bytes)
                let digits = String(byte, radix: 16)
                #expect(text.hasPrefix("header.valueInvalid: received "))
                #expect(text.contains(digits.utf8.count == 1 ? "\\x0\(digits)" : "\\x\(digits)"))
                #expect(text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f })
                // At most forty bytes of four characters each, and the rest of the text.
                #expect(text.utf8.count < 160 + 120)
            }
        }
    }

    @Test func `any cut and any byte changed is explained without control characters`() {
        let whole = Array(
            "\(Self.status)Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\n\r\n"
                .utf8)
        for at in whole.indices {
            for byte in [0, 0x0a, 0x0d, 0x20, 0x3a, 0x80] as [UInt8] {
                var bytes = whole
                bytes[at] = byte
                for text in [
                    Self.text(ofResponse: bytes), Self.text(ofResponse: Array(bytes[...at])),
                    Self.text(ofRequest: bytes),
                ] {
                    #expect(text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f }, "\(text)")
                }
            }
        }
    }
}
