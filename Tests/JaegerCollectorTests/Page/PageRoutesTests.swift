import HTTPTypes
import SpoorHTTP
import Testing

@testable import JaegerCollector

@Suite(.timeLimit(.minutes(10))) struct PageRoutesTests {
    @Test(arguments: ["/", "/search", "/search?service=a", "/trace/1"])
    func `the document is under the paths of Jaeger's page`(target: String) async throws {
        let answer = try await InProcessCollector().get(target)
        #expect(answer.status == 200)
        #expect(answer.contentType == "text/html; charset=utf-8")
        #expect(answer.text.hasPrefix("<!doctype html>"))
    }

    @Test(arguments: [
        ("/assets/page.css", "text/css; charset=utf-8"),
        ("/assets/page.js", "text/javascript; charset=utf-8"),
    ])
    func `style and script come from memory`(target: String, contentType: String) async throws {
        let answer = try await InProcessCollector().get(target)
        #expect(answer.status == 200)
        #expect(answer.contentType == contentType)
        #expect(answer.text.count > 1000)
    }

    @Test func `nothing but the page's own files may run`() async throws {
        let fields = try await InProcessCollector().get("/").fields
        let policy = try #require(fields[.contentSecurityPolicy])
        #expect(policy.contains("default-src 'none'"))
        #expect(!policy.contains("unsafe"))
        #expect(fields[.xContentTypeOptions] == "nosniff")
    }

    @Test func `data enters the document as text only`() async throws {
        let script = try await InProcessCollector().get("/assets/page.js").text
        for word in [
            "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(",
            "setAttribute(\"style",
        ] {
            #expect(!script.contains(word))
        }
        let page = try await InProcessCollector().get("/").text
        #expect(!page.contains("http://") || page.contains("xmlns='http://www.w3.org/2000/svg'"))
        #expect(!page.contains("https://"))
    }
}
