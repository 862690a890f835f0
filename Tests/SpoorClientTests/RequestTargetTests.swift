import Testing

@testable import SpoorClient

@Suite struct RequestTargetTests {
    @Test(arguments: [
        ("http://a.example/x?y=1", "a.example", UInt16(80), "a.example", "/x?y=1"),
        ("HTTP://A.Example", "a.example", 80, "a.example", "/"),
        ("http://localhost:8080?q", "localhost", 8080, "localhost:8080", "/?q"),
        ("http://127.0.0.1:80/#top", "127.0.0.1", 80, "127.0.0.1", "/"),
        ("http://[::1]:14268/api/traces", "::1", 14268, "[::1]:14268", "/api/traces"),
        ("http://[2001:DB8::1]/a%20b#c?d", "2001:db8::1", 80, "[2001:db8::1]", "/a%20b"),
        ("http://a/?u=http://b:c@d/", "a", 80, "a", "/?u=http://b:c@d/"),
        // RFC 3986 §3.2.3: a port may be empty.
        ("http://a:/", "a", 80, "a", "/"),
        ("http://[::1]:", "::1", 80, "[::1]", "/"),
        // RFC 6874: the zone is part of the address, and not sent.
        ("http://[fe80::1%25lo]/", "fe80::1%lo", 80, "[fe80::1]", "/"),
        ("http://[FE80::1%25Eth0.1]:8080/x", "fe80::1%Eth0.1", 8080, "[fe80::1]:8080", "/x"),
        ("http://[fe80::1%25a%2Fb]:/", "fe80::1%a/b", 80, "[fe80::1]", "/"),
        // RFC 3986 §3.3, §3.4: characters allowed in neither path nor query are encoded, once.
        (#"http://a/"<>\^{|}`[]"#, "a", 80, "a", "/%22%3C%3E%5C%5E%7B%7C%7D%60%5B%5D"),
        ("http://a?q={x|%7Cy}#{", "a", 80, "a", "/?q=%7Bx%7C%7Cy%7D"),
        (
            "http://a/-._~!$&'()*+,;=:@%aF%25/?/?", "a", 80, "a",
            "/-._~!$&'()*+,;=:@%aF%25/?/?"
        ),
    ])
    func `reads absolute URLs`(
        url: String, name: String, port: UInt16, authority: String, path: String
    ) throws {
        let target = try RequestTarget(url)
        #expect(target.host == RequestTarget.Host(name: name, port: port))
        #expect(target.authority == authority)
        #expect(target.path == path)
    }

    @Test(arguments: [
        "", "/path", "a.example", "http:/a", "http://", "http:///x", "http://:80/", "http://:/",
        "http://a:0/", "http://a:65536/", "http://a:+1/", "http://a:8O/", "http://u@a/",
        "http://u:p@a/", "http://[::1", "http://[]/", "http://[::1]x/", "http://[x]/",
        "http://a b/", "http://a/b c", "http://a/\r\nHost: b", "http://ä/", "http://a\\b/",
        "http://a/\u{7f}", "http://::1/", " http://a/", "http://a/%zz", "http://a/%", "http://a/%4",
        "http://a/?x=%", "http://a/ä", "http://a/\u{0}", "http://[::1::]/", "http://[1]/",
        "http://[fe80::1%lo]/", "http://[fe80::1%25]/", "http://[fe80::1%25l o]/",
        "http://[fe80::1%25%0a]/", "http://[fe80::1%25%2]/", "http://[127.0.0.1]/",
        "http://a%25lo/",
    ])
    func `rejects a text that is not clearly a URL`(url: String) {
        #expect {
            try RequestTarget(url)
        } throws: { error in
            if case .urlInvalid = error as? ClientError { true } else { false }
        }
    }

    @Test(arguments: [
        ("http://münchen/", "xn--"), ("http://a/b c", "%20"), ("http://a/ü", "%C3"),
        ("http://a/50%", "two hex digits"), ("http://[fe80::1%lo]/", "%25"),
    ])
    func `the error contains what to write instead`(url: String, cure: String) {
        #expect(HTTPClient.validationError(ofURL: url)?.description.contains(cure) == true)
    }

    @Test func `a certificate is for the address without its zone`() throws {
        #expect(try RequestTarget("https://[fe80::1%25lo]/").host.certificateName == "fe80::1")
        #expect(try RequestTarget("https://a.example/").host.certificateName == "a.example")
    }

    @Test(arguments: ["wss", "ftp", "unix"])
    func `the error contains the unsupported scheme`(scheme: String) {
        #expect(throws: ClientError.schemeUnsupported(scheme)) {
            try RequestTarget("\(scheme)://a/")
        }
    }
}
