import SpoorText
import Testing

@Suite struct MediaTypeTests {
    @Test(arguments: [
        ("text/html", "text/html"), ("Text/HTML ; Charset=UTF-8", "text/html; charset=UTF-8"),
        ("text/html;charset=\"utf-8\"", "text/html; charset=utf-8"),
        ("  application/json\t", "application/json"), ("a/b;;c=d; ", "a/b; c=d"),
        ("multipart/form-data; boundary=\"a b\"", "multipart/form-data; boundary=\"a b\""),
        ("a/b;c=\"x\\\"y;z\"", "a/b; c=\"x\\\"y;z\""), ("a/b;c=\"\"", "a/b; c=\"\""),
        ("application/problem+json", "application/problem+json"), ("*/*", "*/*"),
        ("a/b;c=\"é\"", "a/b; c=\"é\""),
    ])
    func `is parsed and written`(text: String, written: String) throws {
        let type = try #require(MediaType(text))
        #expect(type.description == written)
        #expect(MediaType(written) == type)
    }

    @Test(arguments: [
        "", "text", "text/", "/html", "text/html/x", "text html", "text/html,a/b", "a/b;c",
        "a/b;c=", "a/b;c =d", "a/b;c= d", "a/b;c=\"d", "a/b;c=\"d\\", "a/b x", "a/b;c=d e", "é/b",
        "a/b;c=\"d\"e", "a /b",
    ])
    func `a text that is not a media type is rejected`(text: String) {
        #expect(MediaType(text) == nil)
    }

    @Test func `parameters are found case-insensitively, the first of a name`() throws {
        let type = try #require(MediaType("Text/Plain; Charset=a; charset=b"))
        #expect(type.essence == "text/plain")
        #expect(type["CHARSET"] == "a" && type["boundary"] == nil)
        #expect(MediaType.essence(of: " Text/Plain ;x=a/b") == "text/plain")
        #expect(MediaType.essence(of: " ; x") == nil)
        #expect(type.parameters.map(\.value) == ["a", "b"])
    }
}
