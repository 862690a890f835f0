import HTTPTypes
import SpoorHTTP
import SpoorText
import Testing

@Suite struct RedirectTests {
    @Test(arguments: [
        (RedirectStatus.movedPermanently, 301), (.found, 302), (.seeOther, 303),
        (.temporaryRedirect, 307), (.permanentRedirect, 308),
    ])
    func `a redirect has a status and a location`(status: RedirectStatus, code: Int) throws {
        let response = Response.redirect(to: URLPath("a b", "é"), query: ["x": "1&2"], status)
        #expect(response.status.code == code)
        #expect(response.headers == [.location: "/a%20b/%C3%A9?x=1%262"])
        #expect(try Response.redirect(to: "/", status).status.code == code)
        #expect(RedirectStatus.allCases.count == 5)
    }

    // P022
    @Test(arguments: [
        ([], "/"), (["a", ""], "/a/"), (["", "evil.example"], "/.//evil.example"),
        (["\\evil.example"], "/%5Cevil.example"), (["/evil.example"], "/%2Fevil.example"),
    ])
    func `a path never leads to another host`(segments: [String], location: String) {
        let response = Response.redirect(to: URLPath(segments: segments))
        #expect(response.headers[.location] == location)
    }

    @Test(arguments: [
        ("https://shop.example/a?b=c#d", "https://shop.example/a?b=c#d"),
        ("https://shop.example:8443", "https://shop.example:8443"),
        ("http://[::1]:80/", "http://[::1]:80/"),
        ("/orders?next=/x", "/orders?next=/x"), ("orders/7", "orders/7"), ("?page=2", "?page=2"),
        ("/a b/é\"<>", "/a%20b/%C3%A9%22%3C%3E"), ("/50%", "/50%25"), ("/%2F", "/%2F"),
        ("app.example+x:callback", "app.example+x:callback"), ("/a:b", "/a:b"),
        (" /a", "%20/a"),
    ])
    func `a target is sent as a reference`(target: String, location: String) throws {
        #expect(try Response.redirect(to: target).headers[.location] == location)
    }

    // P083
    @Test(arguments: [
        "", "//evil.example", "/\\evil.example", "\\\\evil.example",
        "http://good.example\\@evil.example/",
        "https://good.example@evil.example/", "/a\r\nSet-Cookie: x", "/\t/evil.example", "/a\u{7F}",
        "http:evil.example", "http:/evil.example", "https:///evil.example", "https://a:b/",
        "http://[::1/", "javascript:alert(1)", "JavaScript:x", "data:text/html,x", "1a:b",
        " http://x",
        "http://a:80:80/",
    ])
    func `a target that could lead elsewhere is an error`(target: String) {
        let error = #expect(throws: RedirectError.self) { try Response.redirect(to: target) }
        #expect(error?.target == target)
    }

    @Test(arguments: [
        ("/", "/"), ("/orders?page=2#top", "/orders?page=2#top"), ("/a/../b", "/a/../b"),
        ("/login@x:1", "/login@x:1"), ("/é", "/%C3%A9"),
    ])
    func `a local target is a path`(target: String, location: String) throws {
        #expect(try Response.redirect(toLocal: target).headers[.location] == location)
    }

    @Test(arguments: [
        "", "orders", "//evil.example", "/\\evil.example", "/\t/evil.example",
        "https://evil.example/",
        "/\u{0}", "\\/evil.example", "javascript:x", " /a", "?a", "/a\n",
    ])
    func `any other local target is a bad request`(target: String) throws {
        let problem = #expect(throws: Problem.self) { try Response.redirect(toLocal: target) }
        #expect(problem?.status == .badRequest)
    }

    @Test func `a response is empty, or an attachment`() {
        #expect(Response.empty().status == .noContent)
        #expect(Response.empty(.accepted, headers: [.eTag: "\"a\""]).headers.count == 1)
        let file = Response(text: "a;b", contentType: "text/csv").attachment(named: "März.csv")
        #expect(
            file.headers[.contentDisposition]
                == "attachment; filename=\"M_rz.csv\"; filename*=UTF-8''M%C3%A4rz.csv")
        #expect(file.contentType == "text/csv")
    }
}
