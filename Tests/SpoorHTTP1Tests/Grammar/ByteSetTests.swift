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
    }
}

/// Scanning sixteen bytes at a time finds the same as scanning single bytes.
@Suite struct RunScanTests {
    private func end(
        of bytes: [UInt8], from start: Int, to end: Int,
        _ scan: (SIMD16<UInt8>) -> SIMD16<UInt8>
    ) -> Int {
        bytes.span.endOfRun(from: start, to: end, scan)
    }

    /// Every byte at every index, in texts of every length around one step and two.
    private func expectAgreement(
        _ scan: (SIMD16<UInt8>) -> SIMD16<UInt8>, filler: UInt8, _ ends: (UInt8) -> Bool,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        for count in 1...35 {
            for byte in UInt8.min...UInt8.max {
                for place in Set([0, count / 3, count / 2, count - 1]) {
                    var text = [UInt8](repeating: filler, count: count)
                    text[place] = byte
                    let wanted = ends(byte) ? place : count
                    for start in 0...place
                    where end(of: text, from: start, to: count, scan) != wanted {
                        Issue.record(
                            "\(byte) at \(place) of \(count)", sourceLocation: sourceLocation)
                    }
                    // Bytes after the end do not matter.
                    if end(of: text, from: 0, to: place, scan) != place {
                        Issue.record("\(byte) after \(place)", sourceLocation: sourceLocation)
                    }
                }
            }
        }
    }

    @Test func `finds the end of a word`() {
        for filler in "azAZ-".utf8 {
            expectAgreement(RunScan.endOfWord, filler: filler) {
                !($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A && $0 < 0x80 || $0 == 0x2D)
            }
        }
    }

    @Test func `finds the end of a value`() {
        for filler: UInt8 in [0x20, 0x7E, 0x80, 0xFF] {
            expectAgreement(RunScan.endOfValue, filler: filler) { $0 < 0x20 || $0 == 0x7F }
        }
    }

    @Test func `finds the end of a path`() {
        for filler in "/a~!".utf8 {
            expectAgreement(RunScan.endOfPath, filler: filler) {
                $0 <= 0x20 || $0 >= 0x7F || $0 == 0x23 || $0 == 0x3F
            }
        }
    }

    @Test func `finds the end of a host`() {
        let letters = Set(ByteSetTests.alphanumerics.utf8).union("-.".utf8)
        for filler in "a.-9Z".utf8 {
            expectAgreement(RunScan.endOfHost, filler: filler) { !letters.contains($0) }
        }
    }

    @Test(arguments: [
        "host", "upgrade", "connection", "content-length", "transfer-encoding", "expect",
        "100-continue", "te",
    ])
    func `distinguishes names, ignoring their case`(_ name: String) {
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
