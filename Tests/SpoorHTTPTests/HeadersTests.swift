import HTTPTypes
import Testing

@testable import SpoorHTTP

@Suite struct HeadersTests {
    @Test func `finds a header case-insensitively`() throws {
        var headers = Headers()
        headers.append(try #require(HTTPField.Name("X-FOO")), "a")
        #expect(headers[try #require(HTTPField.Name("x-foo"))] == "a")
        #expect(headers.contains(try #require(HTTPField.Name("X-Foo"))))
        #expect(headers[.accept] == nil && !headers.contains(.accept))
    }

    @Test func `keeps order and duplicates`() {
        let headers: Headers = [.accept: "a", .cookie: "b", .accept: "c"]
        #expect(headers.count == 3 && !headers.isEmpty)
        #expect(headers.description == "Accept: a\nCookie: b\nAccept: c")
        #expect(headers.map(\.value) == ["a", "b", "c"])
        #expect(headers.values(of: .accept) == ["a", "c"])
        #expect(headers.values(of: .via).isEmpty)
    }

    @Test func `joins several values as the protocol allows`() {
        #expect(([.accept: "a", .accept: "b"] as Headers)[.accept] == "a, b")
        #expect(([.cookie: "a=1", .cookie: "b=2"] as Headers)[.cookie] == "a=1; b=2")
    }

    @Test func `replaces every header of a name when it is set`() {
        var headers: Headers = [.accept: "a", .cookie: "b", .accept: "c"]
        headers[.accept] = "d"
        #expect(headers.description == "Cookie: b\nAccept: d")
        headers[.cookie] = nil
        #expect(headers.description == "Accept: d")
        headers.remove(.cookie)
        headers.remove(.accept)
        #expect(headers.isEmpty)
    }

    @Test(
        arguments: [
            "a\rb", "a\nb", "a\0b", "\r\n", "a\r\nX-Injected: yes", "\0", "\u{7F}", "é\u{1F}é",
        ] + (1..<0x20).filter { $0 != 0x09 }.map { "a\(Character(Unicode.Scalar($0)))b" })
    func `rejects a value with a control byte`(_ value: String) {
        var headers: Headers = [.accept: "a"]
        headers.append(.location, value)
        #expect(headers.rejectedName == "Location")
        #expect(headers.description == "Accept: a")
        headers.append(.server, "b")
        #expect(headers.description == "Accept: a\nServer: b")
        headers.removeAll()
        #expect(headers.rejectedName == nil && headers.isEmpty && headers.bytes.isEmpty)
    }

    @Test(arguments: [
        "", " ", "é", "\t", "a\tb", "\u{80}😀", "~!", String(repeating: "x", count: 10_000),
    ])
    func `accepts any other value unchanged`(_ value: String) {
        let headers: Headers = [.accept: value]
        #expect(headers.rejectedName == nil && headers[.accept] == value)
    }

    @Test func `replaces its headers with those of another`() {
        var headers: Headers = [.accept: "a", .cookie: "b", .accept: "c"]
        headers.replace(with: [.accept: "d", .setCookie: "e", .setCookie: "f"])
        #expect(
            headers.description == "Cookie: b\nAccept: d\nSet-Cookie: e\nSet-Cookie: f")
        headers.replace(with: Headers())
        #expect(headers.count == 4)
    }

    @Test(arguments: [":path", ":status", ":x"])
    func `rejects the name of a pseudo-header`(_ name: String) throws {
        var headers: Headers = [.accept: "a"]
        headers.append(try #require(HTTPField.Name(parsed: name)), "/evil")
        #expect(headers.rejectedName == name && headers.description == "Accept: a")
        #expect(HeaderError(name: name).reason == .nameInvalid)
    }

    @Test func `keeps a rejection when it takes the headers of another`() {
        var headers = Headers()
        headers.replace(with: [.location: "a\r\nb"])
        #expect(headers.rejectedName == "Location")
        headers = [.server: "a"]
        headers.replace(with: [.location: "a\r\nb", .accept: "c"])
        #expect(headers.rejectedName == "Location")
        headers.replace(with: [.accept: "c"])
        #expect(headers.rejectedName == "Location")
    }

    @Test func `is equal to the same headers in the same order`() throws {
        let one: Headers = [.accept: "a", .cookie: "b"]
        var other = Headers()
        other.append(try #require(HTTPField.Name("ACCEPT")), "a")
        other.append(try #require(HTTPField.Name("cookie")), "b")
        #expect(one == other)
        #expect(one != [.cookie: "b", .accept: "a"])
        #expect(one != [.accept: "a"])
        #expect(one != [.accept: "A", .cookie: "b"])
    }

    @Test func `converts to HTTPFields and back`() {
        let headers: Headers = [.accept: "a", .setCookie: "b", .setCookie: "c"]
        let theirs = HTTPFields(headers)
        #expect(theirs[values: .setCookie] == ["b", "c"])
        #expect(Headers(theirs) == headers)
    }

    @Test func `returns names and values as bytes`() {
        let headers: Headers = [.accept: "a", .server: ""]
        var seen: [String] = []
        headers.forEach { name, value in
            seen.append("\(name.count):\(value.count)")
        }
        #expect(seen == ["6:1", "6:0"])
    }

    @Test func `states why a header is rejected`() {
        #expect(HeaderError(name: "X").reason == .valueInvalid)
        for reason: HeaderError.Reason? in [nil, .valueInvalid, .nameInvalid, .trailerForbidden] {
            let error = HeaderError(name: "X-Some", reason: reason)
            #expect(error.description.contains("X-Some") && error.description.contains("RFC 9110"))
        }
    }
}
