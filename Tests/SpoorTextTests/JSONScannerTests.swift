import TestSupport
import Testing

@testable import SpoorText

@Suite struct JSONScannerTests {
    private static let limits = JSONScanner.Limits(maxDepth: 8, maxMembers: 6)

    private func fault(_ text: String) -> JSONScanner.Fault? { fault(Array(text.utf8)) }

    private func fault(_ bytes: [UInt8]) -> JSONScanner.Fault? {
        do throws(JSONScanner.Fault) {
            try JSONScanner.check(bytes.span, limits: Self.limits)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [
        "null", " true ", "false\n", "0", "-0.5e+1", "1E2", "1e999", #""a\"\\\/\b\f\n\r\tb""#,
        #""\u00e9\u20AC\ud83d\ude00é""#, "[]", "[ 1 , [2] ]", "{}", "[{},[]]", #"{"":{"":""}}"#,
        "{ \"a\" : 1 , \"b\" : { \"c\" : null } }", "[[[[[[[[]]]]]]]]", "\r\n\t 1 \t",
    ])
    func `the grammar is accepted`(text: String) {
        #expect(fault(text) == nil)
    }

    @Test(
        arguments: [
            ("", .incomplete, 0, ""), (" ", .incomplete, 1, ""), ("nul", .incomplete, 3, ""),
            ("True", .expected("a value"), 0, ""), ("1 2", .trailingBytes, 2, ""),
            ("01", .trailingBytes, 1, ""), ("-", .incomplete, 1, ""),
            (".5", .expected("a value"), 0, ""),
            ("5.", .incomplete, 2, ""), ("1e", .incomplete, 2, ""),
            ("5.x", .expected("a digit"), 2, ""),
            ("[1,]", .expected("a value"), 3, "/1"), ("[1 2]", .expected("a comma or ]"), 3, "/0"),
            ("[,1]", .expected("a value"), 1, "/0"), ("[1", .incomplete, 2, "/0"),
            ("{a:1}", .expected("a member name in quotes"), 1, ""),
            (#"{"a"}"#, .expected("a colon"), 4, "/a"), (#"{"a":}"#, .expected("a value"), 5, "/a"),
            (#"{"a":1,}"#, .expected("a member name in quotes"), 7, "/a"),
            (#"{"a":1 "b":2}"#, .expected("a comma or }"), 7, "/a"),
            (#"{"a/b":[0,{"~c":[1,x]}]}"#, .expected("a value"), 19, "/a~1b/1/~0c/1"),
            ("\"a", .incomplete, 2, ""),
            ("\"a\nb\"", .expected("an escaped control character"), 2, ""),
            (#""\x""#, .expected("an escape of RFC 8259"), 2, ""),
            (#""\u12g4""#, .expected("four hexadecimal digits"), 5, ""),
            (#""\ud83d""#, .expected("a low surrogate"), 7, ""),
            (#""\ud83d\u0041""#, .expected("a low surrogate"), 13, ""),
            (#""\ude00""#, .expected("a high surrogate first"), 7, ""),
            ("[[[[[[[[[", .tooDeep, 8, "/0/0/0/0/0/0/0/0"),
            (#"{"1":{"2":1,"3":1,"4":[{"5":1,"6":1,"7":1}]}}"#, .tooManyMembers, 36, "/1/4/0/6"),
            ("\u{FEFF}1", .expected("a value"), 0, ""), ("NaN", .expected("a value"), 0, ""),
        ] as [(String, JSONScanner.Reason, Int, String)])
    func `a fault has a reason, a place and a pointer`(
        text: String, reason: JSONScanner.Reason, offset: Int, pointer: String
    ) {
        #expect(fault(text) == JSONScanner.Fault(reason: reason, offset: offset, pointer: pointer))
    }

    @Test func `a million brackets do not overflow the stack`() {
        #expect(fault([UInt8](repeating: UInt8(ascii: "["), count: 1_000_000))?.reason == .tooDeep)
    }

    @Test func `bytes that are not text are rejected`() {
        for bytes in [[0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22]] as [[UInt8]] {
            #expect(
                fault(bytes) == JSONScanner.Fault(reason: .invalidUTF8, offset: 1, pointer: ""))
        }
        #expect(fault([0xEF])?.reason == .expected("a value"))
    }

    /// The scanner and the reader have the same grammar, except for numbers without a finite `Double`.
    @Test func `it accepts what the reader accepts`() {
        var generator = SeededGenerator()
        let alphabet = Array("{}[]\":,\\u0123eE+-. tfn\u{1}é".utf8)
        let wide = JSONScanner.Limits(maxDepth: 16, maxMembers: 1000)
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...24, using: &generator)
            let bytes = (0..<count).map { _ in
                alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
            }
            let isRead = (try? JSONReader<JSONValue>.read(bytes)) != nil
            let isAccepted = (try? JSONScanner.check(bytes.span, limits: wide)) != nil
            #expect(!isRead || isAccepted, "\(String(decoding: bytes, as: UTF8.self))")
            if isAccepted, !isRead {
                #expect(bytes.contains { $0 | 0x20 == UInt8(ascii: "e") })
            }
        }
    }

    @Test func `every cut and every changed byte of a text is accepted or has a place in it`() {
        let whole = Array(#"{"a":[1,-2.5e3,{"b\u00e9":null}],"c":"\ud83d\ude00é","d":true}"#.utf8)
        #expect(fault(whole) == nil)
        for end in 0..<whole.count {
            let cut = fault(Array(whole[..<end]))
            #expect(cut.map { $0.offset <= end } == true)
        }
        for index in whole.indices {
            for byte in [0, 0x09, 0x22, 0x2C, 0x3A, 0x5B, 0x5C, 0x5D, 0x7B, 0x7D, 0xFF] as [UInt8] {
                var changed = whole
                changed[index] = byte
                if let fault = fault(changed) { #expect(fault.offset <= changed.count) }
            }
        }
    }
}
