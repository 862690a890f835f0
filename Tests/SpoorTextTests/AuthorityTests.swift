import SpoorText
import Testing

@Suite struct AuthorityTests {
    @Test(
        arguments: [
            ("a.example", "a.example", nil, nil, .name), ("a:80", "a", 80, nil, .name),
            ("ann:pw@a:80", "a", 80, "ann:pw", .name), ("x@y@a", "a", nil, "x@y", .name),
            ("192.0.2.7:1", "192.0.2.7", 1, nil, .ipv4),
            ("1.2.3.256", "1.2.3.256", nil, nil, .name),
            ("[::1]:443", "::1", 443, nil, .ipv6), ("[::1]", "::1", nil, nil, .ipv6),
            ("[", "", nil, nil, .ipv6), ("[::1", "::1", nil, nil, .ipv6), ("", "", nil, nil, .name),
            ("a:99999", "a", nil, nil, .name), ("a:+1", "a", nil, nil, .name),
            ("a:", "a", nil, nil, .name),
            (":80", "", 80, nil, .name),
        ] as [(String, String, UInt16?, String?, Authority.Form)])
    func `an authority has a host and an optional port`(
        text: String, host: String, port: UInt16?, userInfo: String?, form: Authority.Form
    ) {
        let authority = Authority(text[...])
        #expect(authority.host == host)
        #expect(authority.port == port)
        #expect(authority.userInfo.map(String.init) == userInfo)
        #expect(authority.form == form)
    }

    @Test(arguments: [
        ("[::1]x:80", true, "x:80"), ("[::1", false, ""), ("[", false, ""), ("[]", true, ""),
        ("a:b:c", true, ":b:c"), ("a", true, ""), ("a:", true, ":"),
    ])
    func `malformed authorities are split, not rejected`(text: String, isClosed: Bool, rest: String)
    {
        let authority = Authority(text[...])
        #expect(authority.isClosed == isClosed)
        #expect(authority.afterHost == rest)
    }
}

@Suite struct URLPartsTests {
    @Test func `a URL is split at its delimiters`() throws {
        let url = try #require(URLParts("HTTP://me@h:1/a;b/c@d?e?f#g?h"))
        #expect(url.scheme == "HTTP")
        #expect(url.authority.userInfo == "me" && url.authority.host == "h")
        #expect(url.authority.port == 1)
        #expect(url.path == "/a;b/c@d" && url.query == "e?f" && url.pathAndQuery == "/a;b/c@d?e?f")
    }

    @Test(
        arguments: [
            ("http://h", "", nil), ("http://h#a/b?c", "", nil), ("http://h?a/b#c", "", "a/b"),
            ("http://h/?", "/", ""), ("x://", "", nil), ("http://h/a://b", "/a://b", nil),
        ] as [(String, String, String?)])
    func `each part ends where the next begins`(text: String, path: String, query: String?) throws {
        let url = try #require(URLParts(text))
        #expect(url.path == path)
        #expect(url.query.map(String.init) == query)
    }

    @Test(arguments: ["", "h", "/a", "http:h", "http:/h", "//h", "a b"])
    func `a text without scheme and authority is rejected`(text: String) {
        #expect(URLParts(text) == nil)
    }
}
