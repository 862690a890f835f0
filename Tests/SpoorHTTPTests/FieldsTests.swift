import HTTPTypes
import Testing

@testable import SpoorHTTP

@Suite struct FieldsTests {
    @Test func `finds a field whatever the case of its name`() throws {
        var fields = Fields()
        fields.append(try #require(HTTPField.Name("X-FOO")), "a")
        #expect(fields[try #require(HTTPField.Name("x-foo"))] == "a")
        #expect(fields.contains(try #require(HTTPField.Name("X-Foo"))))
        #expect(fields[.accept] == nil && !fields.contains(.accept))
    }

    @Test func `keeps order and duplicates`() {
        let fields: Fields = [.accept: "a", .cookie: "b", .accept: "c"]
        #expect(fields.count == 3 && !fields.isEmpty)
        #expect(fields.description == "Accept: a\nCookie: b\nAccept: c")
        #expect(fields.map(\.value) == ["a", "b", "c"])
        #expect(fields.values(of: .accept) == ["a", "c"])
        #expect(fields.values(of: .via).isEmpty)
    }

    @Test func `joins several values as the protocol allows`() {
        #expect(([.accept: "a", .accept: "b"] as Fields)[.accept] == "a, b")
        #expect(([.cookie: "a=1", .cookie: "b=2"] as Fields)[.cookie] == "a=1; b=2")
    }

    @Test func `replaces every field of a name when it is set`() {
        var fields: Fields = [.accept: "a", .cookie: "b", .accept: "c"]
        fields[.accept] = "d"
        #expect(fields.description == "Cookie: b\nAccept: d")
        fields[.cookie] = nil
        #expect(fields.description == "Accept: d")
        fields.remove(.cookie)
        fields.remove(.accept)
        #expect(fields.isEmpty)
    }

    @Test(
        arguments: [
            "a\rb", "a\nb", "a\0b", "\r\n", "a\r\nX-Injected: yes", "\0", "\u{7F}", "é\u{1F}é",
        ] + (1..<0x20).filter { $0 != 0x09 }.map { "a\(Character(Unicode.Scalar($0)))b" })
    func `refuses a value with a control byte`(_ value: String) {
        var fields: Fields = [.accept: "a"]
        fields.append(.location, value)
        #expect(fields.refusedName == "Location")
        #expect(fields.description == "Accept: a")
        fields.append(.server, "b")
        #expect(fields.description == "Accept: a\nServer: b")
        fields.removeAll()
        #expect(fields.refusedName == nil && fields.isEmpty && fields.bytes.isEmpty)
    }

    @Test(arguments: [
        "", " ", "é", "\t", "a\tb", "\u{80}😀", "~!", String(repeating: "x", count: 10_000),
    ])
    func `takes any other value as it is`(_ value: String) {
        let fields: Fields = [.accept: value]
        #expect(fields.refusedName == nil && fields[.accept] == value)
    }

    @Test func `takes the fields of another in place of its own`() {
        var fields: Fields = [.accept: "a", .cookie: "b", .accept: "c"]
        fields.replace(with: [.accept: "d", .setCookie: "e", .setCookie: "f"])
        #expect(
            fields.description == "Cookie: b\nAccept: d\nSet-Cookie: e\nSet-Cookie: f")
        fields.replace(with: Fields())
        #expect(fields.count == 4)
    }

    @Test(arguments: [":path", ":status", ":x"])
    func `refuses the name of a pseudo-header`(_ name: String) throws {
        var fields: Fields = [.accept: "a"]
        fields.append(try #require(HTTPField.Name(parsed: name)), "/evil")
        #expect(fields.refusedName == name && fields.description == "Accept: a")
        #expect(FieldError(name: name).reason == .nameInvalid)
    }

    @Test func `does not forget a refusal when it takes the fields of another`() {
        var fields = Fields()
        fields.replace(with: [.location: "a\r\nb"])
        #expect(fields.refusedName == "Location")
        fields = [.server: "a"]
        fields.replace(with: [.location: "a\r\nb", .accept: "c"])
        #expect(fields.refusedName == "Location")
        fields.replace(with: [.accept: "c"])
        #expect(fields.refusedName == "Location")
    }

    @Test func `is equal to the same fields in the same order`() throws {
        let one: Fields = [.accept: "a", .cookie: "b"]
        var other = Fields()
        other.append(try #require(HTTPField.Name("ACCEPT")), "a")
        other.append(try #require(HTTPField.Name("cookie")), "b")
        #expect(one == other)
        #expect(one != [.cookie: "b", .accept: "a"])
        #expect(one != [.accept: "a"])
        #expect(one != [.accept: "A", .cookie: "b"])
    }

    @Test func `goes to the ecosystem's own type and back`() {
        let fields: Fields = [.accept: "a", .setCookie: "b", .setCookie: "c"]
        let theirs = HTTPFields(fields)
        #expect(theirs[values: .setCookie] == ["b", "c"])
        #expect(Fields(theirs) == fields)
    }

    @Test func `gives names and values as bytes`() {
        let fields: Fields = [.accept: "a", .server: ""]
        var seen: [String] = []
        fields.forEach { name, value in
            seen.append("\(name.count):\(value.count)")
        }
        #expect(seen == ["6:1", "6:0"])
    }

    @Test func `says why a field is refused`() {
        #expect(FieldError(name: "X").reason == .valueInvalid)
        for reason: FieldError.Reason? in [nil, .valueInvalid, .nameInvalid, .trailerForbidden] {
            let error = FieldError(name: "X-Some", reason: reason)
            #expect(error.description.contains("X-Some") && error.description.contains("RFC 9110"))
        }
    }
}
