import HTTPTypes
import SpoorHTTP
import TestSupport
import Testing

@testable import JaegerCollector

@Suite(.finishes(within: .seconds(60))) struct PageRoutesTests {
    @Test(arguments: [
        "/", "/search", "/search?service=a", "/search?tags=null", "/search/", "/trace/1", "/trace",
        "/trace/", "/trace/%E0%A4",
    ])
    func `the document is under the paths of Jaeger's page`(target: String) async throws {
        let response = try await InProcessCollector().get(target)
        #expect(response.status == 200)
        #expect(response.contentType == "text/html; charset=utf-8")
        #expect(response.text.hasPrefix("<!doctype html>"))
    }

    @Test(arguments: [
        ("/assets/page.css", "text/css; charset=utf-8"),
        ("/assets/page.js", "text/javascript; charset=utf-8"),
        ("/assets/address.mjs", "text/javascript; charset=utf-8"),
        ("/assets/dom.mjs", "text/javascript; charset=utf-8"),
        ("/assets/search.mjs", "text/javascript; charset=utf-8"),
        ("/assets/terms.mjs", "text/javascript; charset=utf-8"),
        ("/assets/texts.mjs", "text/javascript; charset=utf-8"),
        ("/assets/trace.mjs", "text/javascript; charset=utf-8"),
        ("/assets/tree.mjs", "text/javascript; charset=utf-8"),
    ])
    func `style sheet and scripts are served from memory`(target: String, contentType: String)
        async throws
    {
        let response = try await InProcessCollector().get(target)
        #expect(response.status == 200)
        #expect(response.contentType == contentType)
        #expect(response.text.count > 1000)
    }

    @Test func `only the page's own files are executed`() async throws {
        let headers = try await InProcessCollector().get("/").headers
        let policy = try #require(headers[.contentSecurityPolicy])
        #expect(policy.contains("default-src 'none'"))
        #expect(!policy.contains("unsafe"))
        #expect(headers[.xContentTypeOptions] == "nosniff")
    }

    @Test func `every imported script is served`() async throws {
        var open = ["page.js"]
        var seen: Set<String> = []
        while let name = open.popLast() {
            guard seen.insert(name).inserted else { continue }
            let response = try await InProcessCollector().get("/assets/\(name)")
            #expect(response.status == 200, "\(name)")
            for line in response.text.split(separator: "\n") where line.hasPrefix("import ") {
                let parts = line.split(separator: "\"")
                try #require(parts.count == 3 && parts[1].hasPrefix("./"))
                open.append(String(parts[1].dropFirst(2)))
            }
        }
        #expect(seen.count == 8)
    }

    @Test func `an unknown path is not found`() async throws {
        let response = try await InProcessCollector().get("/nothing/here")
        #expect(response.status == 404)
        #expect(!response.text.isEmpty)
    }

    @Test func `the document has a text if no script runs`() async throws {
        let text = try await InProcessCollector().get("/").text
        #expect(text.contains("could not be loaded"))
        #expect(text.contains("<noscript>"))
    }

    @Test(arguments: [
        "page.js", "address.mjs", "dom.mjs", "search.mjs", "terms.mjs", "texts.mjs", "trace.mjs",
        "tree.mjs",
    ])
    func `data is inserted as text only`(name: String) async throws {
        let script = try await InProcessCollector().get("/assets/\(name)").text
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
