import SpoorText
import Testing

@Suite struct ForwardedElementTests {
    @Test func `RFC 7239 has these forms`() throws {
        // P113
        let element = try #require(
            ForwardedElement.elements(
                ofForwarded: "for=\"[2001:db8::1]:4711\";proto=HTTPS;by=_x;host=a.example"
            ).first)
        #expect(element.client?.address == IPAddress("2001:db8::1"))
        #expect(element.client?.port == "4711")
        #expect(element.proxy?.name == "_x" && element.proxy?.address == nil)
        #expect(element.scheme == "https" && element.host == "a.example")
        let names = ForwardedElement.elements(
            ofForwarded: "for=unknown, for=\"_a:_p\",, For = 1, for=1.2.3.4;for=5.6.7.8, for=_b")
        #expect(
            names.map { $0.client.map { "\($0)" } } == ["unknown", "_a:_p", nil, nil, "_b"])
        #expect(names[0].client?.isUnknown == true)
    }

    @Test func `an unclosed quote hides what follows in its line only`() {
        let elements = ["for=\"a, for=1.1.1.1", "for=192.0.2.1"].flatMap {
            ForwardedElement.elements(ofForwarded: $0)
        }
        #expect(elements.map { $0.client?.name } == [nil, "192.0.2.1"])
    }

    @Test func `an unclosed quote of the client does not move its element to the place of a proxy`()
    {
        // The client has sent `for=192.0.2.66, for="`; two proxies have appended their elements.
        let elements = ForwardedElement.elements(
            ofForwarded: "for=192.0.2.66, for=\", for=192.0.2.7, for=\"10.0.0.1:80\"")
        #expect(elements.map { $0.client?.name } == [nil, nil])
        let later = ForwardedElement.elements(
            ofForwarded: "for=192.0.2.66, for=\"x, for=192.0.2.7, for=\"10.0.0.1\", for=10.0.0.2")
        #expect(later.allSatisfy { $0.client == nil })
    }

    @Test func `lists of X-Forwarded are aligned at their ends`() {
        let elements = ForwardedElement.elements(
            ofXForwardedFor: "1.1.1.1, 2001:db8::7 ,192.0.2.1:80, x y", host: "a, b", proto: "HTTP")
        #expect(
            elements.map { $0.client?.name } == ["1.1.1.1", "2001:db8::7", "192.0.2.1", nil])
        #expect(elements.map(\.host) == ["a", "a", "a", "b"])
        #expect(elements.allSatisfy { $0.scheme == "http" })
    }

    @Test(arguments: [
        "", "a", "1.2.3", "[::1", "[1.2.3.4]", "1.2.3.4:", "1.2.3.4:123456", "1.2.3.4:x", "_",
        "_a b",
        "u@1.2.3.4", "[::1]x", "unknown x",
    ])
    func `anything else is not a node`(text: String) {
        #expect(ForwardedElement.Node(text) == nil)
    }
}
