import HTTPTypes
import JaegerTracing
import SpoorHTTP
import TestSupport
import Testing

@testable import SpoorTracing

@Suite struct HeaderCaptureTests {
    private func captured(_ patterns: HeaderCapture, _ headers: Headers) -> [String] {
        patterns.captured(headers).map { "\($0.name)=\($0.values.joined(separator: "|"))" }
    }

    private func headers(_ pairs: (String, String)...) -> Headers {
        var headers = Headers()
        for (name, value) in pairs {
            if let name = HTTPField.Name(name) { headers.append(name, value) }
        }
        return headers
    }

    @Test func `only listed headers are recorded, with all of their values`() {
        let headers = headers(
            ("X-A", "1"), ("Accept", "text/html"), ("x-a", "2"), ("Content-Type", "a/b"))
        #expect(captured([], headers) == [])
        #expect(captured(["x-A"], headers) == ["x-a=1|2"])
        #expect(captured(["x-*", "accept"], headers) == ["x-a=1|2", "accept=text/html"])
        #expect(captured(["*"], headers).count == 3)
        #expect(captured(["x-b", ""], headers) == [])
    }

    @Test(arguments: [
        "Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie", "X-Api-Key", "X-Auth-Token",
        "X-CSRF-Token", "X-Amz-Security-Token", "X-Client-Secret", "X-Session-Id",
        "WWW-Authenticate",
    ])
    func `secrets are recorded only if their full name is listed`(name: String) {
        let headers = headers((name, "one"), (name, "two"))
        #expect(captured(["*"], headers) == ["\(name.lowercased())=REDACTED"])
        #expect(
            captured(["*", HeaderCaptureTests.star(name)], headers).first?.hasSuffix("=REDACTED")
                == true)
        #expect(captured(HeaderCapture(["*", name]), headers) == ["\(name.lowercased())=one|two"])
    }

    private static func star(_ name: String) -> String { name + "*" }

    @Test func `a message with many names leaves room for other tags`() {
        var many = Headers()
        for number in 0..<200 {
            if let name = HTTPField.Name("x-\(number)") { many.append(name, "v") }
        }
        #expect(captured(["*"], many).count == 64)
    }

    @Test func `a captured header is a list of texts`() {
        var tags: [SpanTag] = []
        HeaderCapture(["x-a"]).append(
            headers(("X-A", "1"), ("X-A", "2")), keyPrefix: "http.request.header.", to: &tags)
        #expect(tags == [SpanTag("http.request.header.x-a", .array(["1", "2"]))])
    }
}
