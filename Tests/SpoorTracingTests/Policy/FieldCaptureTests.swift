import HTTPTypes
import JaegerTracing
import SpoorHTTP
import TestSupport
import Testing

@testable import SpoorTracing

@Suite struct FieldCaptureTests {
    private func captured(_ patterns: FieldCapture, _ fields: Fields) -> [String] {
        patterns.captured(fields).map { "\($0.name)=\($0.values.joined(separator: "|"))" }
    }

    private func fields(_ pairs: (String, String)...) -> Fields {
        var fields = Fields()
        for (name, value) in pairs {
            if let name = HTTPField.Name(name) { fields.append(name, value) }
        }
        return fields
    }

    @Test func `only what is listed is noted, with all of its values`() {
        let fields = fields(
            ("X-A", "1"), ("Accept", "text/html"), ("x-a", "2"), ("Content-Type", "a/b"))
        #expect(captured([], fields) == [])
        #expect(captured(["x-A"], fields) == ["x-a=1|2"])
        #expect(captured(["x-*", "accept"], fields) == ["x-a=1|2", "accept=text/html"])
        #expect(captured(["*"], fields).count == 3)
        #expect(captured(["x-b", ""], fields) == [])
    }

    @Test(arguments: [
        "Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie", "X-Api-Key", "X-Auth-Token",
        "X-CSRF-Token", "X-Amz-Security-Token", "X-Client-Secret", "X-Session-Id",
        "WWW-Authenticate",
    ])
    func `secrets are noted only if they are named`(name: String) {
        let fields = fields((name, "one"), (name, "two"))
        #expect(captured(["*"], fields) == ["\(name.lowercased())=REDACTED"])
        #expect(
            captured(["*", FieldCaptureTests.star(name)], fields).first?.hasSuffix("=REDACTED")
                == true)
        #expect(captured(FieldCapture(["*", name]), fields) == ["\(name.lowercased())=one|two"])
    }

    private static func star(_ name: String) -> String { name + "*" }

    @Test func `a message with many names leaves room for other tags`() {
        var many = Fields()
        for number in 0..<200 {
            if let name = HTTPField.Name("x-\(number)") { many.append(name, "v") }
        }
        #expect(captured(["*"], many).count == 64)
    }

    @Test func `a field is a list of texts`() {
        var tags: [SpanTag] = []
        FieldCapture(["x-a"]).append(
            fields(("X-A", "1"), ("X-A", "2")), keyPrefix: "http.request.header.", to: &tags)
        #expect(tags == [SpanTag("http.request.header.x-a", .array(["1", "2"]))])
    }
}
