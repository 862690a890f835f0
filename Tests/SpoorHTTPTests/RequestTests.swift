import HTTPTypes
import Testing

@testable import SpoorHTTP

@Suite struct RequestTests {
    /// Returns a request as a parser would fill it.
    private func request(
        _ method: String, _ target: String, form: Request.TargetForm = .origin,
        known: KnownMethod? = nil, path: String, query: String? = nil, authority: String? = nil,
        headers: [(String, String)] = []
    ) -> Request {
        var request = Request()
        func place(_ text: String) -> Range<Int> {
            let start = request.headers.bytes.count
            request.headers.bytes.append(contentsOf: text.utf8)
            return start..<request.headers.bytes.count
        }
        request.methodRange = place(method)
        request.targetRange = place(target)
        request.pathRange = place(path)
        request.queryRange = query.map(place)
        request.authorityRange = authority.map(place)
        request.targetForm = form
        request.knownMethod = known
        for (name, value) in headers {
            let name = place(name)
            let value = place(value)
            request.headers.entries.append(
                Headers.Entry(
                    nameStart: name.lowerBound, nameCount: name.count,
                    valueStart: value.lowerBound, valueCount: value.count))
        }
        return request
    }

    @Test func `creates values of its parts when they are read`() {
        let request = request(
            "GET", "/a%20b?c=d", known: .get, path: "/a%20b", query: "c=d",
            headers: [("hOST", "example.com:80"), ("Accept", "*/*")])
        #expect(request.method == .get)
        #expect(request.target == "/a%20b?c=d")
        #expect(request.path == "/a%20b")
        #expect(request.query == "c=d")
        #expect(request.authority == "example.com:80")
        #expect(request.headers[.accept] == "*/*")
        #expect(request.description == "GET /a%20b?c=d")
    }

    @Test func `keeps an unknown method and its case`() {
        #expect(request("brew", "/", path: "/").method.rawValue == "brew")
    }

    @Test func `has a path in every form of target`() {
        #expect(request("OPTIONS", "*", form: .asterisk, path: "").path == "*")
        #expect(request("GET", "http://a", form: .absolute, path: "").path == "/")
    }

    @Test func `prefers the host of the target to the Host header`() {
        let request = request(
            "GET", "http://a/", form: .absolute, path: "/", authority: "a", headers: [("Host", "b")]
        )
        #expect(request.authority == "a")
        #expect(self.request("GET", "/", path: "/").authority == nil)
    }

    @Test func `converts to HTTPRequest`() {
        let theirs = request(
            "PUT", "/a?", known: .put, path: "/a", query: "",
            headers: [("Host", "b"), ("Accept", "c")]
        ).httpRequest(scheme: "https")
        #expect(theirs.method == .put && theirs.scheme == "https")
        #expect(theirs.authority == "b" && theirs.path == "/a?")
        #expect(theirs.headerFields[.accept] == "c")
    }

    @Test func `keeps its values when the exchange is reused`() {
        var one = request("GET", "/a", path: "/a")
        let kept = one
        one.headers.removeAll()
        #expect(kept.path == "/a" && kept.target == "/a")
    }

    @Test(arguments: KnownMethod.allCases)
    func `recognizes methods by their registered names`(_ known: KnownMethod) {
        #expect("\(known)".uppercased() == known.method.rawValue)
    }

    @Test func `orders versions`() {
        #expect(Request.Version.http10 < .http11)
    }
}
