import SpoorText
import Testing

@Suite struct LineSplitterTests {
    /// Returns the lines of a text that is fed in pieces; nil at the end if a line is too long.
    private func lines(_ pieces: [[UInt8]], maxBytes: Int) -> [String?] {
        var splitter = LineSplitter(maxBytes: maxBytes)
        var lines: [String?] = []
        var rest = pieces[...]
        do throws(LineSplitter.TooLong) {
            while true {
                switch try splitter.next() {
                case .line(let line): lines.append(String(decoding: line, as: UTF8.self))
                case .needsInput:
                    if let piece = rest.popFirst() {
                        splitter.feed(piece)
                    } else {
                        splitter.finish()
                    }
                case .ended:
                    #expect(splitter.lineCount == lines.count)
                    return lines
                }
            }
        } catch {
            lines.append(nil)
            #expect(splitter.lineCount == lines.count)
            #expect((try? splitter.next()) == .ended)
            return lines
        }
    }

    private static let cases: [(text: String, lines: [String?])] = [
        ("", []), ("\n", [""]), ("\n\n", ["", ""]), ("a", ["a"]), ("a\n", ["a"]),
        ("a\nb", ["a", "b"]), ("a\r\nb\r\n", ["a\r", "b\r"]), ("a\n\nb", ["a", "", "b"]),
        ("abcdef", ["abcdef"]), ("abcdef\n", ["abcdef"]), ("é€\nabcdef\n", ["é€", "abcdef"]),
        ("abcdefg", [nil]), ("abcdefg\n", [nil]), ("a\nabcdefghijk\nb", ["a", nil]),
        ("a\rb\n", ["a\rb"]), ("\0\n", ["\0"]),
    ]

    @Test(arguments: cases)
    func `lines end with LF, whole, byte by byte and at every cut`(
        text: String, expected: [String?]
    ) {
        let bytes = Array(text.utf8)
        #expect(lines([bytes], maxBytes: 6) == expected)
        #expect(lines(bytes.map { [$0] }, maxBytes: 6) == expected)
        for cut in 0...bytes.count {
            #expect(lines([Array(bytes[..<cut]), Array(bytes[cut...])], maxBytes: 6) == expected)
        }
    }

    @Test func `a line without an end is rejected before it is complete`() {
        var splitter = LineSplitter(maxBytes: 4)
        splitter.feed(Array("abcd".utf8))
        #expect((try? splitter.next()) == .needsInput)
        splitter.feed([0x65])
        #expect(throws: LineSplitter.TooLong.self) { try splitter.next() }
    }

    @Test func `many short lines in small pieces need linear time`() {
        let bytes = Array(String(repeating: "12345\n", count: 20_000).utf8)
        let pieces = stride(from: 0, to: bytes.count, by: 7).map {
            Array(bytes[$0..<min($0 + 7, bytes.count)])
        }
        #expect(lines(pieces, maxBytes: 100).count == 20_000)
    }
}
