import SpoorText
import Testing

@Suite struct PercentEncodingTests {
    @Test(arguments: [
        ("7?admin=1", "7%3Fadmin%3D1"), ("a/b", "a%2Fb"), ("#", "%23"), ("a b", "a%20b"),
        ("\0", "%00"), ("100%", "100%25"), ("%2F", "%252F"), ("", ""), ("é", "%C3%A9"),
        (".", "%2E"), ("..", "%2E%2E"), ("...", "..."), ("a.b", "a.b"), ("a+b;c", "a%2Bb%3Bc"),
        ("\\", "%5C"), ("//evil", "%2F%2Fevil"), ("a:b@c", "a:b@c"), ("\r\n", "%0D%0A"),
        ("\"<>^`{|}'", "%22%3C%3E%5E%60%7B%7C%7D%27"),
    ])
    func `encodes a segment so that it stays a single segment`(text: String, encoded: String) {
        #expect(PercentEncoding.pathSegment.encode(text) == encoded)
    }

    @Test(arguments: [
        (PercentEncoding.queryItem, "a&b=c+d#e f", "a%26b%3Dc%2Bd%23e%20f"),
        (.queryItem, "a/b?c:d", "a/b?c:d"), (.fragment, "a#b?c/d", "a%23b?c/d"),
        (.userInfo, "me:p@ss/word", "me%3Ap%40ss%2Fword"),
    ])
    func `encodes what would end each component`(
        component: PercentEncoding, text: String, encoded: String
    ) {
        #expect(component.encode(text) == encoded)
    }

    @Test func `every byte is decoded to itself, and only visible URL characters are produced`() {
        let legal = Set("-._~:@!$&()*,=/?%".utf8)
        for component in PercentEncoding.allCases {
            for byte in UInt8.min...UInt8.max {
                let encoded = component.encode([0x61, byte])
                #expect(PercentEncoding.decode(encoded) == [0x61, byte])
                #expect(
                    encoded.utf8.allSatisfy {
                        legal.contains($0) || $0 &- 0x30 < 10 || ($0 | 0x20) &- 0x61 < 26
                    })
            }
        }
    }

    @Test func `a plus is a space only in forms`() {
        #expect(PercentEncoding.decodedText("a+b%2Bc".utf8, plus: .isSpace) == "a b+c")
        #expect(PercentEncoding.decodedText("a+b%2Bc".utf8) == "a+b+c")
        #expect(PercentEncoding.decode("+%20+".utf8, plus: .isSpace) == [0x20, 0x20, 0x20])
        #expect(PercentEncoding.unreserved.encode("a+b c/~") == "a%2Bb%20c%2F~")
    }

    @Test func `keeps a percent sign that does not begin an escape`() {
        #expect(PercentEncoding.decode("%zz%4") == Array("%zz%4".utf8))
        for text in ["", "a", "%20", "%2fa%2F", "é%C3%A9"] {
            let isValid = PercentEncoding.isWellFormed(Array(text.utf8).span)
            #expect(isValid, "\(text)")
        }
        for text in ["%", "a%", "%2", "%zz", "%2g", "%g2", "%%20", "%20%", "%2%20"] {
            let isValid = PercentEncoding.isWellFormed(Array(text.utf8).span)
            #expect(!isValid, "\(text)")
        }
        #expect(PercentEncoding.decode("a+b") == Array("a+b".utf8))
    }
}

@Suite struct URLPathTests {
    @Test func `has as many segments as were passed`() {
        #expect(URLPath().description == "/")
        #expect(URLPath("catalog", "7?admin=1").description == "/catalog/7%3Fadmin%3D1")
        #expect(URLPath("a/b", "", "..").description == "/a%2Fb//%2E%2E")
        #expect(URLPath("a", "").description == "/a/")
        #expect(URLPath(segments: ["a", "b"]) == URLPath("a").appending("b"))
        var path = URLPath("files")
        path.append(bytes: [0x72, 0xE9])
        #expect(path.description == "/files/r%E9")
    }
}

@Suite struct URLQueryTests {
    @Test func `is written and parsed symmetrically`() {
        var query: URLQuery = ["q": "tea & biscuits", "page": "2", "q": "a+b=c#d"]
        query.append("raw", bytes: [0xE9, 0x00])
        #expect(
            query.description
                == "q=tea%20%26%20biscuits&page=2&q=a%2Bb%3Dc%23d&raw=%E9%00")
        let read = URLQuery(encoded: query.description)
        #expect(read == query && read.count == 4 && !read.isEmpty)
        #expect(read["q"] == "tea & biscuits" && read["page"] == "2" && read["none"] == nil)
        #expect(read.values(of: "q") == ["tea & biscuits", "a+b=c#d"])
        #expect(read["raw"] == "\u{FFFD}\0" && read[bytes: "raw"] == [0xE9, 0x00])
    }

    @Test func `parses form encoding`() {
        let query = URLQuery(encoded: "a=1+2&b&&c=%2B&=d&e==&%C3%A9=f&g=%")
        #expect(query["a"] == "1 2" && query["b"] == "" && query["c"] == "+" && query[""] == "d")
        #expect(query["e"] == "=" && query["é"] == "f" && query["g"] == "%" && query.count == 7)
        #expect(URLQuery(encoded: "").isEmpty)
    }

    @Test func `replaces and removes items`() {
        var query: URLQuery = ["a": "1", "b": "2", "a": "3"]
        query["a"] = "4"
        #expect(query.description == "b=2&a=4")
        query["a"] = nil
        query[bytes: "b"] = [0xFF]
        #expect(query.description == "b=%FF")
    }
}
