import HTTPTypes
import SpoorHTTP
import Testing

@testable import SpoorHTTP1

@Suite struct RequestSerializerTests {
    private func text(
        _ method: HTTPRequest.Method, _ target: String = "/", authority: String = "a",
        fields: Fields = Fields(), _ framing: MessageFraming = MessageFraming(length: .none)
    ) throws(RequestSerializingError) -> String {
        var output: [UInt8] = []
        do {
            try RequestSerializer.appendHead(
                method, target: target, authority: authority, fields: fields, framing: framing,
                to: &output)
        } catch {
            #expect(output.isEmpty)
            throw error
        }
        return String(decoding: output, as: UTF8.self)
    }

    @Test func `writes a head`() throws {
        #expect(try text(.get, "/a?b=c") == "GET /a?b=c HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(
            try text(
                .post, "/", authority: "[::1]:80",
                fields: [.contentType: "text/plain", .accept: "b"],
                MessageFraming(length: .bytes(12), connection: .close))
                == "POST / HTTP/1.1\r\nHost: [::1]:80\r\nContent-Type: text/plain\r\nAccept: b\r\n"
                + "Content-Length: 12\r\nConnection: close\r\n\r\n")
        #expect(
            try text(.put, "/", MessageFraming(length: .chunked))
                == "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        #expect(try text(.options, "*").hasPrefix("OPTIONS * HTTP/1.1\r\n"))
        #expect(try text(.connect, "b:1").hasPrefix("CONNECT b:1 HTTP/1.1\r\n"))
    }

    @Test func `leaves out the fields that are not the user's to write`() throws {
        var fields: Fields = [
            .contentLength: "9", .transferEncoding: "gzip", .connection: "x", .accept: "b",
        ]
        for name in ["Host", "Keep-Alive"] {
            if let name = HTTPField.Name(name) { fields.append(name, "evil") }
        }
        #expect(try text(.get, fields: fields) == "GET / HTTP/1.1\r\nHost: a\r\nAccept: b\r\n\r\n")
    }

    @Test(arguments: [
        "", "a", " /", "/ ", "/a b", "/\r\n", "/a\nb", "/\0", "/é", "/a#b", "*", "b:1", "/\t",
        "/\u{7F}",
        "/ HTTP/1.1\r\nX: y", "http://a/", "//\u{1}",
    ])
    func `refuses a target that would not be one`(_ target: String) {
        #expect(throws: RequestSerializingError.targetInvalid) { try text(.get, target) }
    }

    @Test(arguments: [
        "a b", "u@a", "a/b", "a\r\nX: y", "a,b", ":80", "[::1", "a\t", "a\0", "a?b", "a#b",
        "a:65536",
        "[a]", "a%zz",
    ])
    func `refuses an authority that would not be one`(_ authority: String) {
        #expect(throws: RequestSerializingError.authorityInvalid) {
            try text(.get, authority: authority)
        }
    }

    @Test func `refuses a field that would end the head early`() {
        #expect(throws: RequestSerializingError.field(FieldError(name: "Accept"))) {
            try text(.get, fields: [.accept: "a\r\nX: y"])
        }
        #expect(throws: RequestSerializingError.field(FieldError(name: "Accept"))) {
            try text(.get, fields: [.accept: "a\u{8}"])
        }
        #expect(throws: RequestSerializingError.targetInvalid) { try text(.connect, "/") }
    }
}
