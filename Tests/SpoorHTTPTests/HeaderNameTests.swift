import HTTPTypes
import SpoorHTTP
import SpoorText
import Testing

@Suite struct HeaderNameTests {
    @Test func `a literal is a name`() {
        var headers: Headers = [.accept: "a", "X-Request-ID": "7"]
        #expect(headers["x-request-id"] == "7")
        #expect(headers[.accept] == "a" && headers["Accept"] == "a")
        headers.append("X-Request-ID", "8")
        headers.append("X-Bytes", bytes: [0xFF])
        #expect(headers.values(of: "X-REQUEST-ID") == ["7", "8"])
        #expect(headers[bytes: "X-Bytes"] == [0xFF])
        headers["X-Request-ID"] = "9"
        #expect(headers["X-Request-ID"] == "9" && headers.contains("X-Request-ID"))
        headers.remove("X-Request-ID")
        #expect(!headers.contains("X-Request-ID"))
        #expect("\(headers)" == "Accept: a\nX-Bytes: \u{FFFD}")
    }

    @Test func `a predefined name is still an HTTPField Name`() throws {
        let name = try #require(HTTPField.Name("X-Tenant"))
        let headers = Headers([name: "1", .eTag: "\"a\""])
        #expect(headers[name] == "1" && headers[.eTag] == "\"a\"")
        #expect(HeaderName(name) == "X-Tenant" && HeaderName.location.name == .location)
    }

    @Test func `a name that is not a token stops the program with a message`() async {
        let exit = await #expect(
            processExitsWith: .failure, observing: [\.standardErrorContent]
        ) {
            _ = Headers()["X Request"]
        }
        let text = String(decoding: exit?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains("invalid header name \"X Request\""))
    }
}
