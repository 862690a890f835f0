import Testing

@testable import SpoorHTTP1

@Suite struct ByteSetTests {
    static let alphanumerics = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

    private func members(_ set: ByteSet) -> Set<UInt8> {
        Set((0...255).filter { set.contains($0) })
    }

    @Test func `has the bytes of a token`() {
        #expect(members(.token) == Set(("!#$%&'*+-.^_`|~" + Self.alphanumerics).utf8))
    }

    @Test func `has the bytes of a target`() {
        #expect(members(.target) == Set((0x21...0x7E).filter { $0 != 0x23 }))
    }

    @Test func `has the bytes of a host`() {
        #expect(members(.hostName) == Set(("-._~%!$&'()*+;=" + Self.alphanumerics).utf8))
        #expect(members(.addressLiteral) == Set("0123456789abcdefABCDEFvV:.".utf8))
    }
}

/// Eight bytes at once find what one at a time would find.
@Suite struct WordScanTests {
    private func expectAgreement(
        _ scan: (UInt64) -> UInt64, _ rule: (UInt8) -> Bool,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        for byte in UInt8.min...UInt8.max {
            for place in 0..<8 {
                for other in [UInt8(ascii: "a"), 0x7A, 0x41, 0x2D, byte] {
                    for behind in [UInt8(0), 0x7F, 0x80, 0xFF, 0x61] {
                        var word = [UInt8](repeating: other, count: 8)
                        word[place] = byte
                        if place < 7 { word[place + 1] = behind }
                        let found = scan(word.span.word(at: 0))
                        let index = found == 0 ? nil : WordScan.index(found)
                        if index != word.firstIndex(where: rule) {
                            Issue.record("\(word)", sourceLocation: sourceLocation)
                        }
                    }
                }
            }
        }
    }

    @Test func `finds the end of a word`() {
        expectAgreement(WordScan.endOfWord) {
            !($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A && $0 < 0x80 || $0 == 0x2D)
        }
    }

    @Test func `finds the end of a value`() {
        expectAgreement(WordScan.endOfValue) { $0 < 0x20 || $0 == 0x7F }
    }

    @Test func `finds the end of a path`() {
        expectAgreement(WordScan.endOfPath) {
            $0 <= 0x20 || $0 >= 0x7F || $0 == 0x23 || $0 == 0x3F
        }
    }

    @Test(arguments: [
        "host", "upgrade", "connection", "content-length", "transfer-encoding", "expect",
        "100-continue", "te",
    ])
    func `tells names apart but for their case`(_ name: String) {
        let literal: StaticString =
            switch name {
            case "host": "host"
            case "upgrade": "upgrade"
            case "connection": "connection"
            case "content-length": "content-length"
            case "transfer-encoding": "transfer-encoding"
            case "expect": "expect"
            case "100-continue": "100-continue"
            default: "te"
            }
        #expect(isToken(literal, in: bytes(name)))
        #expect(isToken(literal, in: bytes("xx" + name.uppercased()), at: 2))
        #expect(!isToken(literal, in: bytes(String(name.dropLast()))))
        for place in 0..<name.utf8.count {
            for byte in UInt8.min...UInt8.max where ByteSet.token.contains(byte) {
                var other = bytes(name)
                guard other[place] != byte, other[place] ^ 0x20 != byte else { continue }
                other[place] = byte
                #expect(!isToken(literal, in: other))
            }
        }
    }
}
