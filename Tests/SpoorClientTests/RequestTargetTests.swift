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
        "", "/path", "a.example", "http:/a", "http://", "http:///x", "http://:80/", "http://a:/",
        "http://a:0/", "http://a:65536/", "http://a:+1/", "http://a:8O/", "http://u@a/",
        "http://u:p@a/", "http://[::1", "http://[]/", "http://[::1]x/", "http://[x]/",
        "http://a b/", "http://a/b c", "http://a/\r\nHost: b", "http://ä/", "http://a\\b/",
        "http://a/\u{7f}", "http://::1/",
    ])
    func `refuses what is not plainly a URL`(url: String) {
        #expect {
            try RequestTarget(url)
        } throws: { error in
            if case .urlInvalid = error as? ClientError { true } else { false }
        }
    }

    @Test(arguments: ["wss", "ftp", "unix"])
    func `says which scheme it does not speak`(scheme: String) {
        #expect(throws: ClientError.schemeUnsupported(scheme)) {
            try RequestTarget("\(scheme)://a/")
        }
    }
}
