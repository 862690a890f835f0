import HTTPTypes
import SpoorText
import TestSupport
import Testing

@testable import SpoorHTTP

@Suite struct RequestReplacementTests {
    @Test func `a new path keeps the query, the method and the headers`() {
        var request = Request.stub(.post, "/a/b?c=d")
        request.path = "/v2/a"
        #expect(request.path == "/v2/a")
        #expect(request.query == "c=d")
        #expect(request.target == "/v2/a?c=d")
        #expect(request.method == .post)
        #expect(request.authority == "localhost")
    }

    @Test func `a new query keeps the path, and nil removes it`() {
        var request = Request.stub(.get, "/a/b?c=d")
        request.query = "x=1"
        #expect(request.target == "/a/b?x=1")
        request.query = nil
        #expect(request.target == "/a/b")
        #expect(request.query == nil)
        request.query = ""
        #expect(request.target == "/a/b?")
    }

    @Test(arguments: [
        ("/a b", "/a%20b"), ("a", "/a"), ("", "/"), ("/a?b#c", "/a%3Fb%23c"),
        ("/50%", "/50%25"), ("/50%4", "/50%254"), ("/%zz", "/%25zz"), ("/%2f%2F", "/%2f%2F"),
        ("/é", "/%C3%A9"), ("/a\r\nX: y", "/a%0D%0AX:%20y"), ("/a\0", "/a%00"),
        ("/\"<>\\^`{|}[]", "/%22%3C%3E%5C%5E%60%7B%7C%7D%5B%5D"), ("//a", "//a"),
        ("/;,=:@&+$!*'()~._-", "/;,=:@&+$!*'()~._-"),
    ])
    func `a path is valid, whatever it is set to`(set: String, path: String) {
        var request = Request.stub(.get, "/?q")
        request.path = set
        #expect(request.target == path + "?q")
    }

    @Test(arguments: [("a=b c", "a=b%20c"), ("a#b", "a%23b"), ("/?:@", "/?:@"), ("%", "%25")])
    func `a query is valid, whatever it is set to`(set: String, query: String) {
        var request = Request.stub(.get, "/")
        request.query = set
        #expect(request.target == "/?" + query)
    }

    @Test func `new headers do not change the target`() throws {
        let name = try #require(HTTPField.Name("X-A"))
        var request = Request.stub(.get, "/a?b")
        request.headers[name] = "1"
        #expect(request.headers[name] == "1")
        request.headers = Headers([name: "2"])
        #expect(request.headers.count == 1)
        #expect(request.headers[name] == "2")
        #expect(request.target == "/a?b")
        #expect(request.method == .get)
        request.headers = Headers()
        #expect(request.headers.isEmpty)
        #expect(request.target == "/a?b")
        request.path = "/c"
        #expect(request.target == "/c?b")
    }

    @Test func `replacements end where they began`() throws {
        let transport = RecordingTransport()
        let exchange = Exchange.stub(.stub(.get, "/a"), over: transport)
        var request = exchange.request
        request.path = "/b"
        try exchange.replaceRequest(with: request)
        exchange.replaceClient(
            with: ClientInfo(address: .ipv4("192.0.2.1", port: 1), scheme: "https"))
        #expect(exchange.request.path == "/b")
        #expect(exchange.client.scheme == "https")
        exchange.withRequest(version: 0) {
            #expect(exchange.request.path == "/a")
            #expect(exchange.client.address == exchange.connection.peer)
        }
        exchange.withRequest(version: 1) {
            #expect(exchange.request.path == "/b")
            #expect(exchange.client.scheme == "http")
        }
        exchange.restoreRequest(version: 1)
        #expect(exchange.request.path == "/b")
        #expect(exchange.client.scheme == "http")
        exchange.restoreRequest(version: 0)
        #expect(exchange.request.path == "/a")
    }

    @Test func `parameters are readable in a changed copy, and after it`() throws {
        let transport = RecordingTransport()
        let exchange = Exchange.stub(.stub(.get, "/items/7"), over: transport)
        exchange.didRoute(RouteTemplate("/items/{id}", names: ["id"]))
        let start = exchange.request.pathRange.upperBound - 1
        exchange.state.value.parameterRanges = [start..<start + 1]
        var request = exchange.request
        request.path = "/things/8"
        try exchange.replaceRequest(with: request)
        #expect(exchange.parameters["id"] == "7")
        // As a router further in would set them.
        exchange.didRoute(RouteTemplate("/things/{id}", names: ["id"]))
        let end = exchange.request.pathRange.upperBound
        exchange.state.value.parameterRanges = [end - 1..<end]
        #expect(exchange.parameters["id"] == "8")
        exchange.restoreRequest(version: 0)
        #expect(exchange.request.path == "/items/7")
        #expect(exchange.parameters["id"] == "8")
    }

    @Test func `a request of another exchange does not replace one with parameters`() {
        let transport = RecordingTransport()
        let exchange = Exchange.stub(.stub(.get, "/items/7"), over: transport)
        exchange.didRoute(RouteTemplate("/items/{id}", names: ["id"]))
        let end = exchange.request.pathRange.upperBound
        exchange.state.value.parameterRanges = [end - 1..<end]
        for other in [Request(), .stub(.get, "/items/8")] {
            #expect(throws: RequestReplacementError.notDerived) {
                try exchange.replaceRequest(with: other)
            }
        }
        #expect(exchange.parameters["id"] == "7")
    }

    @Test func `a request of another exchange replaces none, with or without parameters`() {
        let exchange = Exchange.stub(
            .stub(.post, "/a", bodyLength: .bytes(2)), over: RecordingTransport())
        for other in [
            Request(), .stub(.get, "/a"), .stub(.post, "/b", bodyLength: .bytes(2)),
            .stub(.post, "/a"),
        ] {
            #expect(throws: RequestReplacementError.notDerived) {
                try exchange.replaceRequest(with: other)
            }
        }
        #expect(exchange.body.length == .bytes(2))
    }

    @Test func `a request is replaced after the one that contains the parameters`() throws {
        let exchange = Exchange.stub(.stub(.get, "/x"), over: RecordingTransport())
        let received = exchange.request
        var request = received
        request.path = "/items/8"
        try exchange.replaceRequest(with: request)
        exchange.didRoute(RouteTemplate("/items/{id}", names: ["id"]))
        let end = exchange.request.pathRange.upperBound
        exchange.state.value.parameterRanges = [end - 1..<end]
        exchange.restoreRequest(version: 0)
        request = received
        request.query = "y"
        try exchange.replaceRequest(with: request)
        #expect(exchange.request.target == "/x?y")
        #expect(exchange.parameters["id"] == "8")
    }

    @Test func `a request with a header that was rejected does not replace another`() throws {
        let transport = RecordingTransport()
        let exchange = Exchange.stub(over: transport)
        var request = exchange.request
        request.headers[.userAgent] = "a\nb"
        #expect(throws: RequestReplacementError.self) {
            try exchange.replaceRequest(with: request)
        }
        #expect(exchange.request.headers[.userAgent] == nil)
    }
}
