import TestSupport
import Testing

@testable import SpoorText

@Suite struct JSONReaderTests {
    @Test(
        arguments: [
            ("null", .null), (" true ", .bool(true)), ("false\n", .bool(false)),
            ("0", .number(0)), ("-0.5e+1", .number(-5)), ("1E2", .number(100)),
            (#""a\"\\\/\b\f\n\r\tb""#, .string("a\"\\/\u{8}\u{C}\n\r\tb")),
            (#""\u00e9\u20AC\ud83d\ude00é""#, .string("é€😀é")),
            ("[]", .array([])), ("[ 1 , [2] ]", .array([.number(1), .array([.number(2)])])),
            ("{}", .object([:])),
            (
                "{ \"a\" : 1 , \"b\" : { \"c\" : null } }",
                .object(["a": .number(1), "b": .object(["c": .null])])
            ),
            (#"{"a":1,"a":2}"#, .object(["a": .number(2)])),
        ] as [(String, JSONValue)])
    func `the grammar is accepted`(text: String, value: JSONValue) throws {
        #expect(try JSONReader<JSONValue>.read(Array(text.utf8)) == value)
    }

    @Test(
        arguments: [
            "", " ", "nul", "True", "nullx", "1 2", "01", "-", ".5", "5.", "1e", "+1", "1e999",
            "0x1", "NaN", "Infinity", "[", "[1", "[1,]", "[,1]", "[1 2]", "{", "{a:1}", "{\"a\"}",
            "{\"a\":}", "{\"a\":1,}", "{\"a\":1", "\"", "\"a", "\"\\", "\"\\x\"", "\"\\u12\"",
            "\"\\u12g4\"", "\"\\ud83d\"", "\"\\ud83d\\u0041\"", "\"\\ude00\"", "\"a\nb\"", "]", "}",
            "\u{FEFF}1", "//x", "'a'",
        ])
    func `anything outside the grammar is rejected`(text: String) {
        #expect(throws: JSONError.self) { try JSONReader<JSONValue>.read(Array(text.utf8)) }
    }

    @Test func `bytes that are not valid text are rejected`() {
        for bytes in [[0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0xEF]] as [[UInt8]] {
            #expect(throws: JSONError.self) { try JSONReader<JSONValue>.read(bytes) }
        }
    }

    @Test func `deep nesting is rejected`() {
        let deep = [UInt8](repeating: UInt8(ascii: "["), count: 1_000_000)
        #expect(throws: JSONError(offset: 16)) { try JSONReader<JSONValue>.read(deep) }
    }

    @Test func `any bytes are a complete value or rejected at the first invalid offset`() {
        var generator = SeededGenerator()
        let alphabet = Array("{}[]\":,\\u0123eE+-. tfn\u{1}é".utf8)
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...24, using: &generator)
            let bytes = (0..<count).map { _ in
                alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
            }
            do throws(JSONError) {
                let value = try JSONReader<JSONValue>.read(bytes)
                #expect(try JSONReader<JSONValue>.read(bytes + Array(" \n".utf8)) == value)
                #expect(throws: JSONError(offset: bytes.count)) {
                    try JSONReader<JSONValue>.read(bytes + Array("]".utf8))
                }
            } catch {
                #expect((0...bytes.count).contains(error.offset))
            }
        }
    }
}
