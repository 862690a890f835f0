import HTTPTypes
import SpoorHTTP
import SpoorText
import TestSupport
import Testing

@Suite struct RequestURLTests {
    @Test(arguments: [
        ("http://h:1", "http://h:1/a%2Fb/c?q=x%26y"), ("http://h/", "http://h/a%2Fb/c?q=x%26y"),
        ("http://h/v1/", "http://h/v1/a%2Fb/c?q=x%26y"),
        ("http://h/v1?key=k#top", "http://h/v1/a%2Fb/c?key=k&q=x%26y"),
        ("http://h#t?u", "http://h/a%2Fb/c?q=x%26y"),
    ])
    func `builds the URL of a request from a base, a path and a query`(base: String, url: String) {
        let request = HTTPClientRequest(.get, base, path: URLPath("a/b", "c"), query: ["q": "x&y"])
        #expect(request.url == url)
    }

    @Test func `omits the query if there is none`() {
        #expect(HTTPClientRequest(.get, "http://h", path: URLPath("a")).url == "http://h/a")
        #expect(HTTPClientRequest(.get, "http://h?k", path: URLPath()).url == "http://h/?k")
    }

    @Test func `a request has the items of its query`() {
        #expect(Request.stub(.get, "/a?x=%C3%A9&y").queryItems["x"] == "é")
        #expect(Request.stub(.get, "/a").queryItems.isEmpty)
    }
}
