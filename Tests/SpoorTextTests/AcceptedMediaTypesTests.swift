import SpoorText
import Testing

@Suite struct AcceptedMediaTypesTests {
    private static let csv = MediaType("text/csv")
    private static let candidates: [MediaType] = [.json, .html, .plainText]

    @Test(
        arguments: [
            (nil, "application/json"),
            ("", "application/json"),
            ("*/*", "application/json"),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
            ("text/*;q=0.5, application/json;q=0.4", "text/html"),
            ("text/plain", "text/plain"),
            ("TEXT/PLAIN ; Q=0.2", "text/plain"),
            ("text/html;q=0, text/*", "text/plain"),
            ("text/*, text/html;q=0", "text/plain"),
            ("application/json;q=0.001, text/html;q=0.002", "text/html"),
            ("text/html;level=\"a,b;q=0\";q=0.3, text/plain;q=0.2", "text/html"),
            ("image/png", nil),
            ("*/*;q=0", nil),
            // Elements that are not media ranges are ignored.
            (
                "text, */html, text/html;q=2, ,;, text/plain;q=.5, application/json;q=0.1",
                "application/json"
            ),
            ("text/html;q=0.1234, text/plain;q=1.001, application/json;q=0.1", "text/html"),
            ("text/html;q=0.0001, application/json;q=0.00", "text/html"),
            ("text/html;q=0.12x4, application/json;q=0.1", "application/json"),
            ("text/html;q=1.0000, application/json;q=0.9999", "text/html"),
            ("\"text/html\", text/plain", "text/plain"),
            // Extensions after the quality may have no value.
            ("text/html;q=0.5;ext, text/plain;q=0.4", "text/html"),
            ("text/html;q=0.3;a=\"b,c\";d, text/plain;q=0.4", "text/plain"),
            // A parameter that the candidate does not have is ignored, unless the quality is 0.
            ("application/json;charset=utf-8, text/html;q=0.9", "application/json"),
            ("application/json; version=1", "application/json"),
            ("application/json;version=1;q=0.2, text/html;q=0.1", "application/json"),
            ("application/json;version=1;q=0, */*", "application/json"),
            ("text/html;charset=iso-8859-1", nil),
            ("text/html;ext, text/plain;q=0.1", "text/plain"),
        ] as [(String?, String?)])
    func `the most preferred candidate is chosen`(accept: String?, expected: String?) {
        let accepted = AcceptedMediaTypes(accept)
        #expect(accepted.preferred(among: Self.candidates)?.essence == expected)
    }

    @Test func `a more specific range takes precedence`() {
        let accepted = AcceptedMediaTypes(
            "text/*;q=0.3, text/html;q=0.7, text/html;level=1, text/html;level=2;q=0.4, */*;q=0.5")
        // The example of RFC 9110 §12.5.1.
        let cases = [
            ("text/html;level=1", 1000), ("text/html", 700), ("text/plain", 300),
            ("image/jpeg", 500), ("text/html;level=2", 400), ("text/html;level=3", 700),
        ]
        for (type, quality) in cases {
            #expect(MediaType(type).map(accepted.quality) == quality, "\(type)")
        }
    }

    @Test func `no cut of a header and no changed byte is a fault`() {
        let whole = Array("text/html;a=\"b\\\"c,d\";q=0.5 , application/*;q=0.1,*/*".utf8)
        for end in 0...whole.count {
            let accepted = AcceptedMediaTypes(String(decoding: whole[..<end], as: UTF8.self))
            #expect(accepted.elements.count <= 3)
            #expect(accepted.elements.allSatisfy { (0...1000).contains($0.quality) })
        }
        for index in whole.indices {
            for byte in [0, 0x20, 0x22, 0x2C, 0x2F, 0x3B, 0x3D, 0x5C, 0x7F, 0xFF] as [UInt8] {
                var changed = whole
                changed[index] = byte
                let accepted = AcceptedMediaTypes(String(decoding: changed, as: UTF8.self))
                #expect(accepted.elements.count <= 4)
            }
        }
    }

    @Test func `a type is JSON by its name or its suffix`() {
        #expect(MediaType("application/json; charset=utf-8")?.isJSON == true)
        #expect(MediaType("application/vnd.api+json")?.isJSON == true)
        #expect(MediaType("application/jsonp")?.isJSON == false)
        #expect(MediaType("text/json")?.isJSON == false)
        #expect("\(MediaType.html)" == "text/html; charset=utf-8")
    }
}
