import SpoorHTTP
import Testing

@testable import SpoorHTTP1

@Suite struct KnownHeaderTests {
    private func bits(_ headers: [KnownHeader]) -> UInt64 {
        headers.reduce(0) { $0 | 1 << "\($1.name)".utf8.count }
    }

    @Test func `a request is scanned for every known header`() {
        #expect(KnownHeader.requestNameLengths == bits(KnownHeader.allCases))
    }

    @Test func `a response is scanned for every known header except Host and Expect`() {
        let headers = KnownHeader.allCases.filter { $0 != .host && $0 != .expect }
        #expect(KnownHeader.responseNameLengths == bits(headers))
    }

    @Test(arguments: KnownHeader.allCases)
    func `a line is at most one known header`(_ header: KnownHeader) {
        let name = bytes("\(header.name)".uppercased())
        let line = HeaderSectionScanner.Line(
            nameStart: 0, nameEnd: name.count, valueStart: name.count, valueEnd: name.count)
        for other in KnownHeader.allCases {
            #expect(line.isNamed(other, in: name.span) == (other == header))
        }
    }

    @Test func `a word begins with a text only if every byte is the same`() {
        let text = bytes("POST / H")
        let word = text.span.word(at: 0)
        #expect(LiteralWord("POST ").begins(word))
        #expect(LiteralWord("POST / H").begins(word))
        #expect(LiteralWord("").begins(word))
        for place in 0..<8 {
            var other = text
            other[place] ^= 0x20
            #expect(!LiteralWord("POST / H").begins(other.span.word(at: 0)))
            #expect(LiteralWord("POST ").begins(other.span.word(at: 0)) == (place > 4))
        }
    }
}
