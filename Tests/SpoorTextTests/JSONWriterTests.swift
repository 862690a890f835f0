import SpoorText
import Testing

@Suite struct JSONWriterTests {
    private func written(_ write: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        write(&writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test(arguments: [
        ("", #""""#), ("plain é 漢", #""plain é 漢""#), ("\"\\/", #""\"\\/""#),
        ("\n\r\t", #""\n\r\t""#), ("\u{0}\u{1f}\u{7f}", "\"\\u0000\\u001f\u{7f}\""),
    ])
    func `texts are escaped as RFC 8259 requires`(text: String, json: String) {
        #expect(written { $0.string(text) } == json)
    }

    @Test func `commas are written only between values`() {
        let json = written { writer in
            writer.object { writer in
                writer.key("a")
                writer.array { _ in }
                writer.key("b")
                writer.array(of: [1, 2]) { $0.integer($1) }
                writer.key("c")
                writer.object { writer in
                    writer.key("d")
                    writer.null()
                }
                writer.key("e")
                writer.array(of: [true, false]) { writer, value in
                    writer.array { $0.bool(value) }
                }
            }
        }
        #expect(json == #"{"a":[],"b":[1,2],"c":{"d":null},"e":[[true],[false]]}"#)
    }
}
