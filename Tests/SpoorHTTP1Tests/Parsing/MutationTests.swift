import HTTPTypes
import SpoorHTTP
import TestSupport
import Testing

@testable import SpoorHTTP1

/// Arbitrary bytes are accepted or rejected as a fault of the peer, never trap, and give the same result in pieces.
@Suite struct MutationTests {
    static let seeds = [
        "GET / HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n",
        "POST /echo?q=1 HTTP/1.1\r\nHost: example.com:80\r\nContent-Length: 5\r\n\r\nhello"
            + "GET /next HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "PUT /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n"
            + "5;a=\"b\\\"\"\r\nhello\r\n1f\r\n0123456789012345678901234567890\r\n0\r\nX: y\r\n\r\n"
            + "OPTIONS * HTTP/1.0\r\n\r\n",
        "CONNECT [::1]:443 HTTP/1.1\r\nHost: [::1]\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        "GET http://a.b/c?d HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
    ]
    static let responses = [
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "5;a\r\nhello\r\n0\r\nX: y\r\n\r\nHTTP/1.0 404 Not Found\r\n\r\nuntil the end",
    ]
    static let grains = [
        "\r\n", "\r", "\n", "\0", " ", "\t", ":", ",", ";", "=", "\"", "0", "f", "\u{7F}", "é",
        "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n", "Host: a\r\n", "\r\n\r\n",
        "HTTP/1.1", "7fffffffffffffff", "99999999999999999999", "/", "#", "?", "*", "chunked",
    ]

    private func mutate(_ bytes: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            guard !bytes.isEmpty else { break }
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
            case 3:
                bytes.insert(
                    contentsOf: (Self.grains.randomElement(using: &random) ?? "").utf8, at: place)
            case 4:
                let end = Int.random(in: place...min(bytes.count, place + 20), using: &random)
                bytes.insert(contentsOf: bytes[place..<end], at: place)
            default:
                let end = Int.random(in: place...min(bytes.count, place + 20), using: &random)
                bytes.removeSubrange(place..<end)
            }
        }
        return bytes
    }

    static let limits = HTTP1Limits(
        startLine: 60, head: 150, headers: 5, body: 40, chunkExtensions: 10, trailer: 20)

    @Test(arguments: 0..<8)
    func `accepts or rejects any request bytes, in one piece or several`(_ seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        for round in 0..<3000 {
            let input = mutate(bytes(Self.seeds[round % Self.seeds.count]), &random)
            let limits = round % 3 == 0 ? Self.limits : HTTP1Limits()
            let whole = RequestTranscript(input, limits: limits)
            let count = Int.random(in: 1...9, using: &random)
            if RequestTranscript(input, .pieces(of: count), limits: limits) != whole {
                Issue.record("pieces of \(count): \(String(decoding: input, as: UTF8.self))")
            }
        }
    }

    @Test(arguments: 0..<4)
    func `accepts or rejects any response bytes, in one piece or several`(_ seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        for round in 0..<3000 {
            let input = mutate(bytes(Self.responses[round % Self.responses.count]), &random)
            let limits = round % 3 == 0 ? Self.limits : HTTP1Limits()
            let whole = ResponseTranscript(input, to: [.get, .get], limits: limits)
            let count = Int.random(in: 1...9, using: &random)
            if ResponseTranscript(input, to: [.get, .get], .pieces(of: count), limits: limits)
                != whole
            {
                Issue.record("pieces of \(count): \(String(decoding: input, as: UTF8.self))")
            }
        }
    }

    @Test func `parses random bytes without a trap`() {
        var random = SeededGenerator(seed: 1)
        for _ in 0..<2000 {
            let count = Int.random(in: 0...64, using: &random)
            let noise = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            #expect(RequestTranscript(noise) == RequestTranscript(noise, .bytewise))
            #expect(ResponseTranscript(noise) == ResponseTranscript(noise, to: [.get], .bytewise))
        }
    }
}
